"""The static files: read once, served from memory, under an address that changes when any of them does."""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from serment.edge.shell.errors import PageNotFound

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_FOREVER = "public, max-age=31536000, immutable"
_SYMBOL = re.compile(rb'<symbol id="([a-z0-9-]+)"')


@dataclass(frozen=True)
class Asset:
    """One static file and its gzip form (None where that gains nothing)."""

    body: bytes
    packed: bytes | None
    media_type: str


class Assets:
    """Everything under `static/`.

    The address holds one digest of the whole tree, so that relative addresses inside style sheets and
    modules keep working and every file can be kept by browsers for ever.
    """

    def __init__(self, files: Mapping[str, Asset]) -> None:
        self._files = dict(files)
        tree = hashlib.sha256()
        for name in sorted(self._files):
            tree.update(name.encode() + b"\0" + hashlib.sha256(self._files[name].body).digest())
        self.digest = tree.hexdigest()[:12]
        self.icons = frozenset(i.decode() for i in _SYMBOL.findall(self._files["icons.svg"].body))

    def address(self, name: str) -> str:
        """Return the address of a file.

        Raises:
            KeyError: no such file: a fault of the template, found by its first test.
        """
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"

    def serve(self, request: Request) -> Response:
        """Answer `/static/<digest>/<name>`; an older digest gets the present file, not to be kept.

        Raises:
            PageNotFound: no such file.
        """
        asset = self._files.get(request.path_params["name"])
        if asset is None:
            raise PageNotFound
        current = request.path_params["digest"] == self.digest
        headers = {"cache-control": _FOREVER if current else "no-cache", "vary": "accept-encoding"}
        if asset.packed is None or "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(asset.body, headers=headers, media_type=asset.media_type)
        return Response(
            asset.packed, headers={**headers, "content-encoding": "gzip"}, media_type=asset.media_type
        )


def load_assets(directory: Path) -> Assets:
    """Read every file of the directory that a browser can ask for."""
    paths = [path for path in directory.rglob("*") if path.suffix in _TYPES or path.suffix == ".png"]
    return Assets({path.relative_to(directory).as_posix(): _read(path) for path in paths})


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    packed = gzip.compress(body, mtime=0)
    media_type = _TYPES.get(path.suffix) or mimetypes.types_map[path.suffix]
    return Asset(body, packed if len(packed) < len(body) * 0.9 else None, media_type)
