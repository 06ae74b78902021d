"""How an answer is written down: JSON with one array a deed, of identifiers, codes, hours and numbers."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from serment import access
from serment.kernel import AccountId, DossierId, OrganisationId, canonical_json
from serment.vigilance.touched import Answer, Deed, Link, Question

FORMAT = "serment-touched/1"
#: The columns of a deed, in their order.
DEED_FIELDS = tuple(field.name for field in fields(Deed))


def write_answer(answer: Answer) -> bytes:
    """Return an answer as JSON."""
    return canonical_json(document_of(answer))


def document_of(answer: Answer) -> dict[str, Any]:
    """Return an answer as what JSON knows."""
    return {
        "format": FORMAT,
        "organisation": str(answer.organisation),
        "question": write_question(answer.question),
        "asked_at": answer.asked_at.isoformat(),
        "traces": answer.traces,
        "unopened": answer.unopened,
        "columns": list(DEED_FIELDS),
        "deeds": [deed_row(deed) for deed in answer.deeds],
    }


def write_question(question: Question) -> dict[str, str]:
    """Return a question as what JSON knows."""
    return {
        "link": question.link.value,
        "subject": str(question.subject),
        "since": question.since.isoformat(),
        "until": question.until.isoformat(),
    }


def read_question(document: dict[str, str]) -> Question:
    """Return the question that a document holds."""
    since, until = (datetime.fromisoformat(document[name]) for name in ("since", "until"))
    return Question(Link(document["link"]), UUID(document["subject"]), since, until)


def read_answer(text: bytes) -> Answer:
    """Return the answer that a JSON text holds."""
    held = json.loads(text)
    return Answer(
        organisation=OrganisationId(UUID(held["organisation"])),
        question=read_question(held["question"]),
        asked_at=datetime.fromisoformat(held["asked_at"]),
        traces=held["traces"],
        deeds=tuple(_deed(row) for row in held["deeds"]),
        unopened=held["unopened"],
    )


def deed_row(deed: Deed) -> list[Any]:
    """Return a deed as the values of its columns."""
    return [_plain(getattr(deed, name)) for name in DEED_FIELDS]


def _plain(value: Any) -> Any:  # noqa: ANN401 - the value of any column
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case tuple():
            return [list(span) for span in value]
        case _:
            return value


def _deed(row: Sequence[Any]) -> Deed:
    held = dict(zip(DEED_FIELDS, row, strict=True))
    account, entry, thing = held["account"], held["entry"], held["object"]
    held |= {
        "dossier": DossierId(UUID(held["dossier"])),
        "account": AccountId(UUID(account)) if account else None,
        "entry": access.EntryId(UUID(entry)) if entry else None,
        "object": UUID(thing) if thing else None,
        "first_at": datetime.fromisoformat(held["first_at"]),
        "last_at": datetime.fromisoformat(held["last_at"]),
        "spans": tuple((begin, end) for begin, end in held["spans"]),
    }
    return Deed(**held)
