from importlib import resources

from serment.access.brake.baselines import read_baselines
from serment.identity import Profession, Role


def test_baselines_count_in_bytes_what_they_say_in_megabytes() -> None:
    shipped = resources.files("serment.access.brake").joinpath("baseline.toml").read_text("utf-8")

    budget = read_baselines(shipped).of(Role.PROFESSIONAL, Profession.PHYSICIAN)

    assert {gauge.column: count for gauge, count in budget.items()} == {
        "dossiers_hour": 30, "dossiers_day": 90, "dossiers_week": 400, "ties_hour": 15, "ties_day": 25,
        "ties_month": 200, "names_hour": 100, "names_day": 300, "names_month": 3000,
        "bytes_hour": 4_000_000_000, "bytes_day": 16_000_000_000,
    }  # fmt: skip
