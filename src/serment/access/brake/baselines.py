"""What is ordinary: the budgets of each profession and role, read from `baseline.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import Any, Final

from serment.access.brake.model import GAUGES, Budget, Gauge, Measure
from serment.access.model import Relation
from serment.identity import Profession, Role

_BYTES_IN_A_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Learning:
    """How an account's own history moves its budgets."""

    after_days: int
    times_usual: float
    least: float
    most: float


@dataclass(frozen=True)
class Baselines:
    """Everything that `baseline.toml` says."""

    professions: Mapping[Profession, Budget]
    roles: Mapping[Role, Budget]
    person: Budget
    least: Budget
    weights: Mapping[Relation, float]
    second: float
    lift: timedelta
    learning: Learning

    def of(self, role: Role, profession: Profession) -> Budget:
        """Return the budget of a profession or role; of one without a line of its own, the narrowest there is."""
        if role is Role.PROFESSIONAL and profession in self.professions:
            return self.professions[profession]
        return self.roles.get(role, self.roles[Role.PATIENT])

    def of_organisation(self, people: int) -> Budget:
        """Return what all accounts of an organisation of so many people may look at without a relation."""
        return {gauge: max(self.least[gauge], each * people) for gauge, each in self.person.items()}


def read_baselines(text: str) -> Baselines:
    """Read baselines.

    Raises:
        ValueError, KeyError: a name that there is not, or a rule that is missing.
    """
    said = tomllib.loads(text)
    rules, organisation = said["rules"], said["organisation"]
    return Baselines(
        professions={Profession(name): _budget(table) for name, table in said["professions"].items()},
        roles={Role(name): _budget(table) for name, table in said["roles"].items()},
        person=_budget(organisation["person"]),
        least=_budget(organisation["least"]),
        weights={Relation(name): float(weight) for name, weight in said["weights"].items()},
        second=float(rules["second"]),
        lift=timedelta(hours=rules["lift_hours"]),
        learning=Learning(rules["learn_after_days"], rules["times_usual"], rules["least"], rules["most"]),
    )


def _budget(table: Mapping[str, Mapping[str, Any]]) -> Budget:
    known = {gauge.column: gauge for gauge in GAUGES}
    found: dict[Gauge, float] = {}
    for name, windows in table.items():
        scale = _BYTES_IN_A_MEGABYTE if name == "megabytes" else 1
        measure = Measure.BYTES if name == "megabytes" else Measure(name)
        for window, count in windows.items():
            found[known[f"{measure}_{window}"]] = float(count) * scale
    return found


#: The baselines that Serment comes with.
BASELINES: Final = read_baselines(resources.files(__package__).joinpath("baseline.toml").read_text("utf-8"))
