"""The classes of tries that must not be told apart, and what an observer sees of each."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from bench.signin.attack import shape_of
from bench.signin.discern import Numbers, as_flags, classifier_auc, ks_p, rank_auc
from bench.signin.wire import Answer


class Class(IntEnum):
    """What a try is; an observer sees none of it (AUT-09)."""

    NO_ACCOUNT = 0
    WRONG_PASSWORD = 1
    THROTTLED = 2
    RIGHT_PASSWORD = 3


@dataclass
class Seen:
    """What is seen of the answers of one step: a row a try."""

    kind: list[int] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    total: list[float] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    length: list[int] = field(default_factory=list)
    shape: list[int] = field(default_factory=list)
    _shapes: dict[bytes, int] = field(default_factory=dict)

    def note(self, kind: Class, begun_at: float, answer: Answer) -> None:
        """Keep what is seen of an answer."""
        self.kind.append(int(kind))
        self.first.append(answer.first_at - begun_at)
        self.total.append(answer.done_at - begun_at)
        self.status.append(answer.status)
        self.length.append(len(answer.body))
        self.shape.append(self._shapes.setdefault(shape_of(answer.head), len(self._shapes)))

    def compare(self, one: Class, other: Class, seed: int) -> dict[str, float]:
        """Return how well two classes are told apart, by each feature and by all of them together."""
        kind = np.array(self.kind)
        rows = [kind == each for each in (one, other)]
        features = {name: np.array(getattr(self, name), np.float64) for name in _FEATURES}
        together = self._together()
        found = {
            f"AUC {_FEATURES[name]}": rank_auc(*(values[row] for row in rows))
            for name, values in features.items()
        }
        found |= {
            "KS p, first byte": ks_p(*(features["first"][row] for row in rows)),
            "KS p, total": ks_p(*(features["total"][row] for row in rows)),
            "AUC classifier": classifier_auc(together[rows[0]], together[rows[1]], seed),
        }
        return {name: round(value, 4) for name, value in found.items()}

    def _together(self) -> Numbers:
        """Return times as they are and by their order, codes as flags."""
        times = np.column_stack([self.first, self.total])
        ranks = np.argsort(np.argsort(times, axis=0), axis=0).astype(np.float64)
        codes = (self.status, self.length, self.shape)
        return np.column_stack([times, ranks, *(as_flags(np.array(each)) for each in codes)])


_FEATURES = {
    "first": "first byte", "total": "total", "status": "status", "length": "length", "shape": "headers",
}  # fmt: skip
