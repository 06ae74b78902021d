from pathlib import Path

import pytest
from pydantic import SecretStr

from serment.app.directory import DataDirectory
from serment.app.errors import SecretUnavailable
from serment.app.passphrase import draw_passphrase, read_passphrase, write_private
from serment.app.settings import Settings


@pytest.fixture
def data(tmp_path: Path) -> Path:
    DataDirectory(tmp_path / "data").make()
    return tmp_path / "data"


def test_the_operators_passphrase_goes_first(data: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("from the file\n")
    in_file = Settings(data=data, passphrase_file=tmp_path / "kept")
    given = Settings(data=data, passphrase=SecretStr("given"), passphrase_file=tmp_path / "kept")

    assert (read_passphrase(in_file), read_passphrase(given)) == ("from the file", "given")
    assert not draw_passphrase(in_file)
    assert not draw_passphrase(given)
    assert not DataDirectory(data).passphrase.exists()


def test_a_passphrase_is_drawn_once_and_only_its_owner_reads_it(data: Path) -> None:
    settings = Settings(data=data)

    assert draw_passphrase(settings)
    first = read_passphrase(settings)
    assert draw_passphrase(settings)

    assert read_passphrase(settings) == first
    assert len(first) >= 40
    assert DataDirectory(data).passphrase.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_a_passphrase_that_cannot_be_read_is_said_in_a_sentence(data: Path, content: bytes | None) -> None:
    if content is not None:
        DataDirectory(data).passphrase.write_bytes(content)

    with pytest.raises(SecretUnavailable, match="SERMENT_PASSPHRASE_FILE"):
        read_passphrase(Settings(data=data))


def test_a_private_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("before")

    with pytest.raises(SecretUnavailable, match="cannot be written"):
        write_private(tmp_path / "there", b"after")

    assert (tmp_path / "there").read_text() == "before"
