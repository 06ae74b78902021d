"""The matrix of rights: what each profession does, and every version that the organisation adopted."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity, kernel
from serment.access import Matrix, MatrixVersion
from serment.edge.desk import Desk
from serment.edge.pages.entrance.administration.counter import tabs
from serment.edge.pages.frame import enter
from serment.edge.pages.service.matrix_changes import changes_between
from serment.edge.pages.service.matrix_proposals import WHOLE_LETTERS, whole_lists
from serment.edge.pages.service.matrix_words import (
    ACTION_WORDS,
    RELATION_WORDS,
    WHOLE_WORDS,
    does_words,
    who_word,
)
from serment.edge.pages.vocabulary import SECTION_WORDS
from serment.edge.shell import PageNotFound

MATRIX = "/administration/matrix"
_ANSWERABLE = frozenset({identity.Role.ADMINISTRATOR, identity.Role.DPO})
#: What every page of the matrix says with.
WORDS = {
    "relations": RELATION_WORDS,
    "sections": SECTION_WORDS,
    "actions": {**ACTION_WORDS, **WHOLE_WORDS},
    "who_word": who_word,
    "does": does_words,
}


class MatrixPages:
    """Shown to administrators and to the data protection officer of the organisation."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show the matrix that holds, and the versions before it."""
        caller = enter_matrix(self._desk, request)
        with self._desk.database.reading() as uow:
            held, versions = (
                access.current_matrix(uow, caller.organisation),
                access.matrix_history(uow, caller),
            )
            names = _names(uow, versions)
        return self._show(request, caller, held, versions, names)

    def version(self, request: Request) -> Response:
        """Show one version, and what it changed."""
        caller, asked = enter_matrix(self._desk, request), int(request.path_params["version"])
        with self._desk.database.reading() as uow:
            versions = access.matrix_history(uow, caller)
            names = _names(uow, versions)
        matrix = matrix_numbered(versions, asked)
        if matrix is None:
            raise PageNotFound(request.url.path)
        return self._show(request, caller, matrix, versions, names)

    def _show(
        self,
        request: Request,
        caller: identity.Caller,
        matrix: Matrix,
        versions: tuple[MatrixVersion, ...],
        names: dict[kernel.AccountId, str],
    ) -> Response:
        before = matrix_numbered(versions, matrix.version - 1)
        held = versions[0].matrix.version if versions else 0
        return self._desk.pages.show(
            request,
            "service/matrix.html",
            said=WORDS,
            here="people" if caller.role is identity.Role.ADMINISTRATOR else "matrix",
            tabs=tabs(self._desk.pages.tongue(request).words, "matrix"),
            administers=caller.role is identity.Role.ADMINISTRATOR,
            matrix=matrix,
            adopted=next((one for one in versions if one.matrix.version == matrix.version), None),
            versions=versions,
            names=names,
            held=held,
            changes=() if before is None else changes_between(before, matrix),
            every_relation=access.RELATIONS,
            whos_of=access.whos_of,
            wholes=WHOLE_LETTERS,
            doers=whole_lists(matrix),
        )


def enter_matrix(desk: Desk, request: Request) -> identity.Caller:
    """Return the administrator or data protection officer who is asking; for anybody else there is no such page.

    Raises:
        SessionUnknown, SessionExpired: nobody is signed in, or no longer.
        NotPermitted: the caller has another role.
    """
    caller = enter(desk, request)
    if caller.role not in _ANSWERABLE:
        raise identity.NotPermitted(caller.role)
    return caller


def matrix_numbered(versions: tuple[MatrixVersion, ...], number: int) -> Matrix | None:
    """Return the version with that number; 0 is the matrix that is shipped."""
    if number == 0:
        return access.SHIPPED
    return next((one.matrix for one in versions if one.matrix.version == number), None)


def _names(uow: kernel.UnitOfWork, versions: tuple[MatrixVersion, ...]) -> dict[kernel.AccountId, str]:
    return dict(identity.names_of(uow, {one.adopted_by for one in versions}))
