"""The commands as scripts use them: what they say, what they leave, how they exit."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from ssl import CERT_REQUIRED, PROTOCOL_TLS_CLIENT, SSLContext
from urllib.parse import urlsplit

import pytest

from support.installation import make_installed, raw_rows
from support.postgresql import PostgresqlServer
from support.prefork import run_serment, run_serment_json
from support.server import ServerStarter, clean_environment, serving


def test_init_makes_an_installation_that_only_its_owner_reads(tmp_path: Path) -> None:
    answer = run_serment_json("init", "--data", str(tmp_path / "data"), "--administrator", "alix")

    assert answer["login"] == "alix"
    assert str(answer["enrolment_link"]).startswith("https://localhost:8443/")
    modes = {
        str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "data").rglob("*")
    }
    assert [name for name, mode in modes.items() if mode & 0o077] == []
    assert {"data/keys/root.key", "data/keys/keys.sqlite", "data/rows/serment.sqlite"} <= set(modes)


def test_init_says_who_can_open_everything(tmp_path: Path) -> None:
    plain = run_serment("init", "--data", str(tmp_path / "plain"))
    kept = run_serment("init", "--data", str(tmp_path / "kept"), SERMENT_PASSPHRASE="amphore violette rivage")

    assert "whoever takes the whole disk" in plain.stderr
    assert (tmp_path / "plain" / "keys" / "passphrase").exists()
    assert "whoever takes the whole disk" not in kept.stderr
    assert not (tmp_path / "kept" / "keys" / "passphrase").exists()


def test_a_second_init_changes_nothing(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    run_serment_json("init", "--data", data)
    before = (tmp_path / "data" / "keys" / "root.key").read_bytes()

    again = run_serment("init", "--data", data)

    assert again.returncode == 3
    assert "already holds an installation" in again.stderr
    assert (tmp_path / "data" / "keys" / "root.key").read_bytes() == before


def test_an_init_cut_short_is_taken_up(tmp_path: Path) -> None:
    make_installed(tmp_path / "data")

    answer = run_serment_json("init", "--data", str(tmp_path / "data"))

    assert answer["login"] == "admin"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("init", "--place", "US"), 3, "not a country of the European Economic Area"),
        (("serve", "--http", "--host", "0.0.0.0"), 2, "only on loopback"),
        (("serve", "--port", "70000"), 2, "--port"),
        (("serve", "--host", "203.0.113.1"), 3, "Cannot listen on 203.0.113.1"),
        (("status",), 3, "holds no installation"),
        (("verify",), 3, "holds no installation"),
        (("rotate",), 3, "holds no installation"),
        (("touched", "alix"), 3, "holds no installation"),
        (("totp", "alix"), 3, "holds no installation"),
        (("worker",), 3, "holds no installation"),
        (("serv",), 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    place = ("--data", str(tmp_path / "data")) if words != ("serv",) else ()

    done = run_serment(*words, *place)

    assert (done.returncode, said in " ".join(done.stderr.split())) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_passphrase_is_said_in_a_sentence(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    run_serment_json("init", "--data", data, SERMENT_PASSPHRASE="amphore violette rivage")

    wrong = run_serment("status", "--data", data, SERMENT_PASSPHRASE="rivage violette amphore")
    missing = run_serment("status", "--data", data)

    assert (wrong.returncode, missing.returncode) == (3, 3)
    assert "does not open the root key" in wrong.stderr
    assert "SERMENT_PASSPHRASE" in missing.stderr


def test_a_database_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    settings = make_installed(tmp_path / "data")
    with raw_rows(tmp_path / "data" / "rows" / "serment.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    for command in ("status", "serve"):
        done = run_serment(command, "--data", str(settings.data))
        assert (done.returncode, "later release" in done.stderr) == (3, True)


def test_one_database_for_rows_and_keys_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.sqlite"

    done = run_serment(
        "init", "--data", str(tmp_path / "data"), SERMENT_DATABASE_URL=url, SERMENT_KEYS_URL=url
    )

    assert (done.returncode, "keys lie apart from data" in done.stderr) == (3, True)


def test_serve_on_an_empty_directory_works_at_once(start_server: ServerStarter) -> None:
    server = start_server()

    with urllib.request.urlopen(f"{server.origin}/.well-known/security.txt") as answer:
        assert answer.read().startswith(b"Contact: ")
    assert "The first administrator enrols here" in server.output()
    assert server.stop() == 0
    assert not (server.data / "serment.pid").exists()


def test_a_second_server_on_the_same_directory_is_refused(start_server: ServerStarter) -> None:
    server = start_server()

    second = run_serment("serve", "--data", str(server.data), "--http", "--port", "0")
    status = run_serment_json("status", "--data", str(server.data))

    assert second.returncode == 3
    assert f"process {server.process.pid}" in second.stderr
    assert (status["served"], status["process"]) == (True, server.process.pid)


def test_a_port_that_is_taken_is_said_in_a_sentence(start_server: ServerStarter, tmp_path: Path) -> None:
    port = urlsplit(start_server().origin).port

    done = run_serment("serve", "--data", str(tmp_path / "other"), "--http", "--port", str(port))

    assert (done.returncode, "Address already in use" in done.stderr) == (3, True)


def test_tls_is_there_from_the_first_page(start_server: ServerStarter) -> None:
    server = start_server("--host", "127.0.0.1")
    context = SSLContext(PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(server.data / "tls" / "certificate.pem")
    assert context.verify_mode is CERT_REQUIRED
    connection = HTTPSConnection("localhost", urlsplit(server.origin).port or 0, context=context)

    connection.request("GET", "/health")
    answer = connection.getresponse()

    assert (answer.status, json.loads(answer.read())) == (200, {"status": "ok"})
    assert answer.getheader("strict-transport-security") is not None
    assert connection.sock.version() == "TLSv1.3"
    connection.close()


def test_an_unknown_host_is_refused(start_server: ServerStarter) -> None:
    connection = HTTPConnection("127.0.0.1", urlsplit(start_server().origin).port or 0)

    connection.request("GET", "/health", headers={"host": "elsewhere.example"})
    answer = connection.getresponse()

    assert answer.status == 421
    connection.close()


def test_several_processes_answer_and_stop_together(start_server: ServerStarter) -> None:
    server = start_server("--http", "--workers", "2")

    for _ in range(10):
        with urllib.request.urlopen(f"{server.origin}/health") as answer:
            assert answer.status == 200
    assert server.stop() == 0


def test_what_was_recorded_is_under_a_checkpoint_after_the_server_stopped(
    start_server: ServerStarter,
) -> None:
    server = start_server()
    server.stop()

    assert run_serment("verify", "--data", str(server.data)).returncode == 0
    assert int(str(run_serment_json("status", "--data", str(server.data))["ledger_leaves"])) > 0


def test_the_log_names_no_query_and_nothing_that_visitors_type(start_server: ServerStarter) -> None:
    server = start_server()
    port = urlsplit(server.origin).port or 0

    for path in ("/health?nom=Zoe-Martinet", "/Zoe-Martinet", "/zoe-martinet/bilan"):
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()
    server.stop()

    lines = [json.loads(line) for line in server.output().splitlines() if line.startswith("{")]
    assert [line["path"] for line in lines if line["event"] == "request"][-3:] == ["/health", "*", "*"]
    assert "artinet" not in server.output()


def test_rotate_begins_an_epoch_where_it_is_asked_for(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    run_serment_json("init", "--data", data)

    due = run_serment_json("rotate", "--data", data)
    now = run_serment_json("rotate", "--data", data, "--now")

    assert due["epochs"] == {}
    assert list(dict(now["epochs"]).values()) == [2]  # type: ignore[call-overload] # JSON
    assert run_serment("verify", "--data", data).returncode == 0


def test_a_worker_works_beside_a_server_and_stops_when_asked(start_server: ServerStarter) -> None:
    server = start_server()
    worker = subprocess.Popen(
        [sys.executable, "-m", "serment.app", "worker", "--data", str(server.data)],
        env=clean_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stderr is not None

    said = worker.stderr.readline()
    os.kill(worker.pid, signal.SIGTERM)

    assert said.startswith("At work")
    assert worker.wait(30) == 0
    worker.stderr.close()


def test_codes_of_real_accounts_are_never_shown(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    run_serment_json("init", "--data", data)

    done = run_serment("totp", "--data", data, "admin")

    assert (done.returncode, "no demonstration" in done.stderr) == (3, True)


def test_help_is_there_for_every_command_without_loading_the_others() -> None:
    everything = run_serment("--help")
    each = "from serment.app.cli import COMMANDS, _load\nfor name in COMMANDS: _load(name)(['--help'], standalone_mode=False)"
    loaded = "import sys, serment.app.cli; sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'uvicorn')))"

    assert everything.returncode == 0
    for command in ("init", "serve", "demo", "totp", "verify", "status", "worker", "rotate"):
        assert command in everything.stdout
    for script in (each, loaded):
        assert (
            subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).returncode == 0
        )


def test_rows_and_keys_may_be_on_postgresql(postgresql: PostgresqlServer, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    with postgresql.empty_database("app_rows") as rows, postgresql.empty_database("app_keys") as keys:
        urls = {"SERMENT_DATABASE_URL": rows, "SERMENT_KEYS_URL": keys}

        answer = run_serment_json("init", "--data", data, **urls)
        with (
            serving(tmp_path / "data", **urls) as server,
            urllib.request.urlopen(f"{server.origin}/health") as it,
        ):
            assert it.status == 200
        verified = run_serment("verify", "--data", data, **urls)

    assert answer["login"] == "admin"
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert not list((tmp_path / "data").rglob("*.sqlite"))


def test_an_answer_that_is_running_is_finished_before_the_server_stops(start_server: ServerStarter) -> None:
    """The page waits for a form's last byte; the server, asked to stop meanwhile, takes it and answers."""
    server = start_server()
    connection = HTTPConnection("127.0.0.1", urlsplit(server.origin).port or 0)
    connection.putrequest("POST", "/sign-in")
    connection.putheader("content-length", "7")
    connection.putheader("content-type", "application/x-www-form-urlencoded")
    connection.endheaders(b"login=")
    time.sleep(0.3)

    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    connection.send(b"x")
    answer = connection.getresponse()

    assert answer.status == 403  # no proof of origin: answered all the same
    assert answer.read()
    assert server.stop() == 0
    connection.close()
