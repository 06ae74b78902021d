"""The tags of a part's chunks: a summary of the stored bytes that costs almost nothing beside sealing them."""

import hashlib

from serment.vault.cobblestone import CHUNK_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES, WINDOW_CHUNKS

_TAGS = tuple(
    slice(index * SEALED_CHUNK_BYTES + CHUNK_BYTES, (index + 1) * SEALED_CHUNK_BYTES)
    for index in range(WINDOW_CHUNKS + 1)
)


class TagDigest:
    """The SHA-256 of the tags of a part's chunks, in order: what the manifest says of the stored bytes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, sealed: memoryview) -> None:
        """Add the tags of a run of sealed chunks, a window and one at most; only its last may be a short one."""
        whole, rest = divmod(len(sealed), SEALED_CHUNK_BYTES)
        self._hash.update(b"".join(map(sealed.__getitem__, _TAGS[:whole])))
        if rest:
            self._hash.update(sealed[-TAG_BYTES:])

    def digest(self) -> bytes:
        """Return the digest of all tags so far."""
        return self._hash.digest()
