import os
from pathlib import Path

import pytest

from serment.app.directory import DataDirectory
from serment.app.errors import AlreadyInstalled, DirectoryBusy, NotInstalled, OperatorError


@pytest.fixture
def directory(tmp_path: Path) -> DataDirectory:
    made = DataDirectory(tmp_path / "data")
    made.make()
    return made


def test_one_holder_keeps_others_out_and_names_itself(directory: DataDirectory) -> None:
    with directory.hold():
        assert directory.is_served()
        assert directory.running_pid() == os.getpid()
        with pytest.raises(DirectoryBusy, match=f"process {os.getpid()}"), directory.hold():
            pass


def test_the_directory_is_free_again_afterwards(directory: DataDirectory) -> None:
    with pytest.raises(RuntimeError), directory.hold():
        raise RuntimeError

    assert (directory.is_served(), directory.running_pid()) == (False, None)
    with directory.hold():
        assert directory.is_served()


def test_a_directory_that_was_never_served_is_not_served(tmp_path: Path) -> None:
    assert not DataDirectory(tmp_path).is_served()


def test_a_process_number_that_is_none_is_not_believed(directory: DataDirectory) -> None:
    directory.pid.write_text("nonsense")

    assert directory.running_pid() is None


def test_whether_an_installation_is_there_is_insisted_on(directory: DataDirectory) -> None:
    with pytest.raises(NotInstalled):
        directory.insist_installed()
    directory.insist_empty()

    directory.root_key.touch()

    directory.insist_installed()
    with pytest.raises(AlreadyInstalled):
        directory.insist_empty()


def test_a_directory_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OperatorError, match="cannot be made"):
        DataDirectory(tmp_path / "file").make()
