"""The settings, read from the environment once. `docs/operating.md` lists each; a test compares."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY_MIN_CHARS = 32


class SettingsError(RuntimeError):
    """The environment does not allow a start; the message names everything that is wrong."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another."""

    secret_key: str
    database_url: str
    redis_url: str
    data_dir: Path
    storage_dir: Path
    public_url: str
    mail_url: str = ""
    mail_from: str = "jangteo@localhost"
    sms_url: str = ""
    #: What the gateway proves itself with when it hands over a text message; empty takes none.
    sms_inbound_key: str = ""
    is_demo: bool = False
    help_phone: str = "02-000-0000"
    #: How many proxies of our own stand before the portal; their X-Forwarded-… headers are believed.
    trusted_proxies: int = 0
    content_dir: Path = ROOT / "content"
    #: Where the keys that sign certificates lie; empty for ``keys`` in the data folder.
    given_key_dir: Path | None = None

    @property
    def signing_key_dir(self) -> Path:
        """Where the keys that sign certificates lie."""
        return self.given_key_dir or self.data_dir / "keys"

    @property
    def is_https(self) -> bool:
        """Tell whether cookies must be marked Secure."""
        return self.public_url.startswith("https://")


def current() -> Settings:
    """Return the current app's settings."""
    kept: Settings = current_app.extensions["portal_settings"]
    return kept


def from_env(env: Mapping[str, str]) -> Settings:
    """Read the settings from ``env``.

    Raises SettingsError with one sentence for each thing that is missing or wrong.
    """
    data_dir = Path(env.get("PORTAL_DATA_DIR") or ROOT / "var").resolve()
    is_demo = env.get("PORTAL_DEMO", "0") == "1"
    host, port = env.get("PORTAL_HOST") or "127.0.0.1", env.get("PORTAL_PORT") or "8000"
    secret_key = env.get("PORTAL_SECRET_KEY") or _kept_secret(data_dir)
    storage_url = env.get("PORTAL_STORAGE_URL") or f"file://{data_dir / 'storage'}"
    settings = Settings(
        secret_key=secret_key,
        database_url=_with_driver(env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'portal.db'}"),
        redis_url=env.get("REDIS_URL") or f"unix://{data_dir / 'redis' / 'redis.sock'}",
        data_dir=data_dir,
        storage_dir=Path(storage_url.removeprefix("file://")),
        public_url=(env.get("PORTAL_PUBLIC_URL") or f"http://{host}:{port}").rstrip("/"),
        mail_url=env.get("PORTAL_MAIL_URL", ""),
        mail_from=env.get("PORTAL_MAIL_FROM") or "jangteo@localhost",
        sms_url=env.get("PORTAL_SMS_URL", ""),
        sms_inbound_key=env.get("PORTAL_SMS_INBOUND_KEY", ""),
        is_demo=is_demo,
        help_phone=env.get("PORTAL_HELP_PHONE") or "02-000-0000",
        trusted_proxies=int(proxies)
        if (proxies := env.get("PORTAL_TRUSTED_PROXIES") or "0").isdigit()
        else -1,
        given_key_dir=Path(keys).resolve() if (keys := env.get("PORTAL_SIGNING_KEY_DIR")) else None,
    )
    wrong = list(_problems(settings, storage_url))
    if wrong:
        raise SettingsError(" ".join(wrong))
    return settings


def _problems(settings: Settings, storage_url: str) -> list[str]:
    short = SECRET_KEY_MIN_CHARS
    keys = settings.given_key_dir
    wrong = (
        (
            len(settings.secret_key) < short,
            f"PORTAL_SECRET_KEY must be set to at least {short} random characters.",
        ),
        (
            not storage_url.startswith("file:///"),
            "PORTAL_STORAGE_URL must begin with file:/// (no other storage is built in yet).",
        ),
        (
            bool(settings.mail_url) and not settings.mail_url.startswith(("smtp://", "smtps://")),
            "PORTAL_MAIL_URL must begin with smtp:// or smtps://.",
        ),
        (bool(settings.sms_url), "PORTAL_SMS_URL must be empty: no text-message gateway is built in yet."),
        (
            0 < len(settings.sms_inbound_key) < short,
            f"PORTAL_SMS_INBOUND_KEY must be empty or have at least {short} random characters.",
        ),
        (
            not 0 <= settings.trusted_proxies <= 9,
            "PORTAL_TRUSTED_PROXIES must be a number from 0 to 9.",
        ),
        (
            not settings.public_url.startswith(("http://", "https://")),
            "PORTAL_PUBLIC_URL must begin with http:// or https://.",
        ),
        (
            keys is not None and not keys.is_dir(),
            "PORTAL_SIGNING_KEY_DIR must be a folder that is there: make it with mkdir -m 700.",
        ),
    )
    return [sentence for is_wrong, sentence in wrong if is_wrong]


def _kept_secret(data_dir: Path) -> str:
    """Return the key `bin/serve` made for the demo, so that a command in a second shell has it too."""
    path = data_dir / "secret_key"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _with_driver(url: str) -> str:
    """Name psycopg 3 where a hosting provider's URL names no driver."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
