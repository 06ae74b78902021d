"""What may be taken away from delegations unseen."""

from collections.abc import Mapping

#: By file, function, and what was taken away.
EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    (
        "access/delegations/telling.py", "tell_those_concerned", "without one.account is not None",
    ): "nothing holds without an account, so none comes through; it is said for the types",
}  # fmt: skip
