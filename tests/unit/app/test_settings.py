from pathlib import Path

import pytest

from serment.app.errors import PlaceRefused, SettingWrong
from serment.app.settings import GIB, Settings, read_settings


def _write(folder: Path, text: str) -> Path:
    (folder / "serment.toml").write_text(text)
    return folder


def test_defaults_put_every_store_in_its_own_place_of_the_directory(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)

    assert settings.rows_url == f"sqlite:///{tmp_path}/rows/serment.sqlite"
    assert settings.keys_database_url == f"sqlite:///{tmp_path}/keys/keys.sqlite"
    assert (settings.objects_folder, settings.ledger_folder) == (tmp_path / "objects", tmp_path / "ledger")
    assert settings.upload_limit_bytes >= 32 * GIB


def test_the_file_is_read_and_the_environment_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _write(tmp_path, 'time_zone = "Indian/Reunion"\nsession_hours = 8\n')
    monkeypatch.setenv("SERMENT_SESSION_HOURS", "6")

    settings = read_settings(folder)

    assert (settings.time_zone, settings.session_hours) == ("Indian/Reunion", 6)


def test_the_directory_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERMENT_DATA", str(tmp_path))

    assert read_settings(None).data == tmp_path


def test_no_directory_is_said_in_one_sentence() -> None:
    with pytest.raises(SettingWrong, match="SERMENT_DATA"):
        read_settings(None)


def test_names_are_split_at_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERMENT_HOSTS", "sante.example, portail.example")

    assert read_settings(tmp_path).hosts == ("sante.example", "portail.example")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time_zone = 'Mars/Olympus'", "time_zone.*SERMENT_TIME_ZONE.*time zone"),
        ("session_hours = 'many'", "session_hours"),
        ("session_hours = 48", "session_hours"),
        ("sesion_hours = 8", "sesion_hours"),
        ("origin = 'sante.example.org'", "origin.*https://"),
        ("origin = 'http://sante.example.org'", "origin.*must be https"),
        ("origin = 'https://sante.example.org/portail'", "origin"),
        ("database_url = 'mysql://x'", "database_url.*postgresql"),
        ("tls_key = '/key.pem'", "tls_certificate and tls_key go together"),
        ("emergency_review_days = 2", "emergency_review_days must not end before emergency_delay_hours"),
        ("place = 'Frankreich'", "place"),
        ("log_level = 'loud'", "log_level"),
        ("trusted_proxies = '10.0.0.1/8'", "trusted_proxies.*networks"),
        ("this is not toml", "TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingWrong, match=said) as refused:
        read_settings(_write(tmp_path, text))

    assert refused.value.exit_code == 2


def test_a_file_that_is_no_text_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "serment.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SettingWrong, match=r"serment\.toml cannot be read"):
        read_settings(tmp_path)


def test_secrets_are_never_in_the_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERMENT_DATABASE_URL", "mysql://admin:hunter2@db/serment")

    with pytest.raises(SettingWrong) as refused:
        read_settings(tmp_path)

    assert "hunter2" not in str(refused.value)


def test_secrets_are_not_shown_with_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERMENT_PASSPHRASE", "hunter2")

    assert "hunter2" not in repr(read_settings(tmp_path))


def test_places_are_wanted_of_every_store(tmp_path: Path) -> None:
    with pytest.raises(PlaceRefused, match="SERMENT_PLACE") as refused:
        read_settings(tmp_path).insist_on_places()

    assert refused.value.exit_code == 3


@pytest.mark.parametrize("place", ["FR", "fr", "DE", "IS", "NO"])
def test_a_place_in_the_economic_area_serves_all_local_stores(tmp_path: Path, place: str) -> None:
    Settings(data=tmp_path, place=place).insist_on_places()


@pytest.mark.parametrize("setting", ["place", "rows_place", "keys_place", "objects_place", "ledger_place"])
@pytest.mark.parametrize("place", ["US", "GB", "CH", "XX"])
def test_a_place_outside_is_refused_and_named(tmp_path: Path, setting: str, place: str) -> None:
    text = f"place = '{place}'\n" if setting == "place" else f"place = 'FR'\n{setting} = '{place}'\n"
    settings = read_settings(_write(tmp_path, text))

    with pytest.raises(PlaceRefused, match=f"{setting}.*{place}"):
        settings.insist_on_places()


@pytest.mark.parametrize(("setting", "place"), [("database_url", "rows_place"), ("keys_url", "keys_place")])
def test_a_database_elsewhere_must_say_where(tmp_path: Path, setting: str, place: str) -> None:
    text = f"place = 'FR'\n{setting} = 'postgresql+psycopg://serment@db.example/serment'\n"

    with pytest.raises(PlaceRefused, match=place):
        read_settings(_write(tmp_path, text)).insist_on_places()

    read_settings(_write(tmp_path, f"{text}{place} = 'DE'\n")).insist_on_places()


def test_a_database_on_this_machine_lies_where_the_machine_does(tmp_path: Path) -> None:
    text = "place = 'FR'\ndatabase_url = 'postgresql+psycopg://serment@localhost/serment'\n"

    read_settings(_write(tmp_path, text)).insist_on_places()
