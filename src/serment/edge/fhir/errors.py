"""What a FHIR request can get wrong."""

from typing import ClassVar

from serment.kernel import SermentError


class FormatRefused(SermentError):
    """Another form than FHIR JSON is asked for."""

    code: ClassVar[str] = "fhir.format-refused"


class ParameterRefused(SermentError):
    """A search parameter that is not known, is missing, or is of another form; none is ever left out silently."""

    code: ClassVar[str] = "fhir.parameter-refused"


class SearchInAddress(SermentError):
    """A search by who the patient is would write health data into an address, hence into logs and histories."""

    code: ClassVar[str] = "fhir.search-in-address"
