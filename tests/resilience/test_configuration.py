"""A wrong or missing setting, file or place: one clear sentence that names it, exit code 2 or 3, never a traceback."""

import os
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.prefork import Commands, Done, loaded_commands
from support.server import serving
from support.visitor import Prepared

SECRET = "amphore-violette-rivage"


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    with loaded_commands() as commands:
        yield commands


def insist_on_a_sentence(done: Done, code: int, *names: str) -> None:
    said = " ".join(done.err.split())
    assert done.code == code, done
    assert [name for name in names if name not in said] == [], said
    for sign in ("Traceback", "unforeseen", "Error(", "sqlalchemy", 'File "', SECRET):
        assert sign not in done.err, said
    assert done.out == ""


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("origin", "sante.example.org"), ("origin", "http://sante.example.org"), ("origin", "https://a.example:port"),
        ("origin", "https://[::1"), ("time_zone", "Europe/Nowhere"), ("time_zone", "../../etc/passwd"),
        ("trusted_proxies", "10.0.0.0/99"), ("database_url", "mysql://x"), ("keys_url", f"sqlite://{SECRET}"),
        ("session_idle_minutes", "0"), ("session_idle_minutes", "many"), ("patient_idle_minutes", "61"),
        ("session_hours", "25"), ("upload_limit_bytes", "-1"), ("upload_limit_bytes", "1e400"), ("stop_seconds", "0"),
        ("log_level", "loud"), ("place", "FRANCE"), ("tls_key", "/nowhere/key.pem"),
    ],
)  # fmt: skip
def test_wrong_setting_is_named(commands: Commands, tmp_path: Path, setting: str, value: str) -> None:
    data = tmp_path / "data"

    done = commands.run("serve", "--data", str(data), "--port", "0", **{f"SERMENT_{setting.upper()}": value})

    insist_on_a_sentence(done, 2, setting)
    assert not data.exists()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b"place = ", "serment.toml"), (b"plaice = 'FR'", "plaice"), (b"\xff\xfe", "serment.toml"),
        (b"place = 5", "place"), (b"[place]\nx = 1", "place"), (b"hosts = 3", "hosts"),
    ],
)  # fmt: skip
def test_wrong_file_of_settings_is_named(commands: Commands, tmp_path: Path, text: bytes, named: str) -> None:
    (tmp_path / "serment.toml").write_bytes(text)

    insist_on_a_sentence(commands.run("serve", "--data", str(tmp_path), "--port", "0"), 2, named)


def test_settings_that_are_a_folder_are_named(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "serment.toml").mkdir()

    insist_on_a_sentence(commands.run("status", "--data", str(tmp_path)), 2, "serment.toml")


def _remove(name: str) -> Callable[[Path], None]:
    return lambda data: (data / name).unlink()


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    def write(data: Path) -> None:
        (data / name).chmod(0o600)
        (data / name).write_bytes(content)

    return write


def _make_folder(name: str) -> Callable[[Path], None]:
    def make(data: Path) -> None:
        (data / name).unlink()
        (data / name).mkdir()

    return make


def _flip(name: str) -> Callable[[Path], None]:
    def flip(data: Path) -> None:
        content = bytearray((data / name).read_bytes())
        content[len(content) // 2] ^= 1
        _write(name, bytes(content))(data)

    return flip


def _newer(name: str) -> Callable[[Path], None]:
    def write(data: Path) -> None:
        with sqlite3.connect(data / name) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()

    return write


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "no passphrase": (_remove("keys/passphrase"), "passphrase"),
    "an empty passphrase": (_write("keys/passphrase", b"\n"), "passphrase"),
    "another passphrase": (_write("keys/passphrase", b"rivage\n"), "passphrase"),
    "a passphrase that is no text": (_write("keys/passphrase", b"\xff"), "passphrase"),
    "a root key of one other byte": (_flip("keys/root.key"), "root key"),
    "an empty root key": (_write("keys/root.key", b""), "root key"),
    "a root key that is a folder": (_make_folder("keys/root.key"), "root.key"),
    "no key database": (_remove("keys/keys.sqlite"), "key"),
    "a key database of nothing": (_write("keys/keys.sqlite", b""), "key"),
    "a key database that is none": (_write("keys/keys.sqlite", b"no database " * 1000), "database"),
    "a later key database": (_newer("keys/keys.sqlite"), "later release"),
    "no row database": (_remove("rows/serment.sqlite"), "database"),
    "a row database that is none": (_write("rows/serment.sqlite", b"no database " * 1000), "database"),
    "a row database that is a folder": (_make_folder("rows/serment.sqlite"), "database"),
    "a later row database": (_newer("rows/serment.sqlite"), "later release"),
}


@pytest.mark.parametrize("command", ["status", "verify", "serve", "worker", "rotate"])
@pytest.mark.parametrize(("damage", "named"), DAMAGES.values(), ids=DAMAGES.keys())
def test_damaged_installation_is_said_in_a_sentence(
    commands: Commands, prepared: Prepared, command: str, damage: Callable[[Path], None], named: str
) -> None:
    damage(prepared.data)
    port = ("--port", "0") if command == "serve" else ()

    insist_on_a_sentence(commands.run(command, "--data", str(prepared.data), *port), 3, named)


@pytest.mark.parametrize(
    ("setting", "content", "named"),
    [
        ("PASSPHRASE_FILE", None, "passphrase"), ("TLS", None, "certificate"), ("TLS", b"no certificate", "certificate"),
        ("OBJECTS", b"a file", "objects"), ("LEDGER", b"a file", "ledger"),
    ],
)  # fmt: skip
def test_setting_that_names_nothing_of_use_is_told(
    commands: Commands, prepared: Prepared, setting: str, content: bytes | None, named: str
) -> None:
    place = prepared.data.parent / named
    if content is not None:
        place.write_bytes(content)
    names = ("TLS_CERTIFICATE", "TLS_KEY") if setting == "TLS" else (setting,)

    done = commands.run(
        "serve",
        "--data",
        str(prepared.data),
        "--port",
        "0",
        **{f"SERMENT_{name}": str(place) for name in names},
    )

    insist_on_a_sentence(done, 3, named)


def test_database_that_nobody_answers_for_is_told(commands: Commands, prepared: Prepared) -> None:
    url = f"postgresql+psycopg://serment:{SECRET}@127.0.0.1:1/serment"

    done = commands.run("serve", "--data", str(prepared.data), "--port", "0", SERMENT_DATABASE_URL=url)

    insist_on_a_sentence(done, 3, "database")


def test_directory_that_is_a_file_is_told(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    for command in ("init", "serve"):
        insist_on_a_sentence(commands.run(command, "--data", str(tmp_path / "data")), 3, "data")
    insist_on_a_sentence(commands.run("serve", "--data", str(tmp_path / "data" / "below")), 3, "below")


def test_directory_that_may_only_be_read_is_told(commands: Commands, prepared: Prepared) -> None:
    if os.geteuid() == 0:
        bind = ["mount", "--bind", str(prepared.data), str(prepared.data)]
        if subprocess.run(bind, capture_output=True, check=False).returncode != 0:
            pytest.skip("no mount may be made here")
        subprocess.run(["mount", "-o", "remount,ro,bind", str(prepared.data)], check=True)
    else:
        for folder in (prepared.data, *(path for path in prepared.data.rglob("*") if path.is_dir())):
            folder.chmod(0o500)
    try:
        done = commands.run("serve", "--data", str(prepared.data), "--port", "0")
        insist_on_a_sentence(done, 3, str(prepared.data))
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", "-l", str(prepared.data)], check=True)
        else:
            for folder in (prepared.data, *(path for path in prepared.data.rglob("*") if path.is_dir())):
                folder.chmod(0o700)


def test_port_and_directory_in_use_are_told(commands: Commands, prepared: Prepared, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = commands.run("serve", "--data", str(prepared.data), "--port", port)
    insist_on_a_sentence(done, 3, port)

    with serving(prepared.data) as server:
        for command in ("serve", "init", "demo"):
            second = commands.run(command, "--data", str(prepared.data))
            insist_on_a_sentence(second, 3, str(prepared.data), str(server.process.pid))
