"""What can be wrong with clinical content, by name."""

from serment import kernel


class IdentityMalformed(kernel.SermentError):
    """A patient identity lacks a strict trait, or its parts contradict each other."""

    code = "clinical.identity-malformed"


class ResourceMalformed(kernel.SermentError):
    """A FHIR resource is not one that this house wrote, or cannot be read as one."""

    code = "clinical.resource-malformed"


class ContentDamaged(kernel.SermentError):
    """The bytes do not hold together as the format that their first bytes announce."""

    code = "clinical.content-damaged"


class ContentProtected(kernel.SermentError):
    """The document opens only with a password that we do not have."""

    code = "clinical.content-protected"


class ContentTooLarge(kernel.SermentError):
    """Unpacked, the content would exceed what a preview may cost."""

    code = "clinical.content-too-large"


class ContentUnsupported(kernel.SermentError):
    """The format is known, and nothing here can show it."""

    code = "clinical.content-unsupported"


class NoSuchPage(kernel.SermentError):
    """The document has fewer pages or frames than the number asked for."""

    code = "clinical.no-such-page"


class RequestMalformed(kernel.SermentError):
    """What was handed to the workbench, or what it gave back, is not in the form agreed upon."""

    code = "clinical.request-malformed"
