"""`python -m bin.film drawing.js folder/name`: a film without sound, drawn by a script, as folder/name.webm.

The script is a module that exports `size`, `seconds` and `draw(canvas, second)`. Chromium draws each picture
and encodes it (VP9); this file puts the pictures into a WebM that says how long it is and where one can jump
to, which a recording of the screen does not. The last picture is kept as name.webp, shown before playing.
"""

import base64
import os
import struct
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.servers import find_chromium

PICTURES_PER_S = 10
KEY_EVERY_S = 5
"""How far apart the places lie that one can jump to."""
QUANTIZER = 50
"""From 0, which loses nothing, to 63."""

_PAGE = "https://film.example/"
"""Any secure address will do: nothing is asked of it, and only there may a page encode."""
_ENCODE = """
async ([perSecond, keyEvery, quantizer]) => {
  const { size, seconds, draw } = await import('/drawing.js');
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext('2d');
  const pictures = [];
  const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const keep = (chunk) => {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    pictures.push([chunk.timestamp / 1000, chunk.type === 'key', base64(bytes)]);
  };
  const encoder = new VideoEncoder({ output: keep, error: (error) => { throw error; } });
  const format = { codec: 'vp09.00.31.08', bitrateMode: 'quantizer' };
  encoder.configure({ ...format, width: size, height: size, framerate: perSecond });
  for (let at = 0; at < seconds * perSecond; at++) {
    draw(context, at / perSecond);
    const frame = new VideoFrame(canvas, { timestamp: Math.round((at * 1e6) / perSecond) });
    encoder.encode(frame, { keyFrame: at % (keyEvery * perSecond) === 0, vp9: { quantizer } });
    frame.close();
    if (encoder.encodeQueueSize > 8) await new Promise((done) => setTimeout(done, 20));
  }
  await encoder.flush();
  const poster = await (await canvas.convertToBlob({ type: 'image/webp', quality: 0.8 })).arrayBuffer();
  return { size, seconds, pictures, poster: base64(new Uint8Array(poster)) };
}
"""


def main(drawing: str, target: str) -> None:
    """Write the film and its picture."""
    film = _draw(Path(drawing))
    path = Path(target)
    path.with_suffix(".webm").write_bytes(write_webm(film["size"], film["seconds"], film["pictures"]))
    path.with_suffix(".webp").write_bytes(base64.b64decode(film["poster"]))


def _draw(drawing: Path) -> Any:
    with sync_playwright() as playwright:
        path = find_chromium(playwright.chromium.executable_path)
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        page = browser.new_page()
        page.route(_PAGE, lambda route: route.fulfill(content_type="text/html", body="<!DOCTYPE html>"))
        page.route(
            f"{_PAGE}drawing.js", lambda route: route.fulfill(content_type="text/javascript", path=drawing)
        )
        page.goto(_PAGE)
        return page.evaluate(_ENCODE, [PICTURES_PER_S, KEY_EVERY_S, QUANTIZER])


def write_webm(size: int, seconds: float, pictures: list[tuple[float, bool, str]]) -> bytes:
    """Return pictures, each with its milliseconds, whether one can begin there and base64, as a film."""
    head = element(
        "1a45dfa3", element("4282", b"webm"), element("4287", number(4)), element("4285", number(2))
    )
    info = element(
        "1549a966",
        element("2ad7b1", number(1_000_000)),
        element("4489", struct.pack(">d", seconds * 1000)),
        element("4d80", b"bin.film"),
        element("5741", b"bin.film"),
    )
    track = element(
        "ae",
        element("d7", number(1)),
        element("73c5", number(1)),
        element("83", number(1)),
        element("86", b"V_VP9"),
        element("e0", element("b0", number(size)), element("ba", number(size))),
    )
    tracks = element("1654ae6b", track)
    clusters = _clusters(pictures)
    # Where the clusters lie is said before them, so that the index needs a size that does not depend on it.
    empty = _cues([(begin, 0) for begin, _ in clusters])
    at, cues = len(info) + len(tracks) + len(empty), []
    for begin, cluster in clusters:
        cues.append((begin, at))
        at += len(cluster)
    return head + element("18538067", info, tracks, _cues(cues), *(cluster for _, cluster in clusters))


def _clusters(pictures: list[tuple[float, bool, str]]) -> list[tuple[int, bytes]]:
    """Return each run of pictures that begins where one can jump to, with its time."""
    runs: list[list[tuple[int, bool, bytes]]] = []
    for milliseconds, is_key, encoded in pictures:
        if is_key:
            runs.append([])
        runs[-1].append((round(milliseconds), is_key, base64.b64decode(encoded)))
    return [(run[0][0], _cluster(run)) for run in runs]


def _cluster(run: list[tuple[int, bool, bytes]]) -> bytes:
    begin = run[0][0]
    blocks = (
        element("a3", b"\x81" + struct.pack(">hB", time - begin, 0x80 if is_key else 0) + picture)
        for time, is_key, picture in run
    )
    return element("1f43b675", element("e7", number(begin)), *blocks)


def _cues(places: list[tuple[int, int]]) -> bytes:
    points = (
        element(
            "bb",
            element("b3", number(time)),
            element("b7", element("f7", number(1)), element("f1", number(at))),
        )
        for time, at in places
    )
    return element("1c53bb6b", *points)


def element(name: str, *contents: bytes) -> bytes:
    """Return a part of a film: its name, its length and what is in it."""
    content = b"".join(contents)
    return bytes.fromhex(name) + (len(content) | 1 << 56).to_bytes(8, "big") + content


def number(value: int) -> bytes:
    """Return a whole number as a part holds it."""
    return value.to_bytes(4, "big")


if __name__ == "__main__":
    main(*sys.argv[1:3])
