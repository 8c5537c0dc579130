"""What has to hold before the first program starts: a free address, a data folder of our own, a secret."""

import fcntl
import os
import secrets
import socket
from pathlib import Path

LONGEST_LOG_BYTES = 10_000_000


class CannotStartError(Exception):
    """Something a person has to change first; the message says what."""


def prepare_folder() -> Path:
    """Make the data folder, and hold a lock in it for as long as this process lives."""
    data = Path(os.environ.get("PORTAL_DATA_DIR") or "var").resolve()
    (data / "log").mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    lock = os.open(data / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStartError(
            f"The portal already runs from {data}; stop that one first.\n"
            f"{data} 에서 이미 실행 중입니다. 먼저 그것을 멈추세요."
        ) from None
    for log in (data / "log").glob("*.log"):
        if log.stat().st_size > LONGEST_LOG_BYTES:
            log.replace(log.with_suffix(".old"))
    return data


def check_address(host: str, port: str) -> str:
    """Return ``host:port`` as the web server takes it, once it is known to be free."""
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, ValueError, OverflowError) as error:
        raise CannotStartError(
            f"{host}:{port} cannot be used ({error}). Set another one: PORTAL_PORT=8001 bin/serve\n"
            f"{host}:{port} 주소를 쓸 수 없습니다. 다른 번호로 시작하세요: PORTAL_PORT=8001 bin/serve"
        ) from None
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def ensure_secret_key(data: Path) -> None:
    """Put a secret into the environment: the given one, or in the demo one that is made once and kept."""
    if os.environ.get("PORTAL_SECRET_KEY"):
        return
    if os.environ["PORTAL_DEMO"] != "1":
        raise CannotStartError(
            "PORTAL_SECRET_KEY is not set. Outside the demo it must be: 32 random characters or more.\n"
            "PORTAL_SECRET_KEY가 없습니다. 체험판이 아니면 32자 이상의 임의 문자열로 정해야 합니다."
        )
    path = data / "secret_key"
    if not path.exists():
        fresh = data / f"secret_key.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
        fresh.replace(path)
    os.environ["PORTAL_SECRET_KEY"] = path.read_text(encoding="ascii").strip()
