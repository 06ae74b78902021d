"""Remove a second factor; never the last one."""

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.security import HERE
from serment.edge.pages.entrance.account.words import FACTOR_WORDS
from serment.edge.pages.frame import enter
from serment.edge.shell import mark


class RemovalPage:
    """The effect first, then the act."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Say what removing does."""
        caller, wanted = enter(self._desk, request), request.path_params["factor"]
        identity.require_step_up(caller, self._desk.database.clock.now())
        with self._desk.database.reading() as uow:
            known = {factor.id: factor for factor in identity.list_factors(uow, caller)}
            others = identity.usable_factors(uow, caller, self._desk.entrance.rules) - {wanted}
        if wanted not in known:
            raise identity.FactorNotFound(str(wanted))
        factor = known[wanted]
        return self._desk.pages.show(
            request, "account/remove-factor.html", here="account", label=factor.label,
            word=FACTOR_WORDS[factor.kind], last=not others, back=HERE,
        )  # fmt: skip

    def remove(self, request: Request) -> Response:
        """Remove it."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            factor = identity.FactorId(request.path_params["factor"])
            identity.remove_factor(uow, caller, factor, self._desk.entrance.rules)
        return self._desk.pages.go(HERE, notice=mark("Second facteur retiré."))
