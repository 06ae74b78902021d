"""The exported trail of one dossier: whole when untouched, and every single change of it is found."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from serment import kernel, ledger, vault
from serment.kernel import DossierId
from serment.ledger import trail_verifier
from support import reference_trail
from support.ledger import DOSSIER, ORGANISATION, SEED, flipped, leave_traces, some_trace

WarrantFor = Callable[..., vault.Warrant]
Files = dict[str, bytes]


def request(
    warrant: vault.Warrant, shown: Callable[[ledger.Trace], bool] | None = None
) -> ledger.BundleRequest:
    return ledger.BundleRequest(
        ORGANISATION, DOSSIER, warrant, "patient", {"read-me.txt": b"Who looked.\n"}, shown
    )


@pytest.fixture
def bundle(traced: kernel.Database, log: ledger.Log, trail_warrant: WarrantFor) -> bytes:
    """The trail of a dossier of five traces, among those of others, from both kinds of database."""
    return exported(traced, log, trail_warrant)


@pytest.fixture
def sound(traced_embedded: kernel.Database, log: ledger.Log, trail_warrant: WarrantFor) -> bytes:
    """Such a bundle once: where it came from changes nothing any more."""
    return exported(traced_embedded, log, trail_warrant)


def exported(traced: kernel.Database, log: ledger.Log, trail_warrant: WarrantFor) -> bytes:
    for number in range(5):
        with traced.unit_of_work() as uow:
            ledger.record(uow, some_trace(dossier=DossierId(kernel.new_id())))
            ledger.record(uow, some_trace(number))
    assert ledger.integrate(traced, log) is not None
    leave_traces(traced, 1)
    with traced.reading() as uow:
        return ledger.export_bundle(uow, log, request(trail_warrant()))


def unpacked(bundle: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files) -> bytes:
    """Pack as docs/formats/trail-bundle.md says."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            archive.writestr(entry, files[name])
    return made.getvalue()


def spelled(held: dict[str, Any]) -> bytes:
    return json.dumps(held, ensure_ascii=False, indent=1).encode()


def test_a_bundle_carries_the_integrated_trail_and_verifies(bundle: bytes, log: ledger.Log) -> None:
    files = unpacked(bundle)
    held = json.loads(files["trail.json"])
    statement = trail_verifier.read_note(files["statement"], log.signer.verifier_key).split("\n")

    assert packed(files) == bundle
    assert [json.loads(trace["detail"])["detail"]["number"] for trace in held["traces"]] == list("01234")
    assert [line for line in statement if not line.startswith(("file", "log", "made"))] == [
        "serment-trail/2", f"organisation {ORGANISATION}", f"dossier {DOSSIER}", "reader patient", "traces 5",
    ]  # fmt: skip
    assert ledger.verify_bundle(bundle) == []
    assert ledger.verify_bundle(bundle, log.signer.verifier_key) == []


def test_every_flipped_byte_of_a_bundle_is_found(sound: bytes) -> None:
    missed = [at for at in range(len(sound)) if not ledger.verify_bundle(flipped(sound, at))]

    assert missed == []


def changed_values(held: object) -> Iterator[Any]:
    """Yield a copy of some JSON for each value in it, with that one value changed, dropped or of another kind."""
    match held:
        case dict():
            yield {**held, "more": ""}
            for name, value in held.items():
                yield {other: kept for other, kept in held.items() if other != name}
                yield from ({**held, name: changed} for changed in changed_values(value))
        case list():
            yield [*held, held[0]]
            yield held[::-1]
            for place, value in enumerate(held):
                yield held[:place] + held[place + 1 :]
                yield from ([*held[:place], changed, *held[place + 1 :]] for changed in changed_values(value))
        case int():
            yield from (held + 1, str(held), float(held))
        case _:
            yield from (f"{held}0", f"{held}"[:-1], f"{held}".upper() + " ", None, 7)


def test_every_changed_field_of_the_trail_is_found(sound: bytes, log: ledger.Log) -> None:
    files = unpacked(sound)
    held, key = json.loads(files["trail.json"]), log.signer.verifier_key
    forms = list(changed_values(held))

    for form in forms:
        forged = packed({**files, "trail.json": spelled(form)})
        assert ledger.verify_bundle(forged, key), form
    assert len(forms) > 100


def test_every_changed_line_of_every_file_is_found(sound: bytes) -> None:
    files = unpacked(sound)

    for name, data in files.items():
        assert ledger.verify_bundle(packed({other: files[other] for other in files if other != name}))
        assert ledger.verify_bundle(packed({**files, name: data + b"\n"})), name
        assert ledger.verify_bundle(packed({**files, name: b""})), name
        for place, line in enumerate(lines := data.split(b"\n")):
            without = b"\n".join([*lines[:place], *lines[place + 1 :]])
            twice = b"\n".join([*lines[:place], line, *lines[place:]])
            assert ledger.verify_bundle(packed({**files, name: without})), f"{name}, line {place}"
            assert ledger.verify_bundle(packed({**files, name: twice})), f"{name}, line {place}"
    assert ledger.Finding("more", "was added") in ledger.verify_bundle(packed({**files, "more": b""}))


def test_a_reader_made_from_the_paper_agrees(sound: bytes, log: ledger.Log) -> None:
    """Two verifiers without a line in common: they accept the same bundle, and refuse each change of its words."""
    files, key = unpacked(sound), log.signer.verifier_key
    held = json.loads(files["trail.json"])
    bytes_flipped = [packed({**files, name: flipped(data)}) for name, data in files.items()]
    forms = [packed({**files, "trail.json": spelled(form)}) for form in changed_values(held)]

    assert reference_trail.accepts(sound, key)
    for changed in (*bytes_flipped, *forms):
        assert not reference_trail.accepts(changed, key)
        assert ledger.verify_bundle(changed, key)


def test_a_trace_that_is_left_out_is_missed(sound: bytes) -> None:
    files = unpacked(sound)
    held = json.loads(files["trail.json"])
    gone = held["traces"].pop(2)["index"]
    rest = {name: data for name, data in files.items() if f"/{gone}" not in name}

    found = ledger.verify_bundle(packed({**rest, "trail.json": spelled(held)}))

    assert ledger.Finding("statement", "is not about this trail") in found
    assert ledger.Finding(f"entries/{gone}", "is missing") in found


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda held: held["traces"][1].update(salt="00" * 32), "is not the entry of leaf 3"),
        (lambda held: held["traces"][1].update(index=5), "is not the entry of leaf 5"),
        (lambda held: held["traces"][1].update(detail="{}"), "is malformed"),
        (lambda held: held.update(dossier=str(kernel.new_id())), "belongs to another dossier"),
    ],
)
def test_proofs_alone_find_what_a_forged_statement_covers(
    sound: bytes, log: ledger.Log, change: Callable[[Any], None], fact: str
) -> None:
    """The statement is signed again by the very key of the log: only the tree can tell."""
    files = unpacked(sound)
    held = json.loads(files["trail.json"])
    change(held)
    files["trail.json"] = spelled(held)

    assert fact in {found.fact for found in ledger.verify_bundle(signed_anew(files, held, log.signer))}


def signed_anew(files: Files, held: dict[str, Any], signer: ledger.Signer) -> bytes:
    lines = trail_verifier.read_note(files["statement"], signer.verifier_key).split("\n")
    digests = {name: sha256(data).hexdigest() for name, data in files.items()}
    stated = [line for line in lines if not line.startswith(("file", "dossier"))]
    stated.insert(2, f"dossier {held['dossier']}")
    stated += [f"file {digest} {name}" for name, digest in digests.items() if name != "statement"]
    return packed({**files, "statement": signer.sign_text("\n".join(stated) + "\n").encode()})


def test_a_bundle_by_another_key_is_found(sound: bytes, log: ledger.Log) -> None:
    other = ledger.Signer(log.signer.origin, SEED[::-1])
    files = {**unpacked(sound), "public-key": other.public_file}

    assert ledger.verify_bundle(sound, other.verifier_key) == [
        ledger.Finding("public-key", "is not the key that was given")
    ]
    assert ledger.verify_bundle(packed(files)) == [
        ledger.Finding("checkpoint", "is not signed by the log's key")
    ]


def test_a_proof_of_another_checkpoint_is_found(
    sound: bytes, traced_embedded: kernel.Database, log: ledger.Log
) -> None:
    files = unpacked(sound)
    assert ledger.integrate(traced_embedded, log) is not None
    later = ledger.prove_inclusion(log, 1).text().encode()

    found = ledger.verify_bundle(packed({**files, "proofs/1.tlog-proof": later}))

    assert ledger.Finding("trace 0", "is proved by another checkpoint") in found


def test_only_what_is_shown_is_taken_out(
    bundle: bytes, traced: kernel.Database, log: ledger.Log, trail_warrant: WarrantFor
) -> None:
    asked = request(trail_warrant(), shown=lambda trace: trace.detail["number"] != "2")

    with traced.reading() as uow:
        some = ledger.export_bundle(uow, log, asked)

    assert ledger.verify_bundle(some) == []
    assert len(json.loads(unpacked(some)["trail.json"])["traces"]) == 4
    assert words_of(some) == [line.replace("traces 5", "traces 4") for line in words_of(bundle)]


def words_of(bundle: bytes) -> list[str]:
    """What the statement says besides digests and the hour: nothing of what was left out."""
    lines = unpacked(bundle)["statement"].decode().partition("\n\n")[0].split("\n")
    return [line for line in lines if not line.startswith(("file", "made"))]


def test_a_bundle_needs_the_warrant_of_its_dossier(
    traced: kernel.Database, bundle: bytes, log: ledger.Log, trail_warrant: WarrantFor
) -> None:
    other = trail_warrant(DossierId(kernel.new_id()))
    with traced.reading() as uow, pytest.raises(vault.WarrantRefused):
        ledger.export_bundle(uow, log, request(other))


def test_a_log_without_a_checkpoint_has_no_bundle(
    traced: kernel.Database, log: ledger.Log, trail_warrant: WarrantFor
) -> None:
    with traced.reading() as uow, pytest.raises(ledger.ProofRefused, match="no checkpoint yet"):
        ledger.export_bundle(uow, log, request(trail_warrant()))


def test_the_copied_verifier_says_what_it_found(sound: bytes, tmp_path: Path) -> None:
    said: list[str] = []
    file, key = tmp_path / "trail.zip", unpacked(sound)["public-key"].decode().strip()
    file.write_bytes(sound)
    assert trail_verifier.main([str(file), "--key", key], said.append) == 0
    file.write_bytes(packed({**unpacked(sound), "read-me.txt": b"Nobody looked.\n"}))

    assert trail_verifier.main([str(file)], said.append) == 1
    assert said == ["0 findings\n", "read-me.txt: is not what was signed\n", "1 findings\n"]
