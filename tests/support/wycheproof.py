"""The Wycheproof vectors: read from the folder that SERMENT_VECTORS names, ../shared/vectors by default."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

_BESIDE_THE_CHECKOUT = Path(__file__).parents[3] / "shared" / "vectors"


@dataclass(frozen=True)
class Vector:
    """One vector, with what its group says of it."""

    group: dict[str, Any]
    test: dict[str, Any]

    @property
    def is_valid(self) -> bool:
        return bool(self.test["result"] == "valid")

    @property
    def flags(self) -> set[str]:
        return set(self.test["flags"])

    def bytes_of(self, name: str) -> bytes:
        return bytes.fromhex(self.test[name])

    @override
    def __str__(self) -> str:
        return f"{self.test['tcId']}: {self.test['comment']} ({self.test['result']})"


def vectors_of(file_name: str) -> list[Vector]:
    """Return every vector of a file; skip, saying so, where there are none, and fail where they were promised."""
    named = os.environ.get("SERMENT_VECTORS")
    folder = Path(named or _BESIDE_THE_CHECKOUT) / "wycheproof"
    if not folder.is_dir():
        if named:
            pytest.fail(f"SERMENT_VECTORS names {named}, where there are no Wycheproof vectors")
        pytest.skip("the Wycheproof vectors are missing: name their folder in SERMENT_VECTORS")
    content = json.loads((folder / file_name).read_text())
    found = list(_vectors_in(content))
    assert len(found) == content["numberOfTests"] > 0
    return found


def _vectors_in(content: dict[str, Any]) -> Iterator[Vector]:
    for group in content["testGroups"]:
        for test in group["tests"]:
            yield Vector(group, test)
