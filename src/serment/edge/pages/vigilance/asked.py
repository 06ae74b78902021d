"""The question of an inquiry as somebody fills it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from serment import identity, kernel, vigilance
from serment.edge.shell import Form, Speech, Words, mark

NOBODY_HERE = mark("Aucun compte de votre organisation n'a cet identifiant.")
_UNKNOWN = mark("Aucun compte de votre organisation n'a cet identifiant ; pour une autre, donnez son numéro.")
_NO_NUMBER = mark("Donnez le numéro, tel que la trace le montre.")
_NO_HOUR = mark("Donnez un jour et une heure qui existent.")
_NO_WINDOW = mark("La fin vient après le début.")
_NO_REASON = mark("Dites pourquoi vous le demandez.")
_LOCAL = "%Y-%m-%dT%H:%M"
_DAY = timedelta(days=1)
LONGEST_REASON = 200


@dataclass
class Asked:
    """What was filled in, and what is wrong with it by field."""

    by: str
    subject: str
    since: str
    until: str
    reason: str
    errors: dict[str, str] = field(default_factory=dict)


def first_asked(query: Mapping[str, str], now: datetime, speech: Speech) -> Asked:
    """Return the form as it is first shown: for the last day, and what the address says of the rest."""
    by, subject, reason = (query.get(name, "")[:LONGEST_REASON] for name in ("by", "subject", "reason"))
    links = {link.value for link in vigilance.Link}
    begin, end = speech.local(now - _DAY), speech.local(now + timedelta(minutes=1))
    link = by if by in links else vigilance.Link.ACCOUNT.value
    return Asked(link, subject, f"{begin:{_LOCAL}}", f"{end:{_LOCAL}}", reason)


def read_asked(form: Form) -> Asked:
    """Return what a form holds."""
    names = ("by", "subject", "since", "until", "reason")
    by, subject, since, until, reason = (form.get(name)[:LONGEST_REASON].strip() for name in names)
    return Asked(by, subject, since, until, reason)


def question_in(
    uow: kernel.UnitOfWork, caller: identity.Caller, asked: Asked, speech: Speech, words: Words
) -> vigilance.Question | None:
    """Return the question, or None with what is wrong left in `asked.errors`."""
    by = next((link for link in vigilance.Link if link.value == asked.by), vigilance.Link.ACCOUNT)
    subject = _subject(uow, caller, by, asked.subject)
    if subject is None:
        asked.errors["subject"] = words.say(_UNKNOWN if by is vigilance.Link.ACCOUNT else _NO_NUMBER)
    instants = {name: _instant(getattr(asked, name), speech) for name in ("since", "until")}
    for name, instant in instants.items():
        if instant is None:
            asked.errors[name] = words.say(_NO_HOUR)
    since, until = instants["since"], instants["until"]
    if since is not None and until is not None and until <= since:
        asked.errors["until"] = words.say(_NO_WINDOW)
    if not asked.reason:
        asked.errors["reason"] = words.say(_NO_REASON)
    if asked.errors or subject is None or since is None or until is None:
        return None
    return vigilance.Question(by, subject, since, until)


def _subject(uow: kernel.UnitOfWork, caller: identity.Caller, by: vigilance.Link, text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return colleague_in(uow, caller, text) if by is vigilance.Link.ACCOUNT else None


def colleague_in(uow: kernel.UnitOfWork, caller: identity.Caller, login: str) -> kernel.AccountId | None:
    """Return the account with that login in the caller's organisation; one elsewhere is as absent as none."""
    try:
        account = identity.account_of_login(uow, login)
    except (identity.AccountNotFound, identity.LoginMalformed):
        return None
    return account if identity.open_account(uow, account).organisation == caller.organisation else None


def _instant(text: str, speech: Speech) -> datetime | None:
    try:
        return speech.instant(datetime.strptime(text, _LOCAL))  # noqa: DTZ007 -- in the zone of the practice
    except ValueError:
        return None
