"""What a drawn certificate is: the same bytes each time, its own typeface, and nothing from outside."""

import hashlib
import io
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pikepdf
import pytest
import segno

from portal.certification.pdf import MissingLetterError, Press, Sheet
from portal.core.qr import draw_qr
from portal.core.settings import ROOT
from tests.servers import PATIENCE_S

SHEET = Sheet(
    number="2026-C-00017",
    code="847362910384756102938475",
    holder_name="김순자",
    title="온라인 판매 첫걸음",
    completed_on="2026년 11월 20일",
    issued_on="2026년 11월 23일",
    issued_at="2026-11-23T10:00:00+09:00",
    issuer_name="장터배움",
    verify_url="https://jangteo.example/v/847362910384756102938475",
    is_demo=False,
)

DRAW_AGAIN = f"""
import hashlib, sys
from portal.certification.pdf import Press, Sheet
with Press() as press:
    sys.stdout.write(hashlib.sha256(press.draw({SHEET!r})).hexdigest())
"""


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


@pytest.fixture(scope="module")
def document(press: Press) -> bytes:
    return press.draw(SHEET)


def unpacked(document: bytes) -> list[bytes]:
    """Return every stream of the file, inflated; its objects are packed into some of them."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL)
    return [zlib.decompressobj().decompress(each) if each[:1] == b"x" else each for each in streams]


def objects(document: bytes) -> bytes:
    """Return the part of the file that is structure, not pictures and typefaces."""
    plain = re.sub(rb"stream\r?\n.*?\r?\nendstream", b"", document, flags=re.DOTALL)
    return b"\n".join([plain, *(each for each in unpacked(document) if each[:4] != b"OTTO")])


def pages(document: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", objects(document)))


def embedded_fonts(document: bytes) -> list[bytes]:
    return [each for each in unpacked(document) if each[:4] == b"OTTO"]


def written(document: bytes) -> str:
    """Return the letters that the file's own tables give back when somebody copies its text."""
    given_back = [
        code
        for stream in unpacked(document)
        if b"begincmap" in stream
        for code in re.findall(rb"<[0-9A-Fa-f]+>\s+<([0-9A-Fa-f]+)>", stream)
    ]
    return "".join(bytes.fromhex(code.decode()).decode("utf-16-be", "ignore") for code in given_back)


def test_two_drawings_are_the_same_bytes(press: Press, document: bytes) -> None:
    assert press.draw(SHEET) == document


def test_another_process_draws_the_same_bytes(document: bytes) -> None:
    drawn = subprocess.run(
        [sys.executable, "-c", DRAW_AGAIN],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )

    assert drawn.stdout == hashlib.sha256(document).hexdigest()


def test_another_name_is_another_document(press: Press, document: bytes) -> None:
    assert press.draw(replace(SHEET, holder_name="이하나")) != document


def test_it_is_one_sheet_of_a4(document: bytes) -> None:
    assert pages(document) == 1
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", objects(document))
    assert box is not None
    assert (round(float(box[1])), round(float(box[2]))) == (595, 842)


def test_only_our_typeface_is_used_and_it_is_inside(document: bytes) -> None:
    named = set(re.findall(rb"/BaseFont /[A-Z]{6}\+([\w-]+)", objects(document)))

    assert named == {b"Sheet"}
    assert len(embedded_fonts(document)) == 1


def test_every_letter_has_a_picture(document: bytes) -> None:
    """A missing typeface would give glyph 0, an empty box, and its text could still be copied."""
    drawn = [
        glyph
        for stream in unpacked(document)
        if b"begincmap" in stream
        for glyph in re.findall(rb"<([0-9A-Fa-f]{4})> <[0-9A-Fa-f]+>", stream.partition(b"beginbfchar")[2])
    ]

    assert set("김순자수료증온라인판매첫걸음2026C") <= set(written(document))
    assert drawn
    assert b"0000" not in drawn


def test_it_says_its_language_title_and_author_and_is_tagged(document: bytes) -> None:
    structure = objects(document)

    assert b"/Lang (ko)" in structure
    assert b"/Marked true" in structure
    assert b"/StructTreeRoot" in structure
    assert b"/DisplayDocTitle true" in structure
    assert b'pdfaid:part="3" pdfaid:conformance="A"' in structure
    assert "수료증 2026-C-00017 김순자".encode() in structure
    with pikepdf.open(io.BytesIO(document)) as pdf:
        told = [
            str(each.Alt) for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/Alt" in each
        ]
    assert any(each.startswith("확인 주소") for each in told)


def test_the_qr_code_says_the_address_and_stands_damage() -> None:
    drawn = draw_qr(SHEET.verify_url, ink="#14233f")

    expected = segno.make(SHEET.verify_url, error="m", micro=False)
    assert expected.error in ("M", "Q", "H")
    side = expected.symbol_size(border=0)[0]
    assert f'viewBox="0 0 {side} {side}"'.encode() in drawn


def test_the_qr_code_on_the_sheet_has_the_modules_of_the_address(document: bytes) -> None:
    expected = [list(row) for row in segno.make(SHEET.verify_url, error="m", micro=False).matrix]
    with pikepdf.open(io.BytesIO(document)) as pdf:
        pictures: Any = pdf.pages[0].resources["/XObject"]
        form = next(each for each in pictures.values() if "/Matrix" in each)
        drawn, box, matrix = form.read_bytes(), form.BBox, [float(each) for each in form.Matrix]
    found = [[0] * len(expected) for _ in expected]
    for left, row, right in re.findall(rb"(\d+) (\d+)\.5 m (\d+) \2\.5 l", drawn):
        found[int(row)][int(left) : int(right)] = [1] * (int(right) - int(left))

    assert found == expected
    assert [int(each) for each in box] == [0, 0, len(expected), len(expected)]
    assert matrix == pytest.approx([1 / len(expected), 0, 0, -1 / len(expected), 0, 1], abs=1e-5)
    assert drawn.startswith(b"0.0784 0.1373 0.2471 RG")


def test_every_stream_is_packed_but_what_programs_read_first(document: bytes) -> None:
    with pikepdf.open(io.BytesIO(document)) as pdf:
        plain = [each for each in pdf.objects if isinstance(each, pikepdf.Stream) and "/Filter" not in each]
        kinds = [str(each.get("/Type")) for each in plain]

    assert set(kinds) <= {"/Metadata"}


@pytest.mark.parametrize(
    "name",
    [
        "김",
        "김순자",
        "남궁민수",
        "알렉산드라 마리아 곤살레스",
        "Nguyễn Thị Phương Thảo Alexandr",
        "W" * 30,
        "가나다라마바사아자차카타파하가나다라마바사아자차카타파하가나",
    ],
)
def test_the_longest_names_stay_on_the_sheet(press: Press, name: str) -> None:
    document = press.draw(replace(SHEET, holder_name=name))

    assert pages(document) == 1
    assert set(name) - {" "} <= set(written(document))


def test_type_gets_smaller_as_names_get_longer() -> None:
    sizes = [replace(SHEET, holder_name="가" * length).name_size for length in range(1, 31)]

    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[-1]) == ("1", "6")


@pytest.mark.parametrize("name", ["Łukasz", "김\U0001f600", "محمد"])
def test_a_letter_nobody_can_print_is_named_before_anything_is_drawn(press: Press, name: str) -> None:
    with pytest.raises(MissingLetterError, match="글꼴"):
        press.draw(replace(SHEET, holder_name=name))


def test_a_name_is_text_and_never_markup(press: Press) -> None:
    document = press.draw(replace(SHEET, holder_name="<img src=x>"))

    assert set("<img src=x>") - {" "} <= set(written(document))


class Canary(BaseHTTPRequestHandler):
    """Notes who knocks."""

    knocks: list[str] = []  # noqa: RUF012 - shared on purpose

    def do_GET(self) -> None:
        Canary.knocks.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"SECRET")

    def log_message(self, *_parts: object) -> None:
        """Stay quiet."""


@pytest.fixture
def canary() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Canary)
    Thread(target=server.serve_forever, daemon=True).start()
    Canary.knocks.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


REACHING_OUT = [
    '<img src="{}">',
    '<link rel="stylesheet" href="{}">',
    '<link rel="attachment" href="{}">',
    '<a rel="attachment" href="{}">x</a>',
    "<style>@import url({});</style>",
    "<style>body {{ background: url({}) }}</style>",
    "<style>@font-face {{ font-family: a; src: url({}) }} p {{ font-family: a }}</style><p>x",
    '<object data="{}"></object>',
    '<embed src="{}">',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="{}" width="9" height="9"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><use href="{}#a"/></svg>',
    "<style>p::before {{ content: url({}) }}</style><p>x",
    "<style>li {{ list-style-image: url({}) }}</style><ul><li>x</ul>",
]


@pytest.mark.parametrize("markup", REACHING_OUT)
def test_a_document_reaches_no_file_and_no_address(
    press: Press, canary: str, tmp_path: Path, markup: Any
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET of the house")

    layout = press.of("completion-1")
    from_file = layout.print_html(markup.format(secret.as_uri()), "x", {})
    from_net = layout.print_html(markup.format(f"{canary}/x"), "x", {})

    assert Canary.knocks == []
    for document in (from_file, from_net):
        assert not any(b"SECRET" in stream for stream in [document, *unpacked(document)])


def test_the_temporary_typeface_is_gone_even_when_a_child_ends_abruptly(tmp_path: Path) -> None:
    drawn = subprocess.run(
        [sys.executable, "-c", f"{DRAW_AGAIN}\nimport os\nos._exit(0)"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )

    assert drawn.returncode == 0
    assert not list(tmp_path.iterdir())
