"""Who may do what with which dossier, and the one decision that says so."""

from serment.access.care_team import (
    admit_to_care_team,
    care_team,
    custodian,
    end_participation,
    join_care_team,
    open_dossier,
)
from serment.access.decision import decide, decide_listed, foresee, refuse_absent
from serment.access.errors import (
    AccessRefused,
    AlreadyInCareTeam,
    GrantInvalid,
    GrantNotFound,
    NotAdmissible,
    NotInCareTeam,
    PermitMismatch,
)
from serment.access.grants import (
    grant_access,
    grants_of,
    link_patient,
    my_dossiers,
    patient_accounts,
    revoke_grant,
)
from serment.access.model import (
    Action,
    EntryId,
    Grant,
    GrantId,
    GrantRequest,
    Participation,
    Permit,
    Purpose,
    Reach,
    Relation,
    Section,
)
from serment.access.policy import MANAGES_TEAM, READS_TRAIL, reaches
from serment.access.trail import read_trail

__all__ = [
    "MANAGES_TEAM",
    "READS_TRAIL",
    "AccessRefused",
    "Action",
    "AlreadyInCareTeam",
    "EntryId",
    "Grant",
    "GrantId",
    "GrantInvalid",
    "GrantNotFound",
    "GrantRequest",
    "NotAdmissible",
    "NotInCareTeam",
    "Participation",
    "Permit",
    "PermitMismatch",
    "Purpose",
    "Reach",
    "Relation",
    "Section",
    "admit_to_care_team",
    "care_team",
    "custodian",
    "decide",
    "decide_listed",
    "end_participation",
    "foresee",
    "grant_access",
    "grants_of",
    "join_care_team",
    "link_patient",
    "my_dossiers",
    "open_dossier",
    "patient_accounts",
    "reaches",
    "read_trail",
    "refuse_absent",
    "revoke_grant",
]
