"""Makes the bytes of the demonstration's documents, on every processor there is."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from serment.app import demonstration

Printed = tuple[demonstration.DemoDocument, bytes]
_AT_ONCE = 4
#: Below this, starting processes takes longer than printing.
_WORTH_PROCESSES = 100


@contextmanager
def printed(
    world: demonstration.World, documents: Sequence[demonstration.DemoDocument]
) -> Iterator[Iterator[Printed]]:
    """Give the documents with their bytes, in order; processes help where there are processors for them."""
    processors = len(os.sched_getaffinity(0))
    if processors == 1 or len(documents) < _WORTH_PROCESSES:
        yield ((document, document.content()) for document in documents)
        return
    started = multiprocessing.get_context("spawn")
    with started.Pool(processors, _Press.prepare, (world.seed, world.now)) as pool:
        contents = pool.imap(_Press.print, [document.key for document in documents], chunksize=_AT_ONCE)
        yield zip(documents, contents, strict=True)


class _Press:
    """What a printing process holds: the documents by key, made anew from the world's seed and hour."""

    documents: dict[str, demonstration.DemoDocument]

    @classmethod
    def prepare(cls, seed: int, now: datetime) -> None:
        """Make the same documents as the process that asks."""
        world = demonstration.build_world(seed, now=now)
        cls.documents = {document.key: document for document in demonstration.documents(world)}

    @classmethod
    def print(cls, key: str) -> bytes:
        """Return the bytes of one document."""
        return cls.documents[key].content()
