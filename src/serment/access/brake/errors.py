"""How the brake stops somebody."""

from typing import ClassVar

from serment.access.brake.model import Hold, Measure
from serment.kernel import SermentError


class Braked(SermentError):
    """The brake stopped an act that the rules allow."""

    code: ClassVar[str] = "access.braked"
    #: The word for it in the trail.
    reason: ClassVar[str] = "braked"


class BudgetSpent(Braked):
    """More than this account reaches in ordinary work: a reason and a factor are asked for, once.

    `hold` says whose budget it is: the account's own, or the organisation's for looks without a relation.
    """

    code: ClassVar[str] = "access.budget-spent"
    reason: ClassVar[str] = "budget-spent"

    def __init__(self, measure: Measure, hold: Hold = Hold.ACCOUNT) -> None:
        super().__init__(f"{hold} {measure}")
        self.measure = measure
        self.hold = hold


class AccountFrozen(Braked):
    """The account opens nothing until somebody else has looked into it. It says nothing of any dossier."""

    code: ClassVar[str] = "access.account-frozen"
    reason: ClassVar[str] = "account-frozen"


class NothingHeld(SermentError):
    """A reason was given where none is asked for."""

    code: ClassVar[str] = "access.nothing-held"


class FreezeNotFound(SermentError):
    """No such freeze in the caller's organisation, or it was ended, or it is the caller's own."""

    code: ClassVar[str] = "access.freeze-not-found"
