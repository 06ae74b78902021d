"""Whatever is sent as a document: no answer above 499, the server stays, and what was filed comes back (WEB-03, 06, 07)."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from struct import pack
from zlib import crc32

import pytest

from files import hostile
from support.server import RunningServer
from support.visitor import Answer, Visitor, memory_of

MOST_MEGABYTES = 250
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCRIPT = b"<script>alert(document.domain)</script>"

CORPUS: Mapping[str, Callable[[], bytes]] = {
    "one byte": lambda: b"\0",
    "nothing but zeros": lambda: bytes(70_000),
    "a JPEG": hostile.jpeg,
    "a progressive JPEG": lambda: hostile.jpeg(progressive=True),
    "a PNG": hostile.png,
    "a WebP": hostile.webp,
    "a JPEG cut short": lambda: hostile.jpeg()[:700],
    "a PNG cut short": lambda: hostile.png()[:200],
    "a WebP cut short": lambda: hostile.webp()[:60],
    "a JPEG of its first bytes": lambda: b"\xff\xd8\xff\xe0",
    "a PNG that is a bomb": hostile.png_bomb,
    "a PNG of no pixels": lambda: (
        b"\x89PNG\r\n\x1a\n"
        + hostile.png_chunk(b"IHDR", pack(">IIBBBBB", 0, 0, 8, 0, 0, 0, 0))
        + hostile.png_chunk(b"IEND", b"")
    ),
    "a PNG that says it is huge": lambda: (
        b"\x89PNG\r\n\x1a\n"
        + hostile.png_chunk(b"IHDR", pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 16, 6, 0, 0, 0))
    ),
    "a zip bomb": hostile.zip_bomb,
    "an office file of nothing": lambda: hostile.office("word"),
    "an open document of nothing": hostile.open_document,
    "a PDF": hostile.pdf,
    "a PDF of 10,000 pages": lambda: hostile.pdf(10_000),
    "a PDF that asks for a password": hostile.protected_pdf,
    "a PDF that is a bomb": hostile.pdf_bomb,
    "a PDF cut short": lambda: hostile.pdf()[:300],
    "a PDF of its first line": lambda: b"%PDF-1.7\n",
    "a PDF whose page tree is a ring": lambda: hostile.assemble_pdf(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]
    ),
    "a PDF of a page as wide as can be": lambda: hostile.pdf().replace(b"0 0 595 842", b"0 0 9e9 9e9"),
    "a PDF that is also a zip": lambda: hostile.pdf() + hostile.zip_bomb(1),
    "a DICOM instance": hostile.dicom,
    "a program in a DICOM preamble": lambda: hostile.dicom(preamble=hostile.PE_STUB.ljust(128, b"\0")),
    "an ELF program in a DICOM preamble": lambda: hostile.dicom(preamble=b"\x7fELF".ljust(128, b"\0")),
    "a DICOM instance of deep sequences": lambda: hostile.dicom(hostile.nested_sequences(20_000)),
    "a DICOM instance of other dimensions": lambda: hostile.dicom(rows=65_535, columns=65_535),
    "a DICOM instance without pixels": lambda: hostile.dicom(pixels=b"\0\0"),
    "a DICOM instance cut short": lambda: hostile.dicom()[:200],
    "a DICOM prefix alone": lambda: bytes(128) + b"DICM",
    "an element longer than the file": lambda: (
        hostile.dicom() + pack("<HH2sHI", 0x7FE1, 0x0010, b"OB", 0, 0xFFFFFFF0)
    ),
    "a sound": hostile.wav,
    "a sound cut short": lambda: hostile.wav()[:30],
    "a page with a script": lambda: b"<!doctype html>" + SCRIPT,
    "a drawing with a script": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>",
    "entities upon entities": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'
    ),
    "the harmless virus": lambda: EICAR,
    "a picture that is also a script": lambda: b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//",
    "a text of another century": lambda: "é".encode("utf-16"),
    "a line without an end": lambda: b"a" * 3_000_000,
}
SAMPLES: Mapping[str, Callable[[], bytes]] = {
    "jpeg": hostile.jpeg,
    "png": hostile.png,
    "webp": hostile.webp,
    "pdf": lambda: hostile.pdf(3),
    "dicom": lambda: hostile.dicom(hostile.nested_sequences(3)),
    "wav": lambda: hostile.wav(0.2),
    "office": lambda: hostile.office("word"),
}
#: What is served with ranges made harmless; of all else every byte comes back.
NEUTRALISED = {"image/jpeg", "image/png", "image/webp", "application/dicom"}


@dataclass
class Faults:
    """What should not have been, with where it was; a whole corpus is tried before any of it is told."""

    told: list[str] = field(default_factory=list)

    def check(self, what: str, answer: Answer) -> None:
        """Note an answer that is neither a success nor a refusal with its reason."""
        if answer.status >= 500:
            self.told.append(f"{what}: {answer.status} {answer.body[:200]!r}")
        elif answer.status >= 400:
            said = answer.json()
            if not (said.get("title") and said.get("detail")):
                self.told.append(f"{what}: {answer.status} without words: {said}")


def try_document(visitor: Visitor, faults: Faults, name: str, content: bytes) -> None:
    """File one document both ways, and look at it in every way there is."""
    reference = f"r-{crc32(name.encode() + content):x}"
    filed = visitor.put(reference, content, filename=f"{name}.pdf", title=name)
    faults.check(f"{name}: put", filed)
    if filed.status == 201:
        look(visitor, faults, name, str(filed.json()["entry"]), content)


def look(visitor: Visitor, faults: Faults, name: str, entry: str, content: bytes) -> None:
    address = visitor.document(entry)
    for part in ("preview/0", "preview/9999", "frames/0"):
        faults.check(f"{name}: {part}", visitor.ask("GET", f"{address}/{part}"))
    came = visitor.ask("GET", f"{address}/content")
    faults.check(f"{name}: content", came)
    media = str(came.headers["content-type"]).partition(";")[0]
    if len(came.body) != len(content):
        faults.told.append(f"{name}: {len(content)} bytes sent, {len(came.body)} came back")
    elif came.body != content and media not in NEUTRALISED:
        faults.told.append(f"{name}: {media} came back changed")
    elif media == "application/dicom" and came.body[128:] != content[128:]:
        faults.told.append(f"{name}: more than the preamble was changed")


def mutations(seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield samples with bytes changed, taken out, doubled or cut off, for ever; the same for the same seed."""
    drawn, makers = random.Random(seed), {name: make() for name, make in SAMPLES.items()}
    while True:
        for name, sample in makers.items():
            content = bytearray(sample)
            for _ in range(drawn.randint(1, 12)):
                at = drawn.randrange(len(content))
                act = drawn.randrange(5)
                if act <= 1:
                    content[at] = drawn.randrange(256)
                elif act == 2:
                    content[at : at + 4] = drawn.choice([b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff"])
                elif act == 3:
                    del content[at : at + drawn.randint(1, 64)]
                else:
                    content[at:at] = content[at : at + drawn.randint(1, 64)]
                content = content or bytearray(b"x")
            yield f"{name} {drawn.randrange(10**6)}", bytes(content)


def test_corpus_is_filed_or_refused_with_words(visitor: Visitor, shared_server: RunningServer) -> None:
    faults, most = Faults(), 0.0
    for name, make in CORPUS.items():
        try_document(visitor, faults, name, make())
        most = max(most, memory_of(shared_server.process.pid))

    faults.check("the list", visitor.ask("GET", f"/files/{visitor.dossier}"))

    assert faults.told == []
    assert most < MOST_MEGABYTES
    assert visitor.ask("GET", "/health").status == 200


def test_corpus_comes_by_tus_too(visitor: Visitor) -> None:
    faults = Faults()
    for name in ("a JPEG cut short", "a PDF of 10,000 pages", "a program in a DICOM preamble", "one byte"):
        content = CORPUS[name]()
        upload = visitor.begin(len(content), title=name)
        middle = len(content) // 2
        faults.check(f"{name}: first half", visitor.send(upload, 0, content[:middle]))
        faults.check(f"{name}: second half", visitor.send(upload, visitor.offset(upload), content[middle:]))
        entry = next(entry for entry, line in visitor.entries().items() if line["title"] == name)
        look(visitor, faults, name, entry, content)

    assert faults.told == []


def test_nothing_at_all_is_refused(visitor: Visitor) -> None:
    refused = visitor.put("nothing", b"")

    assert refused.status == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert "nothing" not in {line["title"] for line in visitor.entries().values()}


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "a\0b.pdf", "..", "/", "\\\\server\\share", "a\r\nset-cookie: b=c", "\u202efdp.exe", "é" * 255, "x" * 5000, " "],
)  # fmt: skip
def test_name_of_a_file_is_only_a_name(visitor: Visitor, shared_server: RunningServer, name: str) -> None:
    before = {path.name for path in shared_server.data.parent.iterdir()}
    filed = visitor.put(f"n-{crc32(name.encode()):x}", b"text", filename=name, title="Nom")

    assert filed.status in {201, 422}
    if filed.status == 201:
        answer = visitor.ask("GET", f"{visitor.document(str(filed.json()['entry']))}/content")
        assert answer.body == b"text"
        assert answer.headers["set-cookie"] is None
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert {path.name for path in shared_server.data.parent.iterdir()} == before


def test_mutated_files_bring_nothing_down(visitor: Visitor, shared_server: RunningServer) -> None:
    faults = Faults()
    for name, content in islice(mutations(seed=2026), 42):
        try_document(visitor, faults, name, content)

    assert faults.told == []
    assert memory_of(shared_server.process.pid) < MOST_MEGABYTES


@pytest.mark.long
def test_many_mutated_files_bring_nothing_down(visitor: Visitor, shared_server: RunningServer) -> None:
    faults, most = Faults(), 0.0
    for name, content in islice(mutations(seed=7), 700):
        try_document(visitor, faults, name, content)
        most = max(most, memory_of(shared_server.process.pid))

    assert faults.told == []
    assert most < MOST_MEGABYTES
    assert "edge.answer-failed" not in shared_server.output()
