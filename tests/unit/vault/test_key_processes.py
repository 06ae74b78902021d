"""Keys between real processes: many that make the same key at once, and a rotation that is killed on its way."""

import random
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from serment import kernel, vault

_ASK = """
import sys
from uuid import UUID
from serment import kernel, vault
url, organisation, dossier = sys.argv[1:4]
clock = kernel.SystemClock()
database = kernel.Database(url, clock=clock)
sys.stdin.readline()
keyring = vault.open_keyring(database, vault.SealedKeyFile(bytes(32)), clock)
scope = vault.Scope(kernel.OrganisationId(UUID(organisation)), kernel.DossierId(UUID(dossier)), "clinical")
sys.stdout.write(keyring.seal(b"content", vault.SealContext(scope, "entry", UUID(int=1))).hex())
"""

_ROTATE = """
import sys
from uuid import UUID
from serment import kernel, vault
from serment.vault import rotation
rotation.BATCH = 3
clock = kernel.SystemClock()
keyring = vault.open_keyring(kernel.Database(sys.argv[1], clock=clock), vault.SealedKeyFile(bytes(32)), clock)
sys.stdout.write("begin\\n")
sys.stdout.flush()
while True:
    keyring.rotate_epoch(kernel.OrganisationId(UUID(sys.argv[2])))
"""


@pytest.fixture
def key_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'keys.sqlite'}"


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def other_keyring(url: str) -> vault.Keyring:
    clock = kernel.SystemClock()
    return vault.open_keyring(kernel.Database(url, clock=clock), vault.SealedKeyFile(bytes(32)), clock)


def test_processes_that_ask_at_once_seal_under_one_key(key_url: str, scope: vault.Scope) -> None:
    asked = [start(_ASK, key_url, str(scope.organisation), str(scope.dossier)) for _ in range(3)]
    for process in asked:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    sealed = [bytes.fromhex(process.communicate(timeout=60)[0]) for process in asked]

    keyring = other_keyring(key_url)
    for message in sealed:
        keyring.check(message, vault.SealContext(scope, "entry", UUID(int=1)))


@pytest.mark.long
def test_a_rotation_killed_a_hundred_times_loses_no_key(key_url: str, scope: vault.Scope) -> None:
    keyring = other_keyring(key_url)
    contexts = [
        vault.SealContext(
            vault.Scope(scope.organisation, scope.dossier, f"c{number}"), "entry", kernel.new_id()
        )
        for number in range(30)
    ]
    sealed = [keyring.seal(b"content", context) for context in contexts]

    for _ in range(100):
        process = start(_ROTATE, key_url, str(scope.organisation))
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(random.uniform(0, 0.1))
        process.kill()
        process.communicate()

        after = other_keyring(key_url)
        for message, context in zip(sealed, contexts, strict=True):
            after.check(message, context)

    keyring.rotate_epoch(scope.organisation)
    assert keyring.organisations_due() == ()
