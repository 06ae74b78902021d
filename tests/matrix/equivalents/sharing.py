"""What may be taken away unseen from the rows of parts, openings and patients."""

from collections.abc import Mapping

_STORE = "access/store.py"

#: By file, function, and what was taken away.
EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    (_STORE, "revoke_grant", "without where grants.c.dossier == dossier"): (
        "an opening is found among those of the dossier before it is ended; the row insists a second time"
    ),
    (_STORE, "custodians", "without where custody.c.dossier.in_(list(dossiers))"): (
        "those who ask look up the dossiers that they named; it spares reading the others"
    ),
    (_STORE, "hold_patient_accounts", "without where custody.c.dossier == dossier"): (
        "what it reads is dropped: it locks this dossier, and without the condition all of them"
    ),
    ("access/trail_export.py", "export_trail", "without 'unknown'"): (
        "whoever may read a trail has a relation to the patient; it is said for the types"
    ),
}
