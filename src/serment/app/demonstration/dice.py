"""Repeatable chance: the same seed and labels always give the same throws."""

import random
from uuid import UUID, uuid5

_NAMESPACE = UUID("5e2b0f0e-3f1c-5b8a-9d41-6c5d3b1f7a20")


def dice(*labels: object) -> random.Random:
    """Return a generator that depends on `labels` alone, so that one story never moves another."""
    return random.Random("/".join(map(str, labels)))  # noqa: S311 - a repeatable demonstration, never a secret


def lasting_id(*labels: object) -> UUID:
    """Return an identifier that depends on `labels` alone."""
    return uuid5(_NAMESPACE, "/".join(map(str, labels)))
