"""Which matrix holds, and which held before."""

from collections.abc import Iterator
from hashlib import sha256

from serment import identity, kernel, ledger
from serment.access.brake.office import insist_on_office
from serment.access.matrix import store
from serment.access.matrix.model import Matrix, MatrixVersion
from serment.access.matrix.wording import SHIPPED

_ANSWERABLE = frozenset({identity.Role.ADMINISTRATOR, identity.Role.DPO})


def current(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> Matrix:
    """Return the matrix that holds for the dossiers of an organisation."""
    newest = store.load_newest(uow, organisation)
    return SHIPPED if newest is None else newest.matrix


def version_of(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId | None, version: int) -> Matrix:
    """Return the version whose number is known; 0 is the matrix that is shipped, and asks nothing."""
    if version == 0 or organisation is None:
        return SHIPPED
    return store.load_version(uow, organisation, version).matrix


def history(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[MatrixVersion, ...]:
    """Return every version that the caller's organisation adopted, newest first: who decided what, and when.

    Raises:
        NotPermitted: the caller is neither an administrator nor the data protection officer.
        AccountFrozen: the caller's account was stopped.
    """
    insist_on_office(uow, caller, _ANSWERABLE)
    return store.load_all(uow, caller.organisation)


def check_matrices(uow: kernel.UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Yield every version of every organisation, to be held against the ledger."""
    for organisation, version, text in store.load_texts(uow):
        yield ledger.CheckedRow(place_of(organisation, version), sha256(text).digest())


def place_of(organisation: kernel.OrganisationId, version: int) -> str:
    """Return the name of a version in the ledger."""
    return f"matrix/{organisation}/{version}"
