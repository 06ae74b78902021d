"""Invite somebody: the code is shown once, to be given by hand."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.confirming import is_confirmed
from serment.edge.pages.entrance.administration.counter import enter_administration, quality_word
from serment.edge.pages.entrance.administration.people import PEOPLE, account_asked
from serment.edge.pages.entrance.qr import qr_code
from serment.edge.shell import mark, read_form

_LOGIN_MALFORMED = mark("Un identifiant a de 3 à 254 signes, sans espace.")
_CHOOSE = mark("Choisissez")
_LOGIN_TAKEN = mark("Cet identifiant est déjà pris.")


def _qualities() -> dict[str, tuple[identity.Role, identity.Profession]]:
    """Return every quality in which somebody may be invited, by its value in the form."""
    professions = [one for one in identity.Profession if one is not identity.Profession.NONE]
    others = (identity.Role.PATIENT, identity.Role.ADMINISTRATOR, identity.Role.DPO)
    pairs: list[tuple[identity.Role, identity.Profession]] = [
        *((identity.Role.PROFESSIONAL, profession) for profession in professions),
        *((role, identity.Profession.NONE) for role in others),
    ]
    return {f"{role}.{profession}": (role, profession) for role, profession in pairs}


class InvitationPages:
    """The form, then the code."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._qualities = _qualities()

    def form(self, request: Request) -> Response:
        """Show the empty form."""
        caller = enter_administration(self._desk, request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        return self._show_form(request, {}, {})

    def invite(self, request: Request) -> Response:
        """Add the account and show its code."""
        caller = enter_administration(self._desk, request)
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        name, login = answers.text("name"), answers.text("login", longest=254)
        role, profession = self._qualities[answers.choice("quality", tuple(self._qualities))]
        values = {field: answers.form.get(field) for field in ("name", "login", "quality")}
        lapsed = not is_confirmed(self._desk, caller)
        if answers.errors or lapsed:
            return self._show_form(request, values, answers.errors, lapsed=lapsed)
        invitation = identity.Invitation(login, name, role, profession)
        try:
            with self._desk.database.unit_of_work() as uow:
                code = identity.invite(uow, caller, invitation)
        except identity.LoginMalformed:
            answers.refuse("login", _LOGIN_MALFORMED)
        except identity.LoginTaken:
            answers.refuse("login", _LOGIN_TAKEN)
        else:
            return self._show_code(request, login, name, code)
        return self._show_form(request, values, answers.errors)

    def renew(self, request: Request) -> Response:
        """Give somebody who was never enrolled another code."""
        caller = enter_administration(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            account = account_asked(uow, caller, request)
            code = identity.renew_enrolment_code(uow, caller, account.id)
        return self._show_code(request, account.login, account.name, code)

    def _show_form(
        self, request: Request, values: dict[str, str], errors: dict[str, str], *, lapsed: bool = False
    ) -> Response:
        words = self._desk.pages.tongue(request).words
        options = [("", words.say(_CHOOSE))]
        options += [(key, words.say(quality_word(*pair))) for key, pair in self._qualities.items()]
        return self._desk.pages.show(
            request,
            "administration/invite.html",
            status=403 if lapsed else 422 if errors else 200,
            here="people",
            lapsed=lapsed,
            values=values,
            errors=errors,
            options=options,
            back=PEOPLE,
        )

    def _show_code(self, request: Request, login: str, name: str, code: identity.EnrolmentCode) -> Response:
        address = f"{self._desk.entrance.relying_party.origin}/enrol"
        return self._desk.pages.show(
            request,
            "administration/enrolment-code.html",
            here="people",
            name=name,
            login=login,
            code=code,
            address=address,
            drawing=qr_code(f"{address}#login={quote(login)}&code={code.code}"),
            back=f"{PEOPLE}/{code.account}",
        )
