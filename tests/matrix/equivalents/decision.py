"""What may be taken away from the door unseen."""

from collections.abc import Mapping

_NOBODYS = "what nobody keeps is refused by the rules already (no-such-dossier); it is said for the types"
_DOOR, _NONE, _SOME = (
    "access/decision.py",
    "without ties.organisation is None",
    "without tie.organisation is not None",
)

#: By file, function, and what was taken away.
EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    (_DOOR, "_decide", _NONE): _NOBODYS,
    (_DOOR, "_decide", "without ties.listeners"): "to nobody, nothing is told; it spares a call",
    (_DOOR, "foresee", _NONE): _NOBODYS,
    (_DOOR, "decide_listed", _SOME): _NOBODYS,
    (_DOOR, "decide_trails", _SOME): _NOBODYS,
}
