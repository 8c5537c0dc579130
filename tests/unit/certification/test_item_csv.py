"""E12: items come from CSV into the same shapes as from GIFT, with the rows of what is wrong."""

import random

import pytest

from portal.certification import gift, item_csv
from portal.certification.imports import decode
from portal.core.errors import DomainError

TITLES = {"law": "관련 법규", "settlement": "정산과 세무 기초"}
HEAD = "이름,과목,수준,유형,문제,정답,오답,해설,사례,사례글"
ROWS = """
law-1,관련 법규,쉬움,고르기,무엇이 먼저예요?,등록,광고 | 50% 할인,등록이 먼저예요.,,
law-2,law,easy,여러 개,모두 골라요,옷 | 책,과일,,,
law-3,law,hard,맞아요,신고해요,O,,,,
settlement-1,settlement,보통,숫자,"얼마예요?
두 줄이에요","97,000원" | 3,,,,
settlement-2,settlement,보통,숫자,얼마예요?,"97000:1",,,정산표,"| 판매 | 값 |
|---|---|
| 하나 | 100 |"
settlement-3,settlement,standard,짧은 답,어디예요?,위택스 | 위 택스,,,정산표,
law-4,law,easy,짝짓기,짝을 지어요,가 -> 나 | 다 -> 라,,,,
law-5,law,easy,글,적어요,,,,,
"""
FILE = HEAD + ROWS.replace('"97,000원" | 3', "97000")


def read(text: str) -> gift.Parsed:
    return item_csv.parse(text, subjects=tuple(TITLES), titles=TITLES)


def test_every_kind_is_read() -> None:
    parsed = read(FILE)

    assert parsed.problems == ()
    assert [(item.name, item.subject, item.level, item.kind) for item in parsed.items] == [
        ("law-1", "law", "easy", "choice"),
        ("law-2", "law", "easy", "multiple"),
        ("law-3", "law", "hard", "true_false"),
        ("settlement-1", "settlement", "standard", "numeric"),
        ("settlement-2", "settlement", "standard", "numeric"),
        ("settlement-3", "settlement", "standard", "short"),
        ("law-4", "law", "easy", "matching"),
        ("law-5", "law", "easy", "essay"),
    ]


def test_a_row_becomes_the_same_item_as_its_gift() -> None:
    written = gift.parse(
        "// subject: law\n// level: easy\n// why: 등록이 먼저예요.\n"
        "::law-1::무엇이 먼저예요? {=등록 ~광고 ~%0%50% 할인}"
    )

    assert read(FILE).items[0].digest == written.items[0].digest


def test_fields_of_several_lines_and_cases_keep_their_lines() -> None:
    items = {item.name: item for item in read(FILE).items}

    assert items["settlement-1"].content["stem"] == "얼마예요?\n두 줄이에요"
    assert items["settlement-2"].content["key"] == [{"value": "97000", "tolerance": "1"}]
    assert items["settlement-2"].content["case"]["text"].startswith("| 판매 | 값 |\n|---|")
    assert items["settlement-3"].content["case"] == items["settlement-2"].content["case"]
    assert (items["settlement-2"].line, items["law-4"].line) == (7, 11)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("이름,과목\na,b", 1, "열 이름이 없어요: 수준, 유형, 문제"),
        (f"{HEAD}\n\na,law,easy,고르기,글,,나", 3, "정답이 비어"),
        (f"{HEAD}\na,law,easy,꼭짓점,글,가,나", 2, "유형은 없어요"),
        (f"{HEAD}\na,법,easy,고르기,글,가,나", 2, "이 시험에 없어요"),
        (f"{HEAD}\na,law,easy,맞아요,글,글쎄", 2, "T나 F"),
        (f"{HEAD}\na,law,easy,숫자,글,많이", 2, "숫자를 읽지"),
        (f'{HEAD}\na,law,easy,고르기,"두\n줄",가,나\na,law,easy,고르기,글,가,나', 4, "두 번 나와요"),
        (f'{HEAD}\na,law,easy,고르기,"안 닫힘,가,나', 1, "CSV로 읽지"),
    ],
)
def test_a_mistake_is_named_by_its_row(text: str, line: int, words: str) -> None:
    problems = read(text).problems

    assert [problem.line for problem in problems if words in problem.sentence] == [line]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_what_korean_excel_saves_is_read(encoding: str) -> None:
    assert [item.name for item in read(decode(FILE.encode(encoding))).items][:2] == ["law-1", "law-2"]


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DomainError):
        decode(b"\xff\xfe\x00\x81\xff\xff")


def test_a_thousand_malformed_tables_are_read_without_a_crash() -> None:
    draw = random.Random(9)
    pieces = [
        ",",
        '"',
        "\n",
        "|",
        "->",
        "{",
        "}",
        "=",
        "~",
        "\\",
        "%",
        "::",
        "숫자",
        "law",
        "easy",
        "\x00",
        "글",
    ]
    for _ in range(1000):
        broken = list(FILE)
        for _ in range(15):
            broken[draw.randrange(len(broken))] = draw.choice(pieces)
        parsed = read("".join(broken))
        assert all(problem.line >= 1 for problem in parsed.problems)


def test_a_step_nobody_teaches_is_named_by_its_row() -> None:
    rows = ["이름,과목,수준,유형,문제,정답,단계"]
    rows += [f"law-{step},law,easy,맞아요,맞나요?,T,a/{step}" for step in "bc"]

    parsed = item_csv.parse("\n".join(rows), subjects=tuple(TITLES), titles=TITLES, knows_step="a/b".__eq__)

    assert [item.name for item in parsed.items] == ["law-b"]
    assert [(problem.line, "a/c" in problem.sentence) for problem in parsed.problems] == [(3, True)]
