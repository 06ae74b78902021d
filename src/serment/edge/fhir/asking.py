"""What a request asks for: the form of the answer, and the parameters of a search, none of them guessed."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from starlette.requests import Request

from serment import kernel
from serment.edge.fhir.errors import FormatRefused, ParameterRefused
from serment.edge.shell import FHIR_JSON, read_form

_JSON = frozenset({FHIR_JSON, "application/json", "application/*", "*/*"})
_FORMATS = frozenset({"", "json", FHIR_JSON, "application/json"})
_PAGE, _LARGEST_PAGE = 50, 200
#: Parameters of every search.
_ALWAYS = ("_count", "_offset", "_format")


def insist_on_json(request: Request) -> None:
    """Go on when the answer may be FHIR JSON.

    Raises:
        FormatRefused: only other forms are accepted.
    """
    accepted = accepted_types(request)
    if accepted and not accepted & _JSON:
        raise FormatRefused("accept")
    if request.query_params.get("_format", "") not in _FORMATS:
        raise FormatRefused("_format")


def accepted_types(request: Request) -> frozenset[str]:
    """Return the media types that the request names in `Accept`, without their parameters."""
    parts = ",".join(request.headers.getlist("accept")).split(",")
    return frozenset(part.partition(";")[0].strip().lower() for part in parts) - {""}


def parameters(request: Request, *known: str) -> Mapping[str, str]:
    """Return the parameters of a search, from the address and from the body; those left empty are left out.

    Raises:
        ParameterRefused: one that is not `known`, or that is given twice.
    """
    form = read_form(request)
    found: dict[str, str] = {}
    for name in {*request.query_params.keys(), *form.names()}:
        values = [*request.query_params.getlist(name), *form.all(name)]
        if name not in (*known, *_ALWAYS) or len(values) != 1:
            raise ParameterRefused(name if name in known else "unknown")
        if values[0].strip():
            found[name] = values[0].strip()
    return found


def patient_in(said: Mapping[str, str]) -> kernel.DossierId:
    """Return the patient that a search names: `Patient/<id>` or `<id>`.

    Raises:
        ParameterRefused: none, or no identifier of ours.
    """
    try:
        return kernel.DossierId(UUID(said["patient"].removeprefix("Patient/")))
    except (KeyError, ValueError):
        raise ParameterRefused("patient") from None


def day_in(said: Mapping[str, str], name: str) -> date | None:
    """Return a day, written `1970-03-12` or `eq1970-03-12`; None when it is not given.

    Raises:
        ParameterRefused: another form.
    """
    if name not in said:
        return None
    try:
        return date.fromisoformat(said[name].removeprefix("eq"))
    except ValueError:
        raise ParameterRefused(name) from None


def page_in(said: Mapping[str, str]) -> tuple[int, int]:
    """Return where a page begins, and how many entries it has.

    Raises:
        ParameterRefused: no whole numbers.
    """
    begin, size = _number(said, "_offset", 0), _number(said, "_count", _PAGE)
    return begin, min(size, _LARGEST_PAGE)


def _number(said: Mapping[str, str], name: str, otherwise: int) -> int:
    written = said.get(name, str(otherwise))
    if not (written.isascii() and written.isdigit() and len(written) < 10):  # noqa: PLR2004 - below 2**31
        raise ParameterRefused(name)
    return int(written)
