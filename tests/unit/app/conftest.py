"""Nothing of the environment reaches the settings of a test but what the test puts there."""

import os

import pytest


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SERMENT_")]:
        monkeypatch.delenv(name)
