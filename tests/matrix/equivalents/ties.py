"""What may be taken away unseen from the matrix of rights."""

from collections.abc import Mapping

#: By file, function, and what was taken away.
EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    ("access/matrix/preview.py", "_People._named", "team is None: never"): (
        "every part and every opening names an account or a team; it is said for the types"
    ),
    ("access/matrix/preview.py", "_People._delegates", "without one.account is not None"): (
        "a delegation that nobody claimed does not hold; it is said for the types"
    ),
    ("access/matrix/queries.py", "version_of", "without organisation is None"): (
        "what nobody keeps has version 0; it is said for the types"
    ),
}
