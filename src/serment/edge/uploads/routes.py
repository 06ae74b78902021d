"""The addresses at which bytes come and go."""

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import BaseRoute, Route
from typing_extensions import override

from serment.edge.desk import Desk
from serment.edge.uploads.content import Contents
from serment.edge.uploads.files import Files
from serment.edge.uploads.tus import Tus

#: Requests under these addresses read their own bodies.
STREAMS = ("/uploads/", "/files/")


class _Reference(Convertor[str]):
    """A sender's reference: 1 to 100 letters, digits, `.`, `_` or `-`."""

    regex = "[A-Za-z0-9._-]{1,100}"

    @override
    def convert(self, value: str) -> str:
        return value

    @override
    def to_string(self, value: str) -> str:
        return value


class _Place(Convertor[int]):
    """The place of a page or a frame in a document, counted from 0: of six digits at most."""

    regex = "[0-9]{1,6}"

    @override
    def convert(self, value: str) -> int:
        return int(value)

    @override
    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("reference", _Reference())
register_url_convertor("place", _Place())


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of uploads, files and contents."""
    tus, files, contents = Tus(desk), Files(desk), Contents(desk)
    document = "/dossiers/{dossier:uuid}/documents/{entry:uuid}"
    return [
        Route("/uploads/", tus.options, methods=["OPTIONS"]),
        Route("/uploads/dossiers/{dossier:uuid}", tus.options, methods=["OPTIONS"]),
        Route("/uploads/dossiers/{dossier:uuid}", tus.create, methods=["POST"]),
        Route("/uploads/{upload:uuid}", tus.state, methods=["HEAD"]),
        Route("/uploads/{upload:uuid}", tus.patch, methods=["PATCH"]),
        Route("/uploads/{upload:uuid}", tus.terminate, methods=["DELETE"]),
        Route("/files/{dossier:uuid}/{reference:reference}", files.put, methods=["PUT"]),
        Route("/files/{dossier:uuid}/{reference:reference}", files.get, methods=["GET", "HEAD"]),
        Route("/files/{dossier:uuid}", files.list, methods=["GET"]),
        Route(f"{document}/content", contents.whole, methods=["GET", "HEAD"]),
        Route(f"{document}/preview/{{page:place}}", contents.preview, methods=["GET"]),
        Route(f"{document}/frames/{{frame:place}}", contents.frame, methods=["GET"]),
    ]
