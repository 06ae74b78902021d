"""What went wrong, told to a machine that speaks FHIR: an OperationOutcome for every refusal.

Source: FHIR R4, OperationOutcome and the value set issue-type.
"""

from typing import Any

#: The kind of issue behind a status; whatever is not listed was not foreseen.
_ISSUES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    421: "not-found",
    422: "processing",
    423: "lock-error",
    429: "throttled",
    503: "transient",
    507: "no-store",
}
#: How FHIR resources are written.
MEDIA_TYPE = "application/fhir+json"


def outcome(status: int, title: str, advice: str, reference: str) -> dict[str, Any]:
    """Return the resource that says what happened and what to do, with a reference for support."""
    issue = {
        "severity": "error",
        "code": _ISSUES.get(status, "exception"),
        "details": {"text": title},
        "diagnostics": f"{advice} [{reference}]",
    }
    return {"resourceType": "OperationOutcome", "issue": [issue]}
