"""What may be taken away from restrictions unseen."""

from collections.abc import Mapping

_LIES_SOMEWHERE = (
    "a restriction on an entry always says the section in which it lies; it is asked for the types"
)
_POLICY = "access/restrictions/policy.py"

#: By file, function, and what was taken away.
EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    (_POLICY, "sees", "without placed.section is not None"): _LIES_SOMEWHERE,
    (_POLICY, "_is_kept_from", "without placed.section is None"): _LIES_SOMEWHERE,
}
