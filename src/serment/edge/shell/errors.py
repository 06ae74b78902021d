"""What the shell itself refuses."""

from typing import ClassVar

from serment import kernel


class PageNotFound(kernel.SermentError):
    """No page has this address; what one may not see answers the same."""

    code: ClassVar[str] = "page.not-found"


class RequestForged(kernel.SermentError):
    """An act was asked without the proof that it comes from one of our own pages (ASVS 3.5.1 to 3.5.3)."""

    code: ClassVar[str] = "request.forged"


class HostUnknown(kernel.SermentError):
    """The request names a host that this service does not answer to."""

    code: ClassVar[str] = "request.host-unknown"


class FormUnreadable(kernel.SermentError):
    """The body is not a well-formed urlencoded form in UTF-8."""

    code: ClassVar[str] = "form.unreadable"


class FormTooLarge(kernel.SermentError):
    """The body, or the number of its fields, is over the limit for a page."""

    code: ClassVar[str] = "form.too-large"


class FormTypeRefused(kernel.SermentError):
    """The body is of a type that pages do not read."""

    code: ClassVar[str] = "form.type-refused"


class FieldRefused(kernel.SermentError):
    """One field is missing, too long, or not among its choices; `field` is its name."""

    code: ClassVar[str] = "form.field-refused"

    def __init__(self, field: str) -> None:
        super().__init__(f"field {field}")
        self.field = field
