"""Every figure that docs/security/authentication.md states is the one in force."""

from dataclasses import fields
from datetime import timedelta

from architecture.house import ROOT
from serment import identity

PAPER = (ROOT / "docs" / "security" / "authentication.md").read_text(encoding="utf-8")
TEXT = " ".join(PAPER.split())
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def _said(span: timedelta) -> str:
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        if span % timedelta(seconds=size) == timedelta(0):
            return f"{span // timedelta(seconds=size)} {unit}"
    return str(span)


def test_paper_states_the_figures_of_the_throttle() -> None:
    rules, rows = identity.ThrottleRules(), PAPER.splitlines()
    stated = {
        field.name: f" {getattr(rules, field.name).burst} | {_said(getattr(rules, field.name).per)} |"
        for field in fields(rules)
        if isinstance(getattr(rules, field.name), identity.Allowance)
    }

    assert len(stated) > 5
    assert {
        name: figures
        for name, figures in stated.items()
        if not any(row.startswith(f"| `{name}` |") and row.endswith(figures) for row in rows)
    } == {}


def test_paper_states_when_refusals_leave() -> None:
    assert identity.Rules().refusals_leave_every == timedelta(seconds=0.5)
    assert "leaves at full half-seconds" in TEXT


def test_paper_states_the_limits_of_sessions() -> None:
    limits = identity.SessionLimits()
    idle, patient = (limits.idle(role) for role in (identity.Role.PROFESSIONAL, identity.Role.PATIENT))

    assert f"| idle | {idle // MINUTE} minutes | {patient // MINUTE} minutes |" in TEXT
    administrators, others = (
        limits.longest(role) // HOUR for role in (identity.Role.ADMINISTRATOR, identity.Role.PATIENT)
    )
    assert f"| in all | {others} hours, administrators {administrators} | {others} hours |" in TEXT
    assert {limits.idle(role) for role in identity.Role} == {idle, patient}
    assert "As many sessions as devices" in TEXT
    assert "back-channel logout ends exactly the sessions" in TEXT


def test_paper_states_the_figures_of_recovery() -> None:
    rules = identity.RecoveryRules()
    sooner, alone = rules.with_second_person // MINUTE, rules.alone // HOUR

    assert f"| professional | after {alone} hours | after {sooner} minutes |" in TEXT
    assert f"| patient | after {rules.patient // HOUR} hours | |" in TEXT
    assert f"| administrator, data protection officer | never | after {sooner} minutes |" in TEXT
    assert (rules.second_person_held, rules.life) == (timedelta(days=7), timedelta(days=3))
    assert ("held a factor for seven days" in TEXT, "ends after three days" in TEXT) == (True, True)


def test_paper_states_the_other_figures() -> None:
    rules, capacity = identity.Rules(), identity.HashingCapacity()
    pressure, devices, sleep, words = rules.pressure, rules.devices, rules.sleep, rules.passwords
    stated = [
        f"{capacity.most_unknown_waiting} unknown browsers waiting at most",
        f"for {capacity.patience_unknown.seconds} seconds; known ones wait for {capacity.patience_known.seconds}.",
        f"While at least {pressure.least_failures} of their attempts, and half of them, failed within a minute",
        f"{devices.forgotten_after.days} days unused; {devices.most_of_an_account} an account",
        f"Professionals unused for {sleep.professional.days} days",
        f"administrators for {sleep.administrator.days}, patients for {sleep.patient.days} are put to sleep",
        f"At least {words.least_characters} characters, at most {words.most_characters}",
        f"ends after {words.longest_age[identity.Role.ADMINISTRATOR].days} days",
    ]

    assert (pressure.share_of_failures, pressure.window, words.least_guesses) == (0.5, MINUTE, 10**14)
    assert [each for each in stated if each not in TEXT] == []
