"""serment touched."""

import os
from datetime import UTC, datetime, timedelta
from json import dumps
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from serment import identity, vigilance
from serment.app.commands.init import DEFAULT_ORIGIN
from serment.app.commands.options import DataOption, JsonOption
from serment.app.console import Voice, voice_for
from serment.app.errors import SettingWrong
from serment.app.guard import guarded
from serment.app.preparation import read_installed
from serment.app.wiring import Installation, opened
from serment.app.worker import integrate_all

_DAY = timedelta(days=1)
_MOST_SHOWN = 50


@guarded
def command(
    who: Annotated[str, typer.Argument(metavar="WHO", help="A login, or the identifier of what --by names.")],
    *,
    by: Annotated[vigilance.Link, typer.Option("--by", help="What WHO is.")] = vigilance.Link.ACCOUNT,
    since: Annotated[
        str,
        typer.Option("--since", metavar="WHEN", help="ISO 8601; without zone, UTC. A day before the end."),
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="WHEN", help="ISO 8601, not included. Now.")] = "",
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write every deed here.")] = None,
    fhir: Annotated[
        Path | None, typer.Option("--fhir", metavar="FILE", help="Write FHIR AuditEvents here.")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Say which patients, entries, objects and bytes an account, session, key, browser or grant touched."""
    settings = read_installed(data)
    voice = voice_for(json=json)
    with opened(settings, settings.origin or DEFAULT_ORIGIN) as installation:
        question = _question(installation, by, who, since, until)
        answers = _ask(installation, question, voice)
        integrate_all(installation)
        if csv is not None:
            _write(csv, vigilance.write_table(answers))
        if fhir is not None:
            _write(
                fhir, dumps(vigilance.write_audit_events(answers, installation.origin), ensure_ascii=False)
            )
    _tell(voice, question, answers)


def _question(
    installation: Installation, by: vigilance.Link, who: str, since: str, until: str
) -> vigilance.Question:
    end = _instant(until) if until else installation.clock.now() + timedelta(seconds=1)
    begin = _instant(since) if since else end - _DAY
    if end <= begin:
        raise SettingWrong("--since comes before --until.")
    return vigilance.Question(by, _subject(installation, by, who), begin, end)


def _subject(installation: Installation, by: vigilance.Link, who: str) -> UUID:
    try:
        return UUID(who)
    except ValueError:
        if by is not vigilance.Link.ACCOUNT:
            raise SettingWrong(f"{who} is not the identifier of a {by}.") from None
    try:
        with installation.rows.reading() as uow:
            return identity.account_of_login(uow, who)
    except identity.AccountNotFound:
        raise SettingWrong(f"No account is called {who}.") from None


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise SettingWrong(f"{text} is no hour as ISO 8601 writes it, such as 2026-03-12T09:00.") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _ask(
    installation: Installation, question: vigilance.Question, voice: Voice
) -> tuple[vigilance.Answer, ...]:
    with installation.rows.reading() as uow:
        controllers = identity.list_organisations(uow)
    answers: list[vigilance.Answer] = []
    with voice.steps("Reading trails", len(controllers)) as advance:
        for controller in controllers:
            with installation.rows.recorded_reading() as uow:
                answers.append(vigilance.ask_from_console(uow, controller.id, question))
            advance(1)
    return tuple(answer for answer in answers if answer.deeds or answer.unopened)


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner reads, and never over another one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise SettingWrong(f"{path} is there already.") from None


def _tell(voice: Voice, question: vigilance.Question, answers: tuple[vigilance.Answer, ...]) -> None:
    for answer in answers:
        rows = [_row(patient) for patient in answer.patients[:_MOST_SHOWN]]
        columns = ("patient", "first", "last", "entries", "objects", "bytes", "drawings")
        voice.show(f"organisation {answer.organisation}", columns, rows)
    document = {
        "question": {"by": question.link, "subject": str(question.subject)},
        "since": question.since.isoformat(),
        "until": question.until.isoformat(),
        "answers": [{**_summary(answer), **vigilance.document_of(answer)} for answer in answers],
    }
    voice.result(document, [_sentence(answer) for answer in answers] or ["Nobody was touched."])


def _row(patient: vigilance.TouchedPatient) -> list[str]:
    drawings = sum(one.drawings for one in patient.objects)
    counts = (len(patient.entries), len(patient.objects), patient.sent_bytes, drawings)
    hours = (f"{at:%Y-%m-%d %H:%M:%S}" for at in (patient.first_at, patient.last_at))
    return [str(patient.dossier), *hours, *map(str, counts)]


def _summary(answer: vigilance.Answer) -> dict[str, int]:
    patients = answer.patients
    return {
        "patients": len(patients),
        "entries": sum(len(patient.entries) for patient in patients),
        "objects": sum(len(patient.objects) for patient in patients),
        "bytes": sum(patient.sent_bytes for patient in patients),
        "refused": sum(deed.times for deed in answer.deeds if deed.refused),
    }


def _sentence(answer: vigilance.Answer) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in _summary(answer).items())
    left = f"; {answer.unopened} trails could not be opened" if answer.unopened else ""
    return f"Organisation {answer.organisation}: {counts} (from {answer.traces} traces){left}."
