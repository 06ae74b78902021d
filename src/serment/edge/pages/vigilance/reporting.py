"""An incident put down by hand, as somebody fills it in: what happened, and perhaps by whose account."""

from dataclasses import dataclass, field

from serment import identity, kernel, vigilance
from serment.edge.pages.vigilance.asked import NOBODY_HERE, colleague_in
from serment.edge.shell import Form, Words, mark

LONGEST = 2000
_SAY_WHAT = mark("Écrivez ce qui s'est passé.")


@dataclass
class Reported:
    """What was filled in, and what is wrong with it by field."""

    words: str
    login: str
    errors: dict[str, str] = field(default_factory=dict)


def read_reported(form: Form) -> Reported:
    """Return what a form holds."""
    return Reported(form.get("words")[:LONGEST].strip(), form.get("login")[:200].strip())


def suspect_in(
    uow: kernel.UnitOfWork, caller: identity.Caller, reported: Reported, words: Words
) -> kernel.AccountId | None:
    """Return whose acts are in question, None for nobody's; what is wrong is left in `reported.errors`."""
    vigilance.insist_on_officer(uow, caller)
    if not reported.words:
        reported.errors["words"] = words.say(_SAY_WHAT)
    if not reported.login:
        return None
    account = colleague_in(uow, caller, reported.login)
    if account is None:
        reported.errors["login"] = words.say(NOBODY_HERE)
    return account
