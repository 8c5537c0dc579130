"""The whole page of the practice store: every section, its mistakes, its finished page."""

import copy
import re
from typing import Any

import pytest

from portal.practice import listing, store_rules
from portal.practice.listing import Listing
from portal.practice.outcome import BadPractice
from portal.practice.store.story import SECTIONS
from portal.practice.store_rules import Rules

LAZY = "다른 곳을 보라고만 적혀 있어요. 손님이 여기서 바로 읽도록 적어 주세요."
NOT_A_NUMBER = "12000처럼 숫자로 적어 주세요."

#: Which page, what is typed instead of the reference answer, the field that speaks, and what it says.
MISTAKES = [
    (
        "cup",
        {"category": "kitchen"},
        "category",
        "큰 분류는 등록한 뒤에 바꿀 수 없어요. 한 가게는 큰 분류가 달라 판매가 막히고 후기까지 잃었다고 해요."
        " 그 가게 사장님이 쓴 글이고, 아직 확인하지 못했어요. 지금 바꾸면 괜찮으니 다시 골라 주세요.",
    ),
    (
        "jar",
        {"category": "side-dish"},
        "category",
        "손님이 이 물건을 다른 곳에서 찾을 거예요. 맞는 칸을 골라 주세요.",
    ),
    ("jar", {"maker": " "}, "maker", "제조사가 비어 있어요. 물건을 만든 곳의 이름을 적어 주세요."),
    (
        "jar",
        {"maker": "옆집"},
        "maker",
        "문제에 나온 만든 곳을 다시 봐 주세요. 그 이름을 그대로 적으면 돼요.",
    ),
    ("jar", {"maker": "상세페이지 참조"}, "maker", LAZY),
    ("jar", {"tax": ""}, "tax", "과세인지 면세인지 하나 골라 주세요."),
    (
        "jar",
        {"tax": "free"},
        "tax",
        "세금 신고 때 금액이 달라져요. 문제에서 과세인지 면세인지 다시 봐 주세요.",
    ),
    ("jar", {"minors": ""}, "minors", "누가 살 수 있는지 하나 골라 주세요."),
    (
        "jar",
        {"minors": "no"},
        "minors",
        "누구나 살 수 있는 물건이에요. ‘어른만’으로 두면 살 수 있는 손님이 줄어요.",
    ),
    ("cup", {"option_name": ""}, "option_name", "옵션명이 비어 있어요. 손님이 무엇을 고르는지 적어 주세요."),
    (
        "cup",
        {"option_name": "크기"},
        "option_name",
        "문제에서 손님은 ‘색깔’ 가운데 하나를 골라요. 그대로 적어 주세요.",
    ),
    (
        "cup",
        {"option_1_value": "", "option_1_stock": ""},
        "option_1_value",
        "옵션값이 비어 있어요. 손님이 고를 것을 한 칸에 하나씩 적어 주세요.",
    ),
    (
        "cup",
        {"option_3_stock": "1"},
        "option_3_value",
        "옵션값이 비어 있어요. 추가금이나 재고를 적었으면 이름도 적어 주세요.",
    ),
    (
        "cup",
        {"option_1_value": "흰색, 하늘색"},
        "option_1_value",
        "한 칸에 한 가지만 적어 주세요. 다른 것은 다음 칸에 적어요.",
    ),
    (
        "cup",
        {"option_2_value": "검정"},
        "option_2_value",
        "문제에 없는 옵션값이에요. 문제에 나온 것만 적어 주세요.",
    ),
    (
        "cup",
        {"option_2_value": "하얀색"},
        "option_2_value",
        "같은 옵션값이 위에 있어요. 같은 것은 한 번만 적어 주세요.",
    ),
    (
        "cup",
        {"option_2_extra": "9001"},
        "option_2_extra",
        "판매가에 견주어 추가금이 커요. 9,000원 안으로 적어 주세요.",
    ),
    (
        "cup",
        {"option_1_extra": "1000"},
        "option_1_extra",
        "추가금이 0원인 옵션값이 하나는 있어야 해요. 판매가 그대로 살 수 있게 해 주세요.",
    ),
    (
        "cup",
        {"option_2_extra": "3000"},
        "option_2_extra",
        "문제에서 이 옵션값은 2,000원이 더 붙어요. 그대로 적어 주세요.",
    ),
    (
        "cup",
        {"option_1_extra": "2000", "option_2_extra": "0"},
        "option_1_extra",
        "문제에서 이 옵션값은 돈이 더 붙지 않아요. 0을 적거나 비워 주세요.",
    ),
    (
        "cup",
        {"option_2_extra": "-500"},
        "option_2_extra",
        "0보다 작은 수는 적을 수 없어요. 빼기 표시를 지워 주세요.",
    ),
    ("cup", {"option_1_stock": ""}, "option_1_stock", "이 옵션값이 몇 개 있는지 적어 주세요."),
    (
        "cup",
        {"option_1_stock": "0"},
        "option_1_stock",
        "재고가 0이면 이 옵션값은 품절로 보여요. 있는 만큼 적어 주세요.",
    ),
    (
        "cup",
        {"option_1_stock": "5"},
        "option_1_stock",
        "문제에서 이 옵션값은 6개예요. 그대로 적어 주세요.",
    ),
    (
        "cup",
        {"stock": "9"},
        "option_2_stock",
        "옵션 재고를 더하면 10개예요. 재고수량 9개와 같게 맞춰 주세요.",
    ),
    ("jar", {"picture_1": ""}, "picture_1", "이 사진을 어디에 쓸지 골라 주세요."),
    (
        "jar",
        {"picture_1": "main"},
        "picture_1",
        "사진에 글자가 들어 있어요. 대표이미지에는 글자를 넣지 않아요. 이 사진은 쓰지 않아요.",
    ),
    (
        "jar",
        {"picture_2": "main"},
        "picture_2",
        "가까이 찍어서 무엇을 얼마나 파는지는 안 보여요. 추가이미지에 어울려요.",
    ),
    (
        "jar",
        {"picture_3": "more"},
        "picture_3",
        "팔지 않는 물건이 함께 보여요. 손님은 다 주는 줄 알아요. 이 사진은 쓰지 않아요.",
    ),
    (
        "jar",
        {"picture_4": "more"},
        "picture_4",
        "파는 물건 하나만 크고 밝게 보여요. 이 사진이 대표이미지에 어울려요.",
    ),
    (
        "jar",
        {"picture_5": "main"},
        "picture_5",
        "눈에 띄려고 테두리와 별을 둘렀어요. 대표이미지에는 두르지 않아요. 이 사진은 쓰지 않아요.",
    ),
    (
        "jar",
        {"picture_6": "main"},
        "picture_6",
        "네모반듯하지 않아서 물건이 작게 보이거나 잘려요. 이 사진은 쓰지 않아요.",
    ),
    (
        "jar",
        {"notice_type": "-"},
        "notice_type",
        "‘식품의 유형’ 칸이 비어 있어요. 통에 붙인 표시에서 옮겨 적어요. 예: 절임식품",
    ),
    ("jar", {"notice_type": "상세 설명 참조"}, "notice_type", LAZY),
    ("jar", {"notice_nutrition": "상세설명참조"}, "notice_nutrition", LAZY),
    (
        "jar",
        {"notice_amount": "한가득"},
        "notice_amount",
        "얼마나 들었는지 안 보여요. 숫자와 단위를 함께 적어 주세요. 예: 300g, 2개",
    ),
    ("jar", {"notice_amount": "1300g"}, "notice_amount", "문제를 다시 봐 주세요. ‘300g’도 적어야 해요."),
    (
        "jar",
        {"notice_maker": "우리 가게"},
        "notice_maker",
        "문제를 다시 봐 주세요. ‘순자네 반찬’도 적어야 해요.",
    ),
    (
        "jar",
        {"notice_use_by": "유통기한 30일"},
        "notice_use_by",
        "이제는 ‘유통기한’ 대신 ‘소비기한’이라고 적어요. 낱말을 바꿔 주세요.",
    ),
    (
        "jar",
        {"notice_use_by": "26.12.20까지"},
        "notice_use_by",
        "연도는 네 자리로 적어 주세요. 예: 2026.12.20",
    ),
    (
        "jar",
        {"notice_use_by": "2026.13.40까지"},
        "notice_use_by",
        "달력에 없는 날짜예요. 달과 날을 다시 봐 주세요.",
    ),
    (
        "jar",
        {"notice_use_by": "오래 두고 드세요"},
        "notice_use_by",
        "언제까지인지 안 보여요. 날짜나 기간을 적어 주세요. 예: 만든 날부터 30일",
    ),
    (
        "jar",
        {"notice_phone": "전화 주세요"},
        "notice_phone",
        "전화번호가 다 보이지 않아요. 지역번호부터 숫자로 적어 주세요.",
    ),
    (
        "jar",
        {"notice_phone": "054-000-0009"},
        "notice_phone",
        "문제에 나온 전화번호와 달라요. 숫자를 하나씩 견주어 봐 주세요.",
    ),
    (
        "cup",
        {"notice_released": "작년"},
        "notice_released",
        "연도 네 자리와 달을 적어 주세요. 예: 2026년 10월",
    ),
    (
        "cup",
        {"notice_released": "2026년 15월"},
        "notice_released",
        "달력에 없는 달이에요. 1월부터 12월 사이로 적어 주세요.",
    ),
    ("jar", {"origin": ""}, "origin", "국산인지 수입산인지 하나 골라 주세요."),
    (
        "jar",
        {"origin": "imported"},
        "origin",
        "원산지를 다르게 적으면 법에 어긋나요. 문제에서 어디 것인지 다시 봐 주세요.",
    ),
    ("jar", {"origin_text": ""}, "origin_text", "어디 것인지 비어 있어요. 재료와 나온 곳을 적어 주세요."),
    ("jar", {"origin_text": "깻잎(국산)"}, "origin_text", "문제를 다시 봐 주세요. ‘간장’도 적어야 해요."),
    (
        "jar",
        {"origin_text": "깻잎, 간장"},
        "origin_text",
        "어느 나라 것인지 안 보여요. ‘국산’이나 나라 이름을 적어 주세요.",
    ),
    (
        "kimchi",
        {"origin_text": "배추(국산), 무(국산)"},
        "origin_text",
        "이 식품은 ‘고춧가루’, ‘소금’ 원산지도 꼭 적어야 해요. 나온 곳과 함께 적어 주세요.",
    ),
    ("jar", {"kc": ""}, "kc", "KC 인증이 있는지 하나 골라 주세요. 대상이 아니면 까닭을 골라요."),
    (
        "jar",
        {"kc": "number"},
        "kc",
        "먹는 것은 KC 인증 대상이 아니에요. 먹는 것이라는 까닭을 골라 주세요.",
    ),
    ("cup", {"kc": "food"}, "kc", "이 물건은 먹지 않고 KC 인증 대상도 아니에요. 그 까닭을 골라 주세요."),
    ("lamp", {"kc": "other"}, "kc", "이 물건은 KC 인증이 있어야 팔 수 있어요. 인증 번호를 적어 주세요."),
    ("lamp", {"kc_number": ""}, "kc_number", "인증 번호가 비어 있어요. 상자나 인증서에서 옮겨 적어요."),
    (
        "lamp",
        {"kc_number": "있음"},
        "kc_number",
        "인증 번호는 영어 글자와 숫자로 되어 있어요. 인증서와 견주어 봐 주세요.",
    ),
    (
        "lamp",
        {"kc_number": "HU00000-00001"},
        "kc_number",
        "문제에 나온 인증 번호와 달라요. 한 글자씩 견주어 봐 주세요.",
    ),
    (
        "jar",
        {"kc_number": "HU00000"},
        "kc_number",
        "KC 인증 대상이 아니라서 번호가 없어요. 이 칸은 비워 주세요.",
    ),
    ("cup", {"made": ""}, "made", "만들어 둔 것인지, 주문을 받고 만드는지 골라 주세요."),
    (
        "cup",
        {"made": "custom"},
        "made",
        "크기나 색만 고르는 물건은 맞춤제작이 아니에요. 그래서 반품을 막을 수 없어요. 다시 골라 주세요.",
    ),
    ("cup", {"made": "ready"}, "made", "문제에서 언제, 누구를 위해 만드는지 다시 봐 주세요."),
    ("jar", {"courier": "drone"}, "courier", "어느 택배사로 보낼지 하나 골라 주세요."),
    (
        "jar",
        {"delivery_fee": "2500"},
        "delivery_fee",
        "문제에는 3,000원으로 나와 있어요. 그대로 적어 주세요.",
    ),
    (
        "cup",
        {"free_over": "18000"},
        "free_over",
        "하나만 사도 무료가 돼요. 상품값보다 큰 금액을 적어 주세요.",
    ),
    (
        "jar",
        {"island_fee": ""},
        "island_fee",
        "제주와 섬에 더 받을 돈을 적어 주세요. 안 받으면 0을 적어요.",
    ),
    ("cup", {"island_fee": "30000"}, "island_fee", "추가 배송비가 커요. 20,000원 안으로 적어 주세요."),
    ("jar", {"exchange_fee": ""}, "exchange_fee", "교환할 때 오고 가는 택배비를 적어 주세요."),
    (
        "jar",
        {"exchange_fee": "2000"},
        "exchange_fee",
        "교환은 택배가 두 번 오가요. 반품배송비보다 적지 않게 적어 주세요.",
    ),
    (
        "jar",
        {"exchange_fee": "50000"},
        "exchange_fee",
        "실제 택배비만 받을 수 있어요. 40,000원 안으로 적어 주세요.",
    ),
    (
        "jar",
        {"return_address": "영주"},
        "return_address",
        "주소가 짧아서 택배가 못 찾아와요. 길 이름과 번호까지 적어 주세요.",
    ),
    (
        "jar",
        {"return_address": "서울시 종로구 세종로 1"},
        "return_address",
        "문제를 다시 봐 주세요. ‘영주’도 적어야 해요.",
    ),
    ("jar", {"service_phone": ""}, "service_phone", "전화번호가 비어 있어요. 손님이 걸 번호를 적어 주세요."),
    (
        "jar",
        {"service_text": "단순 변심 반품은 안 됩니다."},
        "service_text",
        "물건을 받고 7일 안에는 마음이 바뀌어도 돌려보낼 수 있어요. 안 된다는 말은 빼 주세요.",
    ),
    ("jar", {"island_fee": "삼천"}, "island_fee", NOT_A_NUMBER),
]

Pages = dict[str, Listing]


@pytest.fixture(scope="session")
def pages(documented: dict[str, Any], rules: Rules) -> Pages:
    """The two pages of the authors' guide, and small ones for what they do not sell."""
    jar = documented["practice-jar"]
    kimchi, lamp = copy.deepcopy(jar), copy.deepcopy(jar)
    kimchi["goods"] |= {"categories": ["kimchi"], "origin_words": ["배추"]}
    kimchi["sections"], lamp["sections"] = ["origin"], ["safety"]
    kimchi["reference"] |= {
        "category": "kimchi",
        "origin_text": "배추(국산), 무(국산), 고춧가루(국산), 소금(호주)",
    }
    del lamp["goods"]["notice"]
    lamp["goods"] |= {"categories": ["lamp"], "kc_number": "HU12345-26001"}
    lamp["reference"] = {
        name: value for name, value in lamp["reference"].items() if not name.startswith("notice_")
    } | {"category": "lamp", "kc": "number", "kc_number": "HU12345-26001"}
    tables = {"jar": jar, "cup": documented["practice-cup"], "kimchi": kimchi, "lamp": lamp}
    return {name: listing.read(table, rules) for name, table in tables.items()}


def _fields(page: Listing, answer: dict[str, str]) -> set[str]:
    return {field.name for field in page.form_fields("", answer)}


@pytest.mark.parametrize(("name", "changes", "field", "sentence"), MISTAKES)
def test_a_mistake_gets_the_sentence_that_helps(
    pages: Pages, name: str, changes: dict[str, str], field: str, sentence: str
) -> None:
    page = pages[name]

    outcome = page.check({**page.reference_answer(""), **changes}, "")

    assert not outcome.passed
    said = [(remark.sentence, remark.good) for remark in outcome.remarks if remark.field == field]
    assert said == [(sentence, False)]


def test_there_are_enough_mistakes_and_they_are_different() -> None:
    assert len(MISTAKES) >= 40
    assert len({sentence for *_, sentence in MISTAKES}) >= 40


@pytest.mark.parametrize("name", ["jar", "cup", "kimchi", "lamp"])
def test_the_reference_page_passes(pages: Pages, name: str) -> None:
    page = pages[name]
    answer = page.reference_answer("")

    outcome = page.check(answer, "")

    assert outcome.passed
    assert set(answer) <= _fields(page, answer)
    assert {remark.field for remark in outcome.remarks} <= _fields(page, answer)


@pytest.mark.parametrize("name", ["jar", "cup"])
def test_an_empty_form_says_something_at_every_field_but_the_optional_ones(pages: Pages, name: str) -> None:
    page = pages[name]
    waiting = {"brand", "kc_number", "delivery_fee", "free_over"}
    spare = {each for each in _fields(page, {}) if each.endswith("_extra") or each.startswith("option_3")}

    outcome = page.check({}, "")

    assert not outcome.passed
    assert {remark.field for remark in outcome.remarks} == _fields(page, {}) - waiting - spare
    assert not any(remark.good for remark in outcome.remarks)


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_can_be_practised_alone(documented: dict[str, Any], rules: Rules, section: str) -> None:
    table = copy.deepcopy(documented["practice-cup"])
    table["sections"] = [section]

    page = listing.read(table, rules)

    fields = page.form_fields("", {})
    assert len({field.section for field in fields}) == 1
    assert fields[0].section
    assert page.check(page.reference_answer(""), "").passed
    assert not page.check({}, "").passed
    assert page.preview({}).blocks


def test_the_sections_stand_in_one_order_however_they_are_written(
    documented: dict[str, Any], rules: Rules
) -> None:
    table = copy.deepcopy(documented["practice-cup"])
    table["sections"].reverse()

    page = listing.read(table, rules)

    titles = list(dict.fromkeys(field.section for field in page.form_fields("", page.reference)))
    assert titles[0] == "기본 정보"
    assert titles[-1] == "반품과 교환"
    assert len(titles) == len(SECTIONS)


def test_options_alone_are_summed_against_the_stock_that_is_given(
    documented: dict[str, Any], rules: Rules
) -> None:
    table = copy.deepcopy(documented["practice-cup"])
    table["sections"] = ["options"]
    for row in table["goods"]["options"]["rows"]:
        del row["stock"]
    page = listing.read(table, rules)

    outcome = page.check({**page.reference_answer(""), "option_1_stock": "7", "stock": "11"}, "")

    assert [remark.sentence for remark in outcome.remarks if not remark.good] == [
        "옵션 재고를 더하면 11개예요. 재고수량 10개와 같게 맞춰 주세요."
    ]


@pytest.mark.parametrize(("price", "most"), [(9_999, 9_999), (10_000, 5_000), (18_000, 9_000)])
def test_an_option_may_add_a_share_of_the_price(rules: Rules, price: int, most: int) -> None:
    assert rules.most_extra(price) == most


def test_a_fitting_category_opens_the_fields_of_its_notice(pages: Pages) -> None:
    page = pages["jar"]

    closed, wrong = page.form_fields("", {}), page.form_fields("", {"category": "honey"})
    opened = page.form_fields("", {"category": "pickle"})

    assert not any(field.name.startswith("notice_") for field in (*closed, *wrong))
    assert [field.opens for field in (closed[0], wrong[0], opened[0])] == [
        "분류 정하고 다음",
        "분류 정하고 다음",
        "",
    ]
    assert sum(field.name.startswith("notice_") for field in opened) == 9


def test_fields_that_have_just_opened_are_no_try(pages: Pages) -> None:
    page = pages["jar"]
    answer = {
        name: value for name, value in page.reference_answer("").items() if not name.startswith("notice_")
    }

    outcome = page.check(answer, "")

    assert [(remark.field, remark.sentence) for remark in outcome.unreadable] == [
        ("notice_type", "이 물건에 맞는 칸이 열렸어요. 여기부터 하나씩 적어 주세요.")
    ]
    assert [remark.field for remark in outcome.remarks if not remark.good] == ["notice_type"]


def test_a_wrong_category_is_one_fault_and_its_notice_waits(pages: Pages) -> None:
    page = pages["cup"]

    outcome = page.check({**page.reference_answer(""), "category": "socks"}, "")

    assert [remark.field for remark in outcome.remarks if not remark.good] == ["category"]
    assert not outcome.unreadable


@pytest.mark.parametrize(
    "written",
    [
        "2026.12.20까지",
        "2026년 12월 20일",
        "２０２６-12-20",
        "제조일로부터 30일",
        "만든 날부터 한달, 30일",
        "만든 날부터 한 달",
        "담근 날부터 보름",
        "소비기한 2026. 12. 20.",
    ],
)
def test_a_day_or_a_period_may_be_written_in_several_ways(
    documented: dict[str, Any], rules: Rules, written: str
) -> None:
    table = copy.deepcopy(documented["practice-jar"])
    del table["goods"]["notice"]["use-by"]
    page = listing.read(table, rules)

    assert page.check({**page.reference_answer(""), "notice_use_by": written}, "").passed


@pytest.mark.parametrize(
    "written", ["054-000-0000", "(054) 000-0000", "０５４-000-0000", "0540000000", "순자네 054.000.0000"]
)
def test_a_telephone_number_may_be_written_in_several_ways(pages: Pages, written: str) -> None:
    page = pages["jar"]

    assert page.check({**page.reference_answer(""), "service_phone": written}, "").passed


@pytest.mark.parametrize(
    "written", ["반품 안내는 전화로 해 드려요.", "교환은 전화 주세요.", "환불도 바로 해 드려요."]
)
def test_kind_words_about_returns_are_left_alone(pages: Pages, written: str) -> None:
    page = pages["jar"]

    assert page.check({**page.reference_answer(""), "service_text": written}, "").passed


def test_every_sentence_is_short_and_polite(pages: Pages, rules: Rules) -> None:
    sentences = {rules.large_warning}
    for name, changes, _, _ in MISTAKES:
        page = pages[name]
        for answer in ({**page.reference_answer(""), **changes}, {}, {"category": "pickle"}):
            sentences |= {remark.sentence for remark in page.check(answer, "").remarks}

    for sentence in sentences:
        parts = re.split(r"(?<=요\.) ", sentence)
        assert all(len(each) <= 70 for each in parts), sentence
        assert re.search(r"(요\.|예: [^.]+|2026\.12\.20)$", sentence), sentence
        assert not re.search("올바르지|잘못|틀렸|오류|하시기", sentence), sentence


@pytest.mark.parametrize(
    "letter", ["\0", "가", "9", "-", "★", "a ", "\u0301", "\U0001f600", "\ud800", "{", "<"]
)
@pytest.mark.parametrize("name", ["jar", "cup"])
def test_hostile_input_raises_nothing_and_passes_nothing(pages: Pages, name: str, letter: str) -> None:
    page = pages[name]
    names = _fields(page, page.reference_answer(""))
    for length in (1, 20, 333, 10_000):
        answer = dict.fromkeys(names, letter * length)

        outcome = page.check(answer, "")
        opened = page.check({**answer, "category": page.reference["category"]}, "")

        assert not outcome.passed
        assert not opened.passed
        assert all(len(remark.sentence) <= 70 * 3 for remark in (*outcome.remarks, *opened.remarks))
        page.preview(answer)
        page.form_fields("", answer)


@pytest.mark.parametrize(
    "field", ["option_2_extra", "kc_number", "brand", "notice_gmo", "free_over", "picture_1"]
)
def test_too_much_text_never_passes(pages: Pages, field: str) -> None:
    page = pages["cup" if field in _fields(pages["cup"], pages["cup"].reference_answer("")) else "jar"]

    assert not page.check({**page.reference_answer(""), field: "가" * 100_000}, "").passed


def test_the_finished_page_shows_what_was_typed(pages: Pages) -> None:
    page = pages["cup"]

    shown = page.preview({**page.reference_answer(""), "name": "<b>컵</b> & 받침"})

    assert (shown.path, shown.name, shown.price) == (
        "공예·꽃 > 공예품 > 그릇·도자기",
        "<b>컵</b> & 받침",
        "18,000원",
    )
    assert shown.drawing == "<svg>cup-plain</svg>"
    blocks = {block.title: {line.text: line.shown for line in block.lines} for block in shown.blocks}
    assert blocks["고르기: 색깔"] == {"흰색": "18,000원", "하늘색": "20,000원 (+2,000원)"}
    assert blocks["배송"] == {
        "택배사": "한진택배",
        "배송비": "3,500원",
        "무료배송": "50,000원부터",
        "제주·섬": "+3,000원",
    }
    assert blocks["상품정보제공고시"]["재질"] == "도자기"
    assert blocks["안전과 만드는 때"]["만드는 때"] == "주문을 받고 만들어요 (주문 후 제작)"


def test_an_empty_page_can_be_looked_at(pages: Pages) -> None:
    shown = pages["jar"].preview({})

    assert (shown.name, shown.price, shown.path, shown.drawing, shown.blocks) == ("", "", "", "", ())


def test_every_leaf_has_a_notice_with_a_telephone(rules: Rules) -> None:
    for leaf in rules.leaves:
        fields = rules.notice_of(leaf).fields

        assert 5 <= len(fields) <= 10
        assert fields[-1].kind == "phone"
        assert all(len(field.hint) <= 70 for field in fields)


def test_every_set_of_pictures_teaches_the_same_faults(rules: Rules) -> None:
    for pictures in rules.pictures.values():
        assert sorted(picture.use for picture in pictures) == ["main", "more", "none", "none", "none", "none"]


@pytest.mark.parametrize(
    ("table", "changes", "complaint"),
    [
        ("", {"sections": []}, "'sections' must not be empty"),
        ("", {"sections": ["food"]}, "'sections' names 'food'; the sections are goods, details"),
        ("", {"sections": ["goods", "goods"]}, "'goods' comes twice in 'sections'"),
        ("goods", {"tax": "none"}, "'goods.tax' must be one of taxed, free"),
        ("goods", {"pictures": "shoe"}, "'goods.pictures' must be one of jar, cup"),
        ("goods", {"origin": "space"}, "'goods.origin' must be one of domestic, imported"),
        ("goods", {"made": "never"}, "'goods.made' must be one of ready, after-order, custom"),
        ("goods", {"fees": {"tip": 1}}, "'goods.fees.tip' is not known here"),
        ("goods", {"notice": {"colour": ["흰색"]}}, "'goods.notice.colour' is no field of the notice"),
        ("goods", {"options": {"names": ["색"], "rows": []}}, "'goods.options' needs names and two to four"),
        ("goods", {"minors": "yes"}, "'goods.minors' must be true or false"),
        ("reference", {"picture_1": "main"}, "'reference.picture_1' does not pass"),
        ("reference", {"notice_phone": "없음"}, "'reference.notice_phone' does not pass"),
        ("reference", {"notice_colour": "흰색"}, "'reference.notice_colour' is not known here"),
    ],
)
def test_a_badly_written_page_is_refused_by_the_name_of_its_key(
    documented: dict[str, Any], rules: Rules, table: str, changes: dict[str, object], complaint: str
) -> None:
    authored = copy.deepcopy(documented["practice-cup"])
    (authored[table] if table else authored).update(changes)

    with pytest.raises(BadPractice, match=complaint):
        listing.read(authored, rules)


def test_a_reference_that_is_given_must_pass_too(documented: dict[str, Any], rules: Rules) -> None:
    authored = copy.deepcopy(documented["practice-cup"])
    authored["sections"] = ["options"]
    authored["reference"]["service_phone"] = "없음"

    with pytest.raises(BadPractice, match=r"'reference\.service_phone' does not pass"):
        listing.read(authored, rules)


@pytest.mark.parametrize(
    ("rule", "changes", "complaint"),
    [
        ("kc", {"leaves": ["moon"]}, "'kc.leaves' names 'moon', which is no leaf"),
        ("origin", {"always": {"moon": ["a"]}}, "'origin.always' names 'moon', which is no leaf"),
        ("origin", {"places": []}, "'origin.places' must not be empty"),
        ("option_price", {"bands": []}, "'option_price.bands' must climb and end"),
        (
            "option_price",
            {"bands": [{"percent": 1}, {"percent": 2}]},
            "'option_price.bands' must climb and end",
        ),
        ("large_category", {"warning": ""}, "'large_category.warning' must be a string"),
    ],
)
def test_badly_written_rules_are_refused(
    rules_table: dict[str, Any], rule: str, changes: dict[str, object], complaint: str
) -> None:
    authored = copy.deepcopy(rules_table)
    authored[rule].update(changes)

    with pytest.raises(BadPractice, match=complaint):
        store_rules.read_rules(authored)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"leaves": ["soap"]}, "must stand in one class"),
        ({"fields": []}, "'other.fields' must hold at least one table"),
        (
            {"fields": [{"id": "a", "label": "a", "hint": "a", "kind": "b"}]},
            "'other.fields.1..kind' must be one",
        ),
        ({"leaves": ["kimchi"]}, "'kimchi' comes twice"),
        ({"verified": 1}, "'other.verified' must be true or false"),
    ],
)
def test_badly_written_notices_are_refused(
    rules: Rules, notices_table: dict[str, Any], changes: dict[str, object], complaint: str
) -> None:
    authored = copy.deepcopy(notices_table)
    authored["other"].update(changes)

    with pytest.raises(BadPractice, match=complaint):
        store_rules.add_notices(rules, authored)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [({"use": "maybe"}, "'jar.pictures.4..use' must be one"), ({"use": "more"}, "exactly one with use")],
)
def test_badly_written_pictures_are_refused(
    rules: Rules, pictures_table: dict[str, Any], changes: dict[str, object], complaint: str
) -> None:
    authored = copy.deepcopy(pictures_table)
    authored["jar"]["pictures"][3].update(changes)

    with pytest.raises(BadPractice, match=complaint):
        store_rules.add_pictures(rules, authored, str)
