"""What the practice does for relatives: parents and guardians let in on proof, and their part ended."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel
from serment.access import Action, DelegateKind, Section
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.confirming import is_confirmed
from serment.edge.pages.control.asked import asked_delegation
from serment.edge.pages.control.present import Acting, acting_for
from serment.edge.pages.control.words import EFFECTS, KINDS, QUALITY_WORDS, fault_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import SECTION_WORDS
from serment.edge.shell import mark, read_form

_TAKEN = mark(
    "Cet identifiant est déjà pris. Si cette personne a déjà un compte ici, choisissez « Un code »."
)
_MALFORMED = mark("Cet identifiant ne convient pas : une adresse électronique, par exemple.")
_NEW, _KNOWN = "new", "known"
_FIELDS = ("quality", "proof", "last_day", "account", "name", "login")


@dataclass(frozen=True)
class _Asked:
    """What the form says: in what quality, what was seen, and for whom (None: whoever brings a code back)."""

    request: access.DelegationRequest
    invitation: identity.Invitation | None


@dataclass(frozen=True)
class _Handed:
    """What is handed over: an enrolment code with its login, or a code that ties an account."""

    login: str
    code: identity.EnrolmentCode | access.DelegationCode
    #: Whether the record opens by it; an account for a trusted person opens nothing by itself.
    opens: bool = True


class RelativesPage:
    """Lists, lets in and ends; each is one decision to share the identity of the patient."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show who acts for the patient."""
        patient, acting = self._read(request)
        return self._page(request, "control/relatives.html", patient, acting=acting)

    def form(self, request: Request) -> Response:
        """Show what letting a relative in does."""
        caller = enter(self._desk, request)
        patient, _ = self._read(request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        return self._ask(request, patient, {}, {})

    def give(self, request: Request) -> Response:
        """Let a relative in, and show the code once."""
        caller = enter(self._desk, request)
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        asked, lapsed = self._asked(request, answers), not is_confirmed(self._desk, caller)
        handed = None if answers.errors or lapsed else self._let_in(request, caller, asked, answers)
        patient, _ = self._read(request)
        if handed is None:
            values = {name: answers.form.get(name) for name in _FIELDS}
            return self._ask(request, patient, values, answers.errors, lapsed=lapsed)
        return self._hand(request, patient, handed)

    def renew(self, request: Request) -> Response:
        """Give a new code for a relative's account that was never enrolled."""
        caller, named = enter(self._desk, request), asked_delegation(read_form(request))
        with self._desk.database.unit_of_work() as uow:
            permit = _decided(uow, caller, request)
            patient, waiting = dossier.identity_of(uow, permit), _waiting(uow, permit, named)
            handed = _Handed(waiting.login, identity.renew_enrolment_code(uow, caller, waiting.id))
        return self._hand(request, patient, handed)

    def end(self, request: Request) -> Response:
        """Stop somebody from acting for the patient, with a reason that all concerned read in the trail."""
        caller, form = enter(self._desk, request), read_form(request)
        with self._desk.database.unit_of_work() as uow:
            permit = _decided(uow, caller, request)
            access.end_delegation(uow, permit, asked_delegation(form), reason=form.text("reason"))
        notice = mark("Terminé : cette personne n'agit plus pour le patient, dès maintenant.")
        return self._desk.pages.go(f"/dossiers/{asked_dossier(request)}/access/relatives", notice=notice)

    def _hand(self, request: Request, patient: dossier.Patient, handed: _Handed) -> Response:
        address = f"{self._desk.entrance.relying_party.origin}{'/enrol' if handed.login else '/mine/code'}"
        return self._page(
            request, "control/code.html", patient, address=address, login=handed.login, code=handed.code, opens=handed.opens,
            back="/access/relatives", headers={"cache-control": "no-store"},
        )  # fmt: skip

    def _read(self, request: Request) -> tuple[dossier.Patient, tuple[Acting, ...]]:
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            permit = _decided(uow, caller, request)
            return dossier.identity_of(uow, permit), acting_for(uow, permit)

    def _let_in(
        self, request: Request, caller: identity.Caller, asked: _Asked, answers: Answers
    ) -> _Handed | None:
        """Let in whom the form names; else say what is wrong, and leave no account behind."""
        try:
            with self._desk.database.unit_of_work() as uow:
                return _given(uow, _decided(uow, caller, request), asked)
        except access.DelegationInvalid as refused:
            answers.refuse(*fault_of(refused))
        except identity.LoginTaken:
            answers.refuse("login", _TAKEN)
        except identity.LoginMalformed:
            answers.refuse("login", _MALFORMED)
        return None

    def _asked(self, request: Request, answers: Answers) -> _Asked:
        quality = DelegateKind(answers.choice("quality", tuple(EFFECTS)))
        trusted = quality is DelegateKind.TRUSTED_PERSON
        proof = answers.optional("proof") if trusted else answers.text("proof")
        wanted = access.DelegationRequest(quality, None, self._end(request, answers), proof)
        if answers.choice("account", (_KNOWN, _NEW)) == _KNOWN and not trusted:
            return _Asked(wanted, None)
        name, login = answers.text("name", longest=100), answers.text("login", longest=100)
        return _Asked(wanted, identity.Invitation(login, name, identity.Role.PATIENT))

    def _end(self, request: Request, answers: Answers) -> datetime | None:
        if not answers.form.get("last_day").strip():
            return None
        last_day = answers.day("last_day")
        return None if answers.errors else self._desk.pages.tongue(request).speech.end_of(last_day)

    def _ask(
        self,
        request: Request,
        patient: dossier.Patient,
        values: dict[str, str],
        errors: dict[str, str],
        *,
        lapsed: bool = False,
    ) -> Response:
        minor = self._is_minor(patient)
        return self._page(
            request, "control/relative.html", patient, status=403 if lapsed else 422 if errors else 200, values=values,
            errors=errors, lapsed=lapsed, minor=minor, effects=[(kind, EFFECTS[kind]) for kind in KINDS[minor]],
        )  # fmt: skip

    def _is_minor(self, patient: dossier.Patient) -> bool:
        with self._desk.database.reading() as uow:
            return uow.part(access.Majority).reached_at(patient.identity.birth_date) > uow.now

    def _page(
        self,
        request: Request,
        template: str,
        patient: dossier.Patient,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **context: object,
    ) -> Response:
        return self._desk.pages.show(
            request, template, status=status, headers=headers, here="patients", banner=banner_of(patient),
            base=f"/dossiers/{patient.dossier}", patient_name=name_of(patient), qualities=QUALITY_WORDS, section_words=SECTION_WORDS,
            **context,
        )  # fmt: skip


def _decided(uow: kernel.UnitOfWork, caller: identity.Caller, request: Request) -> access.Permit:
    return access.decide(uow, caller, Action.SHARE, asked_dossier(request), section=Section.IDENTITY)


def _waiting(uow: kernel.UnitOfWork, permit: access.Permit, named: access.DelegationId) -> identity.Account:
    """Return the account of somebody who acts for the patient, as long as nobody enrolled it.

    Raises:
        DelegationNotFound: there is none such.
    """
    present = {one.delegation.id: one for one in acting_for(uow, permit) if one.waits}
    found = present.get(named)
    if found is None or found.delegation.account is None:
        raise access.DelegationNotFound(str(named))
    return identity.open_account(uow, found.delegation.account)


def _given(uow: kernel.UnitOfWork, permit: access.Permit, asked: _Asked) -> _Handed:
    if asked.invitation is None:
        return _Handed("", dossier.hand_delegation_code(uow, permit, asked.request))
    code = identity.invite(uow, permit.caller, asked.invitation)
    if asked.request.kind is DelegateKind.TRUSTED_PERSON:
        # An account and nothing else: whom to trust is for the patient to say.
        return _Handed(asked.invitation.login, code, opens=False)
    dossier.name_delegate(uow, permit, asked.request, code.account)
    return _Handed(asked.invitation.login, code)
