"""Q21: the sheets of certificates see words and nothing else, whatever a sheet or a wording would ask for."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2.exceptions import SecurityError, UndefinedError

from portal.certification import designs
from portal.certification.models import CertificateKind
from portal.certification.pdf import FOLDER, INKS, LayoutPress, Press, Sheet, Signer

SHEET = Sheet(
    number="DDD2-2026-000017",
    code="847362910384756102938475",
    holder_name="최은영",
    title="디지털 유통설계사 2급",
    completed_on="2026년 11월 20일",
    issued_on="2026년 11월 23일",
    issued_at="2026-11-23T10:00:00+09:00",
    issuer_name="장터배움",
    verify_url="https://jangteo.example/v/847362910384756102938475",
    is_demo=False,
    layout="qualification-1",
    words=("위 사람은 자격을 갖추었음을 증명합니다.",),
    color="pine",
    seal="장터배움",
    signers=(Signer("원장", "홍길동"),),
    other_names=("崔恩英", "Choi Eunyoung"),
    registration_number="0000-000000",
    grade="2급",
    valid="2026년 11월 23일부터 2029년 11월 22일까지",
    manager="장터배움",
    manager_phone="02-000-0000",
)


def make_layout(folder: Path, markup: str) -> LayoutPress:
    place = folder / "completion-9"
    place.mkdir()
    (place / "sheet.jinja").write_text(markup, encoding="utf-8")
    (place / "sheet.css").write_text("@font-face { font-family: Sheet; src: url(portal:font) }")
    return LayoutPress("completion-9", folder)


def test_a_sheet_sees_plain_text_and_lists() -> None:
    assert json.loads(json.dumps(SHEET.plain)) == SHEET.plain
    assert SHEET.plain["signers"] == [{"title": "원장", "name": "홍길동"}]


@pytest.mark.parametrize(
    ("markup", "error"),
    [
        ("{{ sheet.__class__.__mro__ }}", SecurityError),
        ("{{ cycler.__init__.__globals__ }}", SecurityError),
        ("{{ sheet.holder }}", UndefinedError),
        ("{{ session.query }}", UndefinedError),
        ("{{ config }}", UndefinedError),
    ],
)
def test_a_sheet_that_asks_for_more_is_not_drawn(tmp_path: Path, markup: str, error: type[Exception]) -> None:
    with make_layout(tmp_path, markup) as press, pytest.raises(error):
        press.draw(replace(SHEET, layout="completion-9"))


def test_the_words_of_a_design_are_looked_up_and_never_run() -> None:
    words = "{이름} {{이름}} {{ 7*7 }}\n<script>{이름}</script>"

    with pytest.raises(KeyError, match="7"):
        designs.fill(words, {"이름": "{이름}"})
    assert designs.fill("{이름}", {"이름": "{과정} {{x}}"}) == ("{과정} {{x}}",)


def test_every_colour_is_known_to_every_sheet() -> None:
    for kind, layout in designs.LAYOUTS.items():
        style = (FOLDER / f"{kind.value}-{layout}" / "sheet.css").read_text(encoding="utf-8")
        for color in designs.COLORS:
            assert color == "navy" or f"body.{color} " in style
            assert INKS[color] in style


def test_the_first_versions_pass_their_own_check() -> None:
    for kind in CertificateKind:
        designs.check(kind, designs.FIRST[kind])


def test_both_sheets_are_one_page_of_the_same_press() -> None:
    with Press() as press:
        for layout in ("completion-1", "qualification-1"):
            assert len(press.of(layout).lay_out_sheet(replace(SHEET, layout=layout)).pages) == 1
        assert press.draw(SHEET) == press.draw(SHEET)
