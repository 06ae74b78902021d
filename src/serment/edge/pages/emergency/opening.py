"""Opening a dossier in an emergency: one page, two taps; what it does is said before, and proved on the page itself."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel
from serment.access import Action, DelayReason, EmergencyReason, EmergencyRequest, Section
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.dossiers.asked import asked_dossier, asked_number
from serment.edge.pages.emergency.proving import Proved, prove_here, ways_to_prove
from serment.edge.pages.emergency.words import (
    CLOCKS,
    DELAY_WORDS,
    REASON_WORDS,
    USUAL_CLOCK,
    USUAL_SECTIONS,
    clock_of,
)
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import SECTION_WORDS
from serment.edge.shell import Form, mark, read_form

_LONGEST_WORDS = 1000
_OPENED = mark("Dossier ouvert en urgence. L'ouverture est écrite dans la trace du patient et sera examinée.")
_WHY = mark("Choisissez la raison de cette ouverture.")
_WHAT = mark("Choisissez au moins une partie du dossier.")
_SAY = mark("Dites en quelques mots ce qui se passe (1 000 signes au plus).")
_NOT_PROVED = mark("Votre identité n'est pas confirmée : le dossier n'est pas ouvert.")
_SLOWER = mark("Trop d'essais en peu de temps : le dossier n'est pas ouvert.")


@dataclass(frozen=True)
class Asked:
    """What a form asks for, as it was filled in."""

    reason: str = ""
    words: str = ""
    sections: frozenset[str] = frozenset(USUAL_SECTIONS)
    minutes: int = USUAL_CLOCK
    delay: str = ""

    def faults(self, offered: tuple[Section, ...]) -> dict[str, str]:
        """Return what is wrong, as marked sentences under the names of the fields."""
        faults = {}
        if self.reason not in set(EmergencyReason):
            faults["reason"] = _WHY
        if not self.sections or not self.sections <= set(offered):
            faults["section"] = _WHAT
        needed = self.reason == EmergencyReason.OTHER or self.delay
        if (needed and not self.words.strip()) or len(self.words.strip()) > _LONGEST_WORDS:
            faults["words"] = _SAY
        return faults

    def request(self) -> EmergencyRequest:
        """Return the request that a form without faults makes."""
        return EmergencyRequest(
            reason=EmergencyReason(self.reason),
            sections=frozenset(Section(section) for section in self.sections),
            lasts=clock_of(self.minutes),
            words=self.words.strip(),
            delay=DelayReason(self.delay) if self.delay else None,
        )


@dataclass(frozen=True)
class Threshold:
    """Who stands before which dossier, and how far they could open it."""

    patient: dossier.Patient
    offered: tuple[Section, ...]
    rate: access.EmergencyRate

    @property
    def usual(self) -> frozenset[str]:
        """The sections that are open unless more is asked for."""
        return frozenset(USUAL_SECTIONS & set(self.offered) or self.offered[:1])


class EmergencyPage:
    """The form, and the opening."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show what an opening does, and ask why."""
        threshold = self._look(request)
        return self._show(request, threshold, Asked(sections=threshold.usual), {})

    def open(self, request: Request) -> Response:
        """Open the dossier, once a factor was proved."""
        threshold, form = self._look(request), read_form(request)
        asked = _read(form)
        if faults := asked.faults(threshold.offered):
            return self._show(request, threshold, asked, faults)
        try:
            proved = prove_here(self._desk, request, enter(self._desk, request), form)
        except identity.StepUpRefused:
            return self._show(request, threshold, asked, {"code": _NOT_PROVED}, status=403)
        except identity.Throttled as slower:
            wait = slower.retry_after_seconds
            return self._show(request, threshold, asked, {"code": _SLOWER}, status=429, wait=wait)
        return proved.carry(self._desk, self._open(request, proved, asked))

    def _open(self, request: Request, proved: Proved, asked: Asked) -> Response:
        """Open, and lead on. What is refused once a factor was proved is told at the next request, in the same session."""
        base = f"/dossiers/{asked_dossier(request)}"
        try:
            with self._desk.database.unit_of_work() as uow:
                permit = access.decide(uow, proved.caller, Action.OPEN_EMERGENCY, asked_dossier(request))
                access.open_emergency(uow, permit, asked.request(), self._desk.emergencies)
        except kernel.SermentError:
            if proved.token is None:
                raise
            return self._desk.pages.go(f"{base}/emergency")
        return self._desk.pages.go(base, notice=_OPENED)

    def _look(self, request: Request) -> Threshold:
        caller, wanted = enter(self._desk, request), asked_dossier(request)
        with self._desk.database.recorded_reading() as uow:
            access.foresee(uow, caller, Action.OPEN_EMERGENCY, wanted)
            # A name that was found, and no more: told and traced as a dossier that somebody opened, it would give the
            # opening away to a patient who is to be told of it later.
            permit = access.decide_listed(uow, caller, [wanted]).get(wanted)
            if permit is None:
                raise access.AccessRefused("not-found-by-name")
            return Threshold(
                dossier.identity_of(uow, permit),
                access.emergency_sections(uow, caller),
                access.emergency_rate(uow, caller),
            )

    def _show(
        self,
        request: Request,
        threshold: Threshold,
        asked: Asked,
        faults: dict[str, str],
        *,
        status: int = 422,
        wait: int = 0,
    ) -> Response:
        words = self._desk.pages.tongue(request).words
        return self._desk.pages.show(
            request,
            "emergency/open.html",
            status=status if faults else 200,
            headers={"retry-after": str(wait)} if wait else None,
            here="patients",
            banner=banner_of(threshold.patient),
            base=f"/dossiers/{threshold.patient.dossier}",
            patient_name=name_of(threshold.patient),
            asked=asked,
            usual=asked.sections == threshold.usual and asked.minutes == USUAL_CLOCK and not asked.delay,
            offered=threshold.offered,
            rate=threshold.rate,
            reasons=REASON_WORDS,
            delays=DELAY_WORDS,
            clocks=CLOCKS,
            sections=SECTION_WORDS,
            rules=self._desk.emergencies,
            proof=ways_to_prove(self._desk, enter(self._desk, request)),
            wait=wait,
            errors={name: words.say(sentence) for name, sentence in faults.items()},
        )


def _read(form: Form) -> Asked:
    minutes, delay = asked_number(form.get("minutes")), form.get("delay")
    return Asked(
        reason=form.get("reason"),
        words=form.get("words"),
        sections=frozenset(form.all("section")),
        minutes=minutes if minutes in CLOCKS and minutes is not None else USUAL_CLOCK,
        delay=delay if delay in set(DelayReason) else "",
    )
