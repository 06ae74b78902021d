"""Who acts for a patient: parents, guardians, trusted persons; from a start to an end (LAW-44, F21)."""

from serment.access.delegations.checks import check_delegations
from serment.access.delegations.codes import claim_delegation, offer_delegation
from serment.access.delegations.errors import (
    AlreadyDelegate,
    DelegationCodeRefused,
    DelegationInvalid,
    DelegationNotFound,
)
from serment.access.delegations.majority import Majority
from serment.access.delegations.model import (
    Delegation,
    DelegationCode,
    DelegationId,
    DelegationRequest,
)
from serment.access.delegations.operations import (
    delegate,
    end_delegation,
    redate_delegations,
    renounce_delegation,
)
from serment.access.delegations.policy import LONGEST_PROOF, TRUSTABLE
from serment.access.delegations.queries import delegations_of, my_delegations

__all__ = [
    "LONGEST_PROOF",
    "TRUSTABLE",
    "AlreadyDelegate",
    "Delegation",
    "DelegationCode",
    "DelegationCodeRefused",
    "DelegationId",
    "DelegationInvalid",
    "DelegationNotFound",
    "DelegationRequest",
    "Majority",
    "check_delegations",
    "claim_delegation",
    "delegate",
    "delegations_of",
    "end_delegation",
    "my_delegations",
    "offer_delegation",
    "redate_delegations",
    "renounce_delegation",
]
