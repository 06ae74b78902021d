"""Adopting a matrix: an administrator decides for their organisation, in the open, and reads nothing by it."""

from dataclasses import replace
from hashlib import sha256

from serment import identity, kernel, ledger
from serment.access.brake.errors import AccountFrozen
from serment.access.brake.office import insist_on_office
from serment.access.matrix import bounds, store
from serment.access.matrix.errors import MatrixInvalid, MatrixOutdated
from serment.access.matrix.model import Matrix, MatrixVersion
from serment.access.matrix.queries import current, place_of
from serment.access.model import Purpose


def adopt(
    uow: kernel.UnitOfWork, caller: identity.Caller, proposed: Matrix, expected_version: int
) -> MatrixVersion:
    """Make a matrix hold for the caller's organisation, from the next decision on.

    To go back to an earlier version is to adopt its rules anew: versions only follow one another.

    Raises:
        NotPermitted, AccountFrozen: the caller is no administrator, or their account was stopped; traced.
        StepUpNeeded: they proved no factor lately.
        MatrixOutdated: another version holds than the one that the change was made from.
        MatrixInvalid: the matrix goes beyond its bounds, or changes nothing.
    """
    try:
        insist_on_office(uow, caller, {identity.Role.ADMINISTRATOR})
    except (identity.NotPermitted, AccountFrozen):
        ledger.record(uow, _trace(caller, {}, ledger.Outcome.REFUSED))
        raise
    identity.require_step_up(caller, uow.now)
    bounds.check(proposed)
    held = current(uow, caller.organisation)
    if held.version != expected_version:
        raise MatrixOutdated(str(held.version))
    if replace(proposed, version=held.version) == held:
        raise MatrixInvalid("unchanged")
    matrix = replace(proposed, version=held.version + 1)
    return _write(uow, caller, MatrixVersion(matrix, caller.organisation, caller.account, uow.now))


def _write(uow: kernel.UnitOfWork, caller: identity.Caller, adopted: MatrixVersion) -> MatrixVersion:
    version = adopted.matrix.version
    digest = sha256(store.insert_version(uow, adopted)).digest()
    place = place_of(adopted.organisation, version)
    ledger.anchor(uow, place, digest, organisation=adopted.organisation)
    detail = {"version": str(version), "digest": digest.hex()}
    ledger.record(uow, _trace(caller, detail, ledger.Outcome.ALLOWED))
    return adopted


def _trace(caller: identity.Caller, detail: dict[str, str], outcome: ledger.Outcome) -> ledger.Trace:
    return ledger.Trace(
        kind="matrix.adopted", actor=caller.actor, organisation=caller.organisation, dossier=None,
        category="matrix", purpose=Purpose.ADMINISTRATION.value, outcome=outcome, detail=detail,
    )  # fmt: skip
