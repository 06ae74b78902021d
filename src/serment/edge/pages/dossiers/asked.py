"""What the address of a page of a dossier names: the dossier, and perhaps one entry of it."""

from uuid import UUID

from starlette.requests import Request

from serment import access, kernel


def asked_dossier(request: Request) -> kernel.DossierId:
    """Return the dossier that the address names."""
    return kernel.DossierId(request.path_params["dossier"])


def asked_entry(request: Request) -> access.EntryId:
    """Return the entry that the address names."""
    return access.EntryId(request.path_params["entry"])


def asked_identifier(text: str) -> UUID | None:
    """Return an identifier that an address or a form holds; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def asked_number(text: str) -> int | None:
    """Return a number below ten thousand that an address or a form holds; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None  # noqa: PLR2004 - four digits
