from pathlib import Path

import pytest

from portal.core.settings import SettingsError, from_env

KEY = "k" * 32


def test_a_key_alone_is_enough_and_everything_stands_below_the_data_folder(tmp_path: Path) -> None:
    settings = from_env({"PORTAL_SECRET_KEY": KEY, "PORTAL_DATA_DIR": str(tmp_path)})

    assert settings.database_url == f"sqlite:///{tmp_path}/portal.db"
    assert settings.storage_dir == tmp_path / "storage"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert not settings.is_demo
    assert not settings.is_https


@pytest.mark.parametrize("key", ["", "short", "k" * 31])
def test_a_missing_or_weak_key_stops_the_start(tmp_path: Path, key: str) -> None:
    with pytest.raises(SettingsError, match="PORTAL_SECRET_KEY"):
        from_env({"PORTAL_SECRET_KEY": key, "PORTAL_DATA_DIR": str(tmp_path)})


def test_everything_wrong_is_named_at_once(tmp_path: Path) -> None:
    env = {
        "PORTAL_DATA_DIR": str(tmp_path),
        "PORTAL_STORAGE_URL": "s3://bucket",
        "PORTAL_MAIL_URL": "http://mail",
        "PORTAL_SMS_URL": "https://gateway",
        "PORTAL_PUBLIC_URL": "portal.example",
    }

    with pytest.raises(SettingsError) as refusal:
        from_env(env)

    for name in ("SECRET_KEY", "STORAGE_URL", "MAIL_URL", "SMS_URL", "PUBLIC_URL"):
        assert f"PORTAL_{name}" in str(refusal.value)


def test_the_key_the_demo_made_is_found_by_a_command_in_a_second_shell(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(KEY + "\n", encoding="utf-8")

    assert from_env({"PORTAL_DATA_DIR": str(tmp_path)}).secret_key == KEY


@pytest.mark.parametrize("url", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"])
def test_postgresql_is_reached_by_psycopg_whatever_the_url_says(tmp_path: Path, url: str) -> None:
    env = {"PORTAL_SECRET_KEY": KEY, "PORTAL_DATA_DIR": str(tmp_path), "DATABASE_URL": url}

    assert from_env(env).database_url == "postgresql+psycopg://u@h/d"


def test_an_https_address_makes_cookies_secure(tmp_path: Path) -> None:
    env = {
        "PORTAL_SECRET_KEY": KEY,
        "PORTAL_DATA_DIR": str(tmp_path),
        "PORTAL_PUBLIC_URL": "https://p.example/",
    }

    settings = from_env(env)

    assert settings.is_https
    assert settings.public_url == "https://p.example"


@pytest.mark.parametrize("key", ["short", "k" * 31])
def test_a_weak_key_for_incoming_text_messages_stops_the_start(tmp_path: Path, key: str) -> None:
    env = {"PORTAL_SECRET_KEY": KEY, "PORTAL_DATA_DIR": str(tmp_path), "PORTAL_SMS_INBOUND_KEY": key}

    with pytest.raises(SettingsError, match="PORTAL_SMS_INBOUND_KEY"):
        from_env(env)


def test_text_messages_come_in_only_with_a_key(tmp_path: Path) -> None:
    env = {"PORTAL_SECRET_KEY": KEY, "PORTAL_DATA_DIR": str(tmp_path)}

    assert from_env(env).sms_inbound_key == ""
    assert from_env({**env, "PORTAL_SMS_INBOUND_KEY": KEY}).sms_inbound_key == KEY


def test_signing_keys_lie_in_the_data_folder_unless_a_folder_is_named(tmp_path: Path) -> None:
    env = {"PORTAL_SECRET_KEY": KEY, "PORTAL_DATA_DIR": str(tmp_path)}

    assert from_env(env).signing_key_dir == tmp_path / "keys"
    assert from_env({**env, "PORTAL_SIGNING_KEY_DIR": str(tmp_path)}).signing_key_dir == tmp_path
    with pytest.raises(SettingsError, match="PORTAL_SIGNING_KEY_DIR"):
        from_env({**env, "PORTAL_SIGNING_KEY_DIR": str(tmp_path / "none")})
