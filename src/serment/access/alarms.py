"""Alarms: what access finds and a person must look into. The worker hands each to vigilance, which stands above."""

from enum import StrEnum
from uuid import UUID

from serment import kernel

#: The kind of job that carries an alarm; its payload holds identifiers and codes, never words.
ALARM_JOB = "access.alarm"


class Alarm(StrEnum):
    """What happened."""

    ACCOUNT_FROZEN = "account-frozen"
    REVIEW_OVERDUE = "review-overdue"
    OPENING_UNJUSTIFIED = "opening-unjustified"


def raise_alarm(
    uow: kernel.UnitOfWork,
    alarm: Alarm,
    organisation: kernel.OrganisationId,
    *,
    account: kernel.AccountId | None = None,
    dossier: kernel.DossierId | None = None,
    reference: UUID | None = None,
) -> None:
    """Ask for an incident at that organisation; it survives a rollback, as the trace of a refusal does.

    `account` is whom it is about; `reference` is what is to be looked at: an opening, a freeze, a trace.
    """
    named = {"account": account, "dossier": dossier, "reference": reference}
    payload = {
        "incident": str(kernel.new_id()),
        "alarm": alarm.value,
        "organisation": str(organisation),
        **{name: str(value) for name, value in named.items() if value is not None},
    }
    uow.insist(lambda work: _enqueue(work, payload))


def _enqueue(work: kernel.UnitOfWork, payload: dict[str, str]) -> None:
    kernel.enqueue(work, ALARM_JOB, payload)
