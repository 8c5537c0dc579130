"""What turns a page into a paper: words held together, pictures set apart, links completed."""

import re

import pytest

from portal.core.settings import ROOT
from portal.courses.paper_markup import COLOURS, LONGEST_HELD, LONGEST_HELD_IN_TABLE, prepare


def body(html: str) -> str:
    return prepare(html, public_url="https://jangteo.example").html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>가 나</p>", '<p><span class="w">가</span> <span class="w">나</span></p>'),
        ("<p>a &lt;b&gt;</p>", '<p><span class="w">a</span> <span class="w">&lt;b&gt;</span></p>'),
        ("<p>가<br>나</p>", '<p><span class="w">가</span><br><span class="w">나</span></p>'),
        ("<p><strong>값</strong>은</p>", '<p><span class="w"><strong>값</strong>은</span></p>'),
        (
            "<p>그 <strong>가 나</strong>다.</p>",
            '<p><span class="w">그</span> <strong><span class="w">가</span> </strong>'
            '<span class="w"><strong>나</strong>다.</span></p>',
        ),
        ("<p>그(<em>가</em>)</p>", '<p><span class="w">그(<em>가</em>)</span></p>'),
        ("<title>가 나</title>", "<title>가 나</title>"),
    ],
)
def test_a_line_breaks_between_words_only(html: str, expected: str) -> None:
    assert body(html) == expected


def test_a_word_too_long_for_a_line_may_break() -> None:
    word = "가" * (LONGEST_HELD + 1)

    assert body(f"<p>{word}</p>") == f"<p>{word}</p>"
    assert 'class="w"' in body(f"<p>{word[1:]}</p>")
    assert 'class="w"' not in body(f"<table><tr><td>{'가' * (LONGEST_HELD_IN_TABLE + 1)}</td></tr></table>")
    assert 'class="w"' in body(f"<table><tr><td>가</td></tr></table><p>{word[1:]}</p>")


def test_a_drawing_becomes_a_picture_with_its_words_in_the_colours_of_paper() -> None:
    svg = (
        '<svg aria-label="동전 &quot;하나&quot;" class="figure" role="img" viewBox="0 0 9 9" width="2em">'
        '<path fill="var(--art-coin)" stroke="currentColor" d="M0 0"></path><text x="1">1 &lt; 2</text></svg>'
    )

    prepared = prepare(f"<p>보기</p>{svg}<p>끝</p>", public_url="")
    ((address, picture),) = prepared.pictures.items()

    assert f'<img class="figure" src="{address}" alt="동전 &quot;하나&quot;">' in prepared.html
    assert "<svg" not in prepared.html
    assert b'viewBox="0 0 9 9"' in picture
    assert b'font-family="Sheet"' in picture
    assert b"var(" not in picture
    assert COLOURS["art-coin"].encode() in picture
    assert b"1 &lt; 2" in picture


def test_an_icon_that_only_decorates_goes() -> None:
    assert "svg" not in body(
        '<h3><svg aria-hidden="true" viewBox="0 0 1 1"><path d="M0 0"></path></svg>제목</h3>'
    )


def test_a_link_inside_the_site_becomes_a_whole_address() -> None:
    assert 'href="https://jangteo.example/courses/?a=1&amp;b=2"' in body(
        '<p><a href="/courses/?a=1&amp;b=2">x</a></p>'
    )
    assert 'href="https://law.example"' in body('<p><a href="https://law.example">x</a></p>')


def test_every_colour_that_a_drawing_may_ask_for_is_known() -> None:
    sheet = (ROOT / "portal" / "static" / "portal.css").read_text(encoding="utf-8")
    tokens = set(
        re.findall(r"--((?:art|action|ok|warn|bad)[a-z-]*|accent|brand|ink|line|paper|surface): #", sheet)
    )

    assert len(tokens) > 15
    assert tokens - COLOURS.keys() == {"action-press"}
