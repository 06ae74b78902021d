"""What the attackers and the people are told to do; plans travel as JSON to their processes."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

#: Whoever is in within so many seconds of wanting in has succeeded.
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class AttackPlan:
    """The attack: instants are monotonic seconds, shares are of the attempts."""

    begins_at: float
    seconds: float
    rate: float
    sources: int = 60_000
    right_share: float = 0.02
    second_share: float = 1.0
    work_share: float = 0.0
    ward_share: float = 0.05
    connections: int = 1_500
    patience_seconds: float = 60
    seed: int = 20_260


@dataclass(frozen=True)
class PeoplePlan:
    """The people: `rate` of them a second, first undisturbed, then under the attack that begins at `attack_at`."""

    begins_at: float
    attack_at: float
    ends_at: float
    rate: float
    patience_seconds: float = PATIENCE_SECONDS
    seed: int = 1_970


Plan = TypeVar("Plan", AttackPlan, PeoplePlan)


def write_plan(file: Path, plan: AttackPlan | PeoplePlan) -> None:
    """Keep a plan."""
    file.write_text(json.dumps(asdict(plan)))


def read_plan(file: Path, kind: type[Plan]) -> Plan:
    """Return a plan that was kept."""
    return kind(**json.loads(file.read_text()))
