"""Buffers for sealed bytes, used again from one object to the next.

They never hold anything in clear: a buffer that goes from one reader to another must have nothing to tell.
"""

from collections import deque

from serment.vault import cobblestone

#: Room for a header, one window of chunks and a last chunk: a whole object of 1 MiB goes to disk in one write.
SEALED_BUFFER_BYTES = (
    cobblestone.HEADER_BYTES + cobblestone.SEALED_WINDOW_BYTES + cobblestone.SEALED_CHUNK_BYTES
)


class SealedBuffers:
    """A few buffers that wait for their next use. Thread-safe."""

    def __init__(self, waiting: int = 8) -> None:
        self._waiting: deque[memoryview] = deque(maxlen=waiting)

    def take(self) -> memoryview:
        """Return a buffer that nobody else uses."""
        try:
            return self._waiting.pop()
        except IndexError:
            return memoryview(bytearray(SEALED_BUFFER_BYTES))

    def give_back(self, buffer: memoryview) -> None:
        """Give back a buffer that was taken, and will not be used any more."""
        self._waiting.append(buffer)
