"""Changing the matrix: one row is set, its effects are told in people and dossiers, then it is adopted."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity, kernel
from serment.access import Effect, Matrix, Relation, Section, Who
from serment.edge.desk import Desk
from serment.edge.pages.confirming import is_confirmed, lead_to_confirming
from serment.edge.pages.entrance.administration.counter import enter_administration
from serment.edge.pages.service.matrix import MATRIX, WORDS
from serment.edge.pages.service.matrix_changes import changes_between
from serment.edge.pages.service.matrix_proposals import (
    LETTERS,
    WHOLE_LETTERS,
    Fields,
    Proposal,
    ReturnProposal,
    RowProposal,
    read_proposal,
    read_row,
    whole_lists,
)
from serment.edge.pages.service.matrix_words import RULE_WORDS, WHOLE_WORDS
from serment.edge.shell import PageNotFound, mark, read_form

_UNSAID = mark("La loi fixe des bornes à ce qui s'ouvre.")
_ADOPTED = mark("Règles adoptées : elles valent dès la prochaine décision.")


@dataclass(frozen=True)
class _Proposed:
    """A change held against the matrix that it is made from."""

    proposal: Proposal
    held: Matrix
    matrix: Matrix


class MatrixEditingPages:
    """What administrators do with the matrix. They read nothing by it: no row speaks of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def edit(self, request: Request) -> Response:
        """Show one row as a form."""
        caller, row = enter_administration(self._desk, request), read_row(request.query_params.getlist)
        if row is None:
            raise PageNotFound(request.url.path)
        relation, who = row
        with self._desk.database.reading() as uow:
            held = access.current_matrix(uow, caller.organisation)
        return self._desk.pages.show(
            request,
            "service/matrix-row.html",
            said=WORDS,
            here="people",
            held=held,
            relation=relation,
            who=who,
            rights=held.rights(relation, who),
            letters=LETTERS,
            whole=WHOLE_LETTERS.get(relation, {}),
            whole_words=WHOLE_WORDS,
            doers=whole_lists(held),
        )

    def preview(self, request: Request) -> Response:
        """Say what a change gives and takes, before anybody adopts it."""
        caller = enter_administration(self._desk, request)
        with self._desk.database.reading() as uow:
            proposed = _proposed(uow, caller, request.query_params.getlist)
            effects, broken = _effects(uow, caller, proposed.matrix)
        proposal = proposed.proposal
        return self._desk.pages.show(
            request,
            "service/matrix-preview.html",
            status=422 if broken is not None else 200,
            said=WORDS,
            here="people",
            held=proposed.held,
            changes=changes_between(proposed.held, proposed.matrix),
            effects=effects,
            headlines=_headlines(effects),
            broken=None if broken is None else RULE_WORDS.get(broken.rule, _UNSAID),
            broken_at=None if broken is None else _place_of(broken),
            fields=_fields_of(proposal),
            version=proposal.version if isinstance(proposal, ReturnProposal) else None,
            back=_row_address(proposal) if isinstance(proposal, RowProposal) else MATRIX,
        )

    def adopt(self, request: Request) -> Response:
        """Adopt a change; a factor is proved again first."""
        caller, form = enter_administration(self._desk, request), read_form(request)
        sure = is_confirmed(self._desk, caller)
        with self._desk.database.unit_of_work() as uow:
            proposed = _proposed(uow, caller, lambda name: list(form.all(name)))
            if sure:
                access.adopt_matrix(uow, caller, proposed.matrix, proposed.proposal.base)
        if not sure:
            return lead_to_confirming(self._desk, f"{MATRIX}/preview?{proposed.proposal.query()}")
        return self._desk.pages.go(MATRIX, notice=_ADOPTED)


def _proposed(uow: kernel.UnitOfWork, caller: identity.Caller, fields: Fields) -> _Proposed:
    proposal = read_proposal(fields)
    if proposal is None:
        raise PageNotFound(MATRIX)
    held = access.current_matrix(uow, caller.organisation)
    if proposal.base != held.version:
        raise access.MatrixOutdated(str(held.version))
    return _Proposed(proposal, held, proposal.applied(held, access.matrix_history(uow, caller)))


def _effects(
    uow: kernel.UnitOfWork, caller: identity.Caller, matrix: Matrix
) -> tuple[tuple[Effect, ...], access.MatrixInvalid | None]:
    """Return what a matrix would give and take, or else the bound that it breaks."""
    try:
        return access.preview_matrix(uow, caller, matrix), None
    except access.MatrixInvalid as broken:
        return (), broken


def _place_of(broken: access.MatrixInvalid) -> tuple[Relation, Who, Section] | None:
    """Return the row and section where a bound is broken; None when it concerns the matrix as a whole."""
    relation, _, rest = broken.place.partition(".")
    who, _, section = rest.rpartition(".")
    row = read_row(lambda name: [{"relation": relation, "who": who}[name]])
    return None if row is None or section not in list(Section) else (*row, Section(section))


def _headlines(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Return the effects worth a sentence of their own: the widest gain, then the widest loss."""
    gains = sorted(effects, key=lambda one: (one.gained_dossiers, one.gained_people), reverse=True)
    losses = sorted(effects, key=lambda one: (one.lost_dossiers, one.lost_people), reverse=True)
    widest = [one for one in gains[:1] if one.gained_people] + [one for one in losses[:1] if one.lost_people]
    return tuple(dict.fromkeys(widest))


def _fields_of(proposal: Proposal) -> list[tuple[str, str]]:
    return [(name, text) for name, _, text in (part.partition("=") for part in proposal.query().split("&"))]


def _row_address(proposal: RowProposal) -> str:
    return f"{MATRIX}/edit?relation={proposal.relation}&who={proposal.who or ''}"
