"""How the terms of a delegation are sealed: under a key of the organisation, bound to its dossier and its account.

They are opened before a decision is taken, so no warrant can be asked for them; the key is not one of a dossier.
Source: docs/formats/rows.md, "Delegations".
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from serment import kernel, vault
from serment.access.delegations.model import Delegation, DelegationId, Terms
from serment.access.model import DelegateKind, Section

COMPARTMENT = "delegations"


def seal_terms(uow: kernel.UnitOfWork, of: Delegation) -> bytes:
    """Return the terms of a delegation, sealed for their row."""
    context = context_of(of.organisation, of.id)
    return uow.part(vault.Keyring).seal(_encode(of.dossier, of.account, of.terms), context)


def open_terms(uow: kernel.UnitOfWork, row: Mapping[str, Any]) -> Terms:
    """Return the terms that were sealed for this very row.

    Raises:
        SealBroken: they were altered, or the row names another dossier or account than was sealed.
    """
    context = context_of(row["organisation"], row["id"])
    said = json.loads(uow.part(vault.Keyring).unseal(row["sealed"], context))
    if (said["dossier"], said["account"]) != (str(row["dossier"]), _text(row["account"])):
        raise vault.SealBroken(context.place)
    sections = None if said["sections"] is None else frozenset(map(Section, said["sections"]))
    ends_at = None if said["ends"] is None else datetime.fromisoformat(said["ends"])
    return Terms(DelegateKind(said["kind"]), sections, ends_at, with_majority=said["majority"])


def context_of(organisation: kernel.OrganisationId, delegation: DelegationId) -> vault.SealContext:
    """Return the place of the terms of one delegation."""
    scope = vault.Scope(organisation, None, COMPARTMENT)
    return vault.SealContext(scope, "delegation", delegation)


def moved_to(of: Delegation, ends_at: datetime) -> Delegation:
    """Return a delegation with another end."""
    return replace(of, terms=replace(of.terms, ends_at=ends_at))


def _encode(dossier: kernel.DossierId, account: kernel.AccountId | None, terms: Terms) -> bytes:
    return kernel.canonical_json(
        {
            "dossier": str(dossier),
            "account": _text(account),
            "kind": terms.kind.value,
            "sections": None if terms.sections is None else sorted(terms.sections),
            "ends": None if terms.ends_at is None else terms.ends_at.isoformat(),
            "majority": terms.with_majority,
        }
    )


def _text(account: kernel.AccountId | None) -> str | None:
    return None if account is None else str(account)
