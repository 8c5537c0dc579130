"""E12 and B26: items are read from GIFT with line-numbered mistakes, and written as GIFT again."""

import random
from fractions import Fraction
from typing import Any

import pytest

from portal.certification import generated, gift, gift_answers
from portal.certification.gift_export import export

ABOVE = "// subject: law\n// level: easy\n"
FILE = """
// 사례에는 표도 들어가요.
::정산표-1::[markdown]반찬가게의 11월 정산표예요.\\n
| 판매 | 수수료 |
|---|---|
| 100,000원 | 3,000원 |

// subject: settlement
// level: standard
// step: designer-2/settlement
// case: 정산표-1
// why: 판매액에서 수수료를 빼요.
::settlement-001:: 들어오는 돈은 얼마예요? {#97,000:0}

// subject: law
// level: easy
::law-001::[markdown]**가장 먼저** 할 일은 무엇이에요? {
  =사업자 등록#맞아요. 그다음이 신고예요.
  ~광고
  ~%50%사진 찍기\\: 상품
  ####등록이 먼저예요.
}

// subject: law
// level: hard
::law-002:: 반품을 받아 줘야 하는 것을 모두 골라요. {~%50%옷 ~%50%책 ~%-50%깎은 과일 ~열어 본 음반}

// subject: law
// level: easy
::law-003:: 통신판매업은 신고해요. {T#다시 읽어 보세요.#맞아요.}

// subject: platform
// level: easy
::platform-001:: 네이버의 가게 이름은? {=스마트스토어 =네이버 스마트스토어}

// subject: platform
// level: easy
::platform-002:: 짝을 지어요. {=네이버 -> 스마트스토어 = -> 배민스토어 =쿠팡 -> 로켓그로스}

// subject: counsel
// level: standard
::counsel-001:: 사장님께 드릴 말을 적어 보세요. {}

// subject: settlement
// level: hard
// vary: a=1000..5000/100, b=2..9/1
::settlement-002:: \\{a\\}원짜리를 \\{b\\}개 팔고 수수료 3%를 내요. 남는 돈은? {#a*b*97/100:1}

// subject: settlement
// level: easy
::settlement-003:: 부가세율은 { =10% ~5% ~3% } 예요.
"""


def one(text: str) -> gift.Item:
    parsed = gift.parse(text)
    assert parsed.problems == ()
    return parsed.items[0]


def test_every_kind_of_item_is_read() -> None:
    parsed = gift.parse(FILE)

    assert [(item.name, item.kind) for item in parsed.items] == [
        ("settlement-001", "numeric"),
        ("law-001", "choice"),
        ("law-002", "multiple"),
        ("law-003", "true_false"),
        ("platform-001", "short"),
        ("platform-002", "matching"),
        ("counsel-001", "essay"),
        ("settlement-002", "numeric"),
        ("settlement-003", "choice"),
    ]
    assert not parsed.refused


def test_a_choice_holds_its_stem_choices_key_and_why() -> None:
    item = gift.parse(FILE).items[1]

    assert item.content == {
        "stem": "**가장 먼저** 할 일은 무엇이에요?",
        "choices": [
            {"key": "a", "text": "사업자 등록", "feedback": "맞아요. 그다음이 신고예요."},
            {"key": "b", "text": "광고", "feedback": ""},
            {"key": "c", "text": "사진 찍기: 상품", "feedback": ""},
        ],
        "key": ["a"],
        "why": "등록이 먼저예요.",
        "step": "",
    }
    assert (item.subject, item.level, item.line) == ("law", "easy", 17)


def test_e13_an_item_of_a_case_carries_its_text_with_the_table() -> None:
    item = gift.parse(FILE).items[0]

    assert item.content["case"]["title"] == "정산표-1"
    assert "예요.\n\n| 판매 | 수수료 |\n|---|---|\n" in item.content["case"]["text"]
    assert item.content["key"] == [{"value": "97000", "tolerance": "0"}]
    assert item.content["step"] == "designer-2/settlement"


def test_halves_are_read_and_said_to_count_for_nothing() -> None:
    problem = gift.parse(FILE).problems

    assert [(each.line, each.refused) for each in problem] == [(20, False)]


def test_matching_keeps_an_option_that_fits_nothing() -> None:
    content = gift.parse(FILE).items[5].content

    assert [row["text"] for row in content["rows"]] == ["네이버", "쿠팡"]
    assert [option["text"] for option in content["options"]] == ["스마트스토어", "배민스토어", "로켓그로스"]
    assert content["key"] == [{"row": "1", "option": "a"}, {"row": "2", "option": "c"}]


def test_text_behind_the_answers_leaves_a_gap_in_the_question() -> None:
    assert gift.parse(FILE).items[8].content["stem"] == "부가세율은 ＿＿＿＿ 예요."


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("{#12.5:0.5}", [{"value": "12.5", "tolerance": "0.5"}]),
        ("{#10..13}", [{"value": "11.5", "tolerance": "1.5"}]),
        ("{#=3:0 =%50%4:1}", [{"value": "3", "tolerance": "0"}, {"value": "4", "tolerance": "1"}]),
        ("{#-1,000}", [{"value": "-1000", "tolerance": "0"}]),
    ],
)
def test_numbers_are_read_exactly(written: str, key: list[dict[str, str]]) -> None:
    assert one(f"{ABOVE}::n:: 얼마? {written}").content["key"] == key


def test_e14_numbers_are_drawn_by_the_seed_and_come_out_exactly() -> None:
    content = gift.parse(FILE).items[7].content
    numbers = generated.drawn(content, "7/12")

    assert numbers == generated.drawn(content, "7/12")
    assert len({tuple(generated.drawn(content, f"{seed}/12").items()) for seed in range(30)}) > 10
    assert 1000 <= numbers["a"] <= 5000
    assert numbers["a"] % 100 == 0
    assert (
        generated.stem(content, {"a": 3300, "b": 3}) == "3,300원짜리를 3개 팔고 수수료 3%를 내요. 남는 돈은?"
    )
    assert generated.values(content, {"a": 3300, "b": 3}) == [(Fraction(9603), Fraction(1))]


def test_what_is_written_is_read_again_as_the_same_items() -> None:
    items = gift.parse(FILE).items
    again = gift.parse(export(items))

    assert [(each.name, each.digest) for each in again.items] == [(each.name, each.digest) for each in items]
    assert not again.refused


def test_signs_of_gift_survive_the_round_trip() -> None:
    signs = "a ~ = # { } : \\ b\n\n// 주석 아님\n| 표 | \\n"
    text = gift_answers.escape(signs)
    item = one(f"{ABOVE}::s:: {text} {{={text}x ~{text}}}")

    assert item.content["stem"] == signs
    assert item.content["choices"][1]["text"] == signs
    assert gift.parse(export([item])).items[0].digest == item.digest


def test_another_key_makes_another_digest_and_another_line_does_not() -> None:
    right, wrong = one(f"{ABOVE}::x:: 글 {{=가 ~나}}"), one(f"{ABOVE}::x:: 글 {{~가 =나}}")

    assert right.digest != wrong.digest
    assert right.digest == one(f"\n// 다른 말\n\n{ABOVE}::x:: 글 {{\n=가\n~나\n}}").digest


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("글 {=가 ~나}", 1, "이름이 없어요"),
        ("::a/b:: 글 {=가 ~나}", 1, "이름은 글자"),
        ("::a:: 글 {=가 ~나}", 1, "과목이 없어요"),
        ("// subject: law\n// level: eazy\n::a:: 글 {=가 ~나}", 2, "easy, standard, hard"),
        ("// subject: lwa\n// level: easy\n::a:: 글 {=가 ~나}", 1, "이 시험에 없어요"),
        (f"{ABOVE}::a:: 글 {{=가 ~나", 3, "닫는 }"),
        (f"{ABOVE}::a:: 글 }} 또", 3, "여는 괄호"),
        (f"{ABOVE}::a:: 글 {{=가 ~나}} {{=다}}", 3, "문항마다 하나"),
        (f"{ABOVE}::a:: {{=가 ~나}}", 3, "비어 있어요"),
        (f"{ABOVE}::a:: 글 {{\n=가\n~가\n}}", 5, "똑같은 보기"),
        (f"{ABOVE}::a:: 글 {{\n=가\n~\n}}", 5, "비어 있는 답"),
        (f"{ABOVE}::a:: 글 {{~가 ~나}}", 3, "정답이 없어요"),
        (f"{ABOVE}::a:: 글 {{=가 =나 ~다}}", 3, "정답 = 이 둘"),
        (f"{ABOVE}::a:: 글 {{~%50%가 ~%20%나}}", 3, "100%여야"),
        (f"{ABOVE}::a:: 글 {{가 나}}", 3, "= 이나 ~"),
        (f"{ABOVE}::a:: 글 {{#열두 개}}", 3, "숫자를 읽지"),
        (f"{ABOVE}::a:: 글 {{#5..3}}", 3, "작은 수부터"),
        (f"{ABOVE}::a:: 글 {{#5:-1}}", 3, "허용하는 차이"),
        (f"{ABOVE}::a:: 글 {{#1e99999}}", 3, "풀지 못했어요"),
        (f"{ABOVE}::a:: 글 {{#1/0}}", 3, "풀지 못했어요"),
        (f"{ABOVE}::a:: 글 {{=가 -> 나 =다}}", 3, "짝은"),
        (f"{ABOVE}// case: 없는 표\n::a:: 글 {{=가 ~나}}", 3, "사례를 찾지"),
        (f"{ABOVE}// vary: a=5..1/1\n::a:: \\{{a\\}} {{#a}}", 3, "작은 수부터"),
        (f"{ABOVE}// vary: a=0..9/1\n::a:: \\{{a\\}} {{#9/a}}", 3, "풀지 못했어요"),
        (f"{ABOVE}::a::[html] <b>글</b> {{=가 ~나}}", 3, "[html]"),
        (f"{ABOVE}::a:: 글 {{=*}}", 3, "별표"),
    ],
)
def test_a_mistake_is_named_by_its_line(text: str, line: int, words: str) -> None:
    parsed = gift.parse(f"\n\n{text}\n", subjects=["law", "platform"])

    assert parsed.items == ()
    assert [problem.line for problem in parsed.problems if words in problem.sentence] == [line + 2]


def test_a_step_nobody_teaches_is_named_by_the_line_of_its_comment() -> None:
    one, other = (
        f"{ABOVE}// step: designer-2/{name}\n::{name}:: 글 {{=가 ~나}}" for name in ("settlement", "gone")
    )

    parsed = gift.parse(
        f"{one}\n\n{other}\n\n{ABOVE}::none:: 글 {{T}}", knows_step="designer-2/settlement".__eq__
    )

    assert [item.name for item in parsed.items] == ["settlement", "none"]
    [problem] = parsed.problems
    assert (problem.line, problem.refused) == (8, True)
    assert "‘designer-2/gone’ 단계를 찾지 못했어요" in problem.sentence


def test_a_name_twice_is_refused_and_the_others_are_still_read() -> None:
    parsed = gift.parse(
        f"{ABOVE}::a:: 글 {{=가 ~나}}\n\n{ABOVE}::a:: 글 {{=가 ~나}}\n\n{ABOVE}::b:: 글 {{T}}"
    )

    assert [item.name for item in parsed.items] == ["a", "b"]
    assert [problem.line for problem in parsed.problems] == [7]


def test_a_thousand_malformed_files_are_read_without_a_crash() -> None:
    draw = random.Random(6)
    pieces = [
        "{",
        "}",
        "=",
        "~",
        "#",
        "%",
        "%50%",
        "->",
        "::",
        "\\",
        "//",
        "\n",
        "\n\n",
        "####",
        "..",
        "T",
        "[html]",
    ]
    pieces += [
        ABOVE,
        "// vary: a=1..9/1\n",
        "::a::",
        "{#a*(}",
        "\ud800",
        "\x00",
        "\U000f007e",
        "가",
        "1e9",
        "9" * 40,
    ]
    pieces += ["((((((((", "$CATEGORY: x", "// case: a", "a" * 300]
    whole = list(FILE)
    for number in range(1000):
        if number % 2:
            text = "".join(draw.choices(pieces, k=draw.randrange(1, 60)))
        else:
            broken: list[Any] = whole.copy()
            for _ in range(12):
                broken[draw.randrange(len(broken))] = draw.choice(pieces)
            text = "".join(broken)
        parsed = gift.parse(text)
        lines = text.replace("\r", "\n").count("\n") + 1
        assert all(1 <= problem.line <= lines for problem in parsed.problems)
        again = gift.parse(export(parsed.items))
        assert [item.digest for item in again.items] == [item.digest for item in parsed.items]


def test_a_file_beyond_every_measure_is_refused() -> None:
    assert gift.parse("x" * (gift.MOST_LETTERS + 1)).refused
    assert gift.parse("x\n\n" * (gift.MOST_ITEMS + 1)).refused
