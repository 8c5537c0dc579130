import copy
import re
from typing import Any

import pytest

from portal.practice import listing, store_rules
from portal.practice.listing import Listing
from portal.practice.outcome import BadPractice
from portal.practice.store_rules import Rules

#: What is typed instead of the reference answer, the field that speaks, and what it says.
MISTAKES = [
    ({"category": ""}, "category", "아직 고르지 않았어요. 물건에 맞는 카테고리를 골라 주세요."),
    ({"category": "spaceship"}, "category", "아직 고르지 않았어요. 물건에 맞는 카테고리를 골라 주세요."),
    ({"category": "food-side"}, "category", "큰 칸을 골랐어요. 그 안에서 더 작은 칸을 골라 주세요."),
    (
        {"category": "side-dish"},
        "category",
        "손님이 이 물건을 다른 곳에서 찾을 거예요. 맞는 칸을 골라 주세요.",
    ),
    ({"name": " \u3164\0"}, "name", "상품 이름이 비어 있어요. 무엇을, 얼마나 파는지 적어 주세요."),
    ({"name": "김치"}, "name", "이름이 조금 짧아요. 500g, 10개처럼 얼마나 파는지도 적어 주세요."),
    ({"name": "김치 " + "가" * 98}, "name", "이름이 101자예요. 100자 안으로 줄여 주세요."),
    ({"name": "우리집 손맛 그대로 1kg"}, "name", "무엇을 파는지 잘 안 보여요. ‘김치’ 같은 말을 넣어 주세요."),
    ({"name": "김치 포기김치 김치 1kg"}, "name", "‘김치’ 같은 낱말이 되풀이돼요. 한 번만 적어 주세요."),
    ({"name": "★국산★ 김치 1kg"}, "name", "이름에 ‘★’ 같은 기호가 있어요. 기호는 빼고 글자로 적어 주세요."),
    ({"name": "김치 1㎏"}, "name", "이름에 ‘㎏’ 같은 기호가 있어요. 기호는 빼고 글자로 적어 주세요."),
    ({"name": "(국산)[배추](김치)/1kg"}, "name", "기호가 7개 있어요. 6개까지만 쓰면 읽기 쉬워요."),
    (
        {"name": "무료배송 국산 김치 1kg"},
        "name",
        "상품 이름에 ‘무료배송’이 들어 있어요. 이름에는 무엇을, 얼마나 파는지만 적어 주세요.",
    ),
    (
        {"name": "초특가! 국산 김치 1kg"},
        "name",
        "상품 이름에 ‘초특가’가 들어 있어요. 이름에는 무엇을, 얼마나 파는지만 적어 주세요."
        " 이름에 ‘!’ 같은 기호가 있어요. 기호는 빼고 글자로 적어 주세요.",
    ),
    (
        {"name": "국산 김치 1kg 1+1"},
        "name",
        "상품 이름에 ‘1+1’ 같은 말이 들어 있어요. 이름에는 무엇을, 얼마나 파는지만 적어 주세요.",
    ),
    (
        {"name": "국내 1위 김치 1kg"},
        "name",
        "‘1위’ 같은 말은 증거가 있어야 쓸 수 있어요. 이름에서는 빼 주세요.",
    ),
    (
        {"name": "대한민국최고 김치"},
        "name",
        "‘최고’ 같은 말은 증거가 있어야 쓸 수 있어요. 이름에서는 빼 주세요.",
    ),
    (
        {"name": "당뇨에 좋은 김치 1kg"},
        "name",
        "식품에는 ‘당뇨’ 같은 말을 쓸 수 없어요. 몸에 좋다는 말은 빼 주세요.",
    ),
    (
        {"name": "혈액 순환에 좋은 김치"},
        "name",
        "식품에는 ‘혈액순환’ 같은 말을 쓸 수 없어요. 몸에 좋다는 말은 빼 주세요.",
    ),
    ({"price": ""}, "price", "판매가를 적어 주세요."),
    ({"price": "만이천원"}, "price", "12000처럼 숫자로 적어 주세요."),
    ({"price": "1200"}, "price", "0이 하나 빠진 것 같아요. 값을 다시 봐 주세요."),
    ({"price": "120,000"}, "price", "0이 하나 더 붙은 것 같아요. 값을 다시 봐 주세요."),
    ({"price": "8900"}, "price", "이 물건은 9,000원에서 15,000원 사이로 적어 보세요."),
    ({"price": "0"}, "price", "값은 100원부터 10,000,000원까지 적을 수 있어요."),
    ({"stock": ""}, "stock", "몇 개를 팔지 적어 주세요."),
    ({"stock": "0"}, "stock", "재고가 0이면 손님이 살 수 없어요. 팔 수 있는 만큼 적어 주세요."),
    ({"stock": "999"}, "stock", "지금 가게에는 20개가 있어요. 그 안에서 적어 주세요."),
    ({"stock": "-3"}, "stock", "0보다 작은 수는 적을 수 없어요. 빼기 표시를 지워 주세요."),
    ({"delivery": ""}, "delivery", "배송비를 누가 낼지 하나 골라 주세요."),
    ({"delivery": "drone"}, "delivery", "배송비를 누가 낼지 하나 골라 주세요."),
    ({"delivery": "free"}, "delivery_fee", "무료배송을 골랐어요. 배송비 칸은 비우거나 0을 적어 주세요."),
    ({"delivery_fee": ""}, "delivery_fee", "받을 배송비를 적어 주세요. 택배비가 얼마인지 보고 정하면 돼요."),
    ({"delivery_fee": "0"}, "delivery_fee", "배송비가 0원이에요. 받지 않으려면 무료배송을 골라 주세요."),
    ({"delivery_fee": "50000"}, "delivery_fee", "배송비가 커요. 20,000원 안으로 적어 주세요."),
    ({"free_over": "50000"}, "free_over", "‘많이 사면 무료배송’일 때만 적어요. 이 칸은 비워 주세요."),
    ({"delivery": "conditional"}, "free_over", "얼마부터 무료로 보낼지 적어 주세요."),
    (
        {"delivery": "conditional", "free_over": "12000"},
        "free_over",
        "하나만 사도 무료가 돼요. 상품값보다 큰 금액을 적어 주세요.",
    ),
    (
        {"delivery": "conditional", "free_over": "99999999"},
        "free_over",
        "너무 큰 금액이에요. 1,000,000원 안으로 적어 주세요.",
    ),
    ({"return_fee": ""}, "return_fee", "마음이 바뀐 손님이 낼 반품 택배비를 적어 주세요."),
    ({"return_fee": "100000"}, "return_fee", "실제 택배비만 받을 수 있어요. 20,000원 안으로 적어 주세요."),
]


def _sentences(practice: Listing, changes: dict[str, str]) -> dict[str, str]:
    outcome = practice.check({**practice.reference, **changes}, "")
    return {remark.field: remark.sentence for remark in outcome.remarks}


@pytest.mark.parametrize(("changes", "field", "sentence"), MISTAKES)
def test_a_mistake_gets_the_sentence_that_helps(
    kimchi: Listing, changes: dict[str, str], field: str, sentence: str
) -> None:
    outcome = kimchi.check({**kimchi.reference, **changes}, "")

    assert not outcome.passed
    assert [remark.sentence for remark in outcome.remarks if remark.field == field] == [sentence]
    assert not any(remark.good for remark in outcome.remarks if remark.field == field)


def test_the_reference_page_passes_with_praise_for_every_field(kimchi: Listing) -> None:
    outcome = kimchi.check(kimchi.reference_answer(""), "")

    assert outcome.passed
    assert [remark.field for remark in outcome.remarks] == [
        field.name for field in kimchi.form_fields("", {})
    ]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"delivery": "free", "delivery_fee": ""},
            "delivery",
            "택배비는 사장님이 내게 돼요. 상품값을 정할 때 꼭 생각해 주세요.",
        ),
        ({"delivery": "free", "delivery_fee": "0"}, "delivery_fee", "이 칸은 비워 두면 돼요."),
        (
            {"delivery": "conditional", "free_over": "5만"},
            "free_over",
            "50,000원어치부터는 무료로 보내요.",
        ),
        (
            {"return_fee": "0"},
            "return_fee",
            "0원이면 마음이 바뀐 반품도 사장님이 택배비를 내요. 그래도 괜찮아요.",
        ),
        (
            {"name": "국산 배추 포기김치 1kg " + "가" * 40},
            "name",
            "좋아요. 50자보다 짧으면 손님이 더 읽기 쉬워요.",
        ),
    ],
)
def test_what_is_allowed_but_has_a_price_is_said_kindly(
    kimchi: Listing, changes: dict[str, str], field: str, sentence: str
) -> None:
    assert kimchi.check({**kimchi.reference, **changes}, "").passed
    assert _sentences(kimchi, changes)[field] == sentence


def test_a_name_gets_all_its_advice_at_once_but_no_more_than_three(told: Listing) -> None:
    said = _sentences(told, {"name": "★최고 특가 할인 당뇨 배추 배추"})["name"]

    assert said == (
        "식품에는 ‘당뇨’ 같은 말을 쓸 수 없어요. 몸에 좋다는 말은 빼 주세요."
        " ‘최고’ 같은 말은 증거가 있어야 쓸 수 있어요. 이름에서는 빼 주세요."
        " 상품 이름에 ‘특가’, ‘할인’이 들어 있어요. 이름에는 무엇을, 얼마나 파는지만 적어 주세요."
    )


def test_an_empty_name_is_only_empty(told: Listing) -> None:
    assert _sentences(told, {"name": ""})["name"].startswith("상품 이름이 비어 있어요.")


@pytest.mark.parametrize(
    "name", ["포기김치 1kg", "포기김치 1 KG", "김치1킬로", "김치 1,000g", "No.2 김치 1kg"]
)
def test_what_the_story_sells_may_be_written_in_several_ways(told: Listing, name: str) -> None:
    assert told.check({**told.reference, "name": name}, "").passed


@pytest.mark.parametrize(
    "name", ["포기김치 2kg", "포기김치 11kg", "포기김치 0.1kg", "포기김치 2,1kg", "포기김치"]
)
def test_another_weight_than_the_story_says_leads_back_to_it(told: Listing, name: str) -> None:
    assert not told.check({**told.reference, "name": name}, "").passed
    assert _sentences(told, {"name": name})["name"] == (
        "얼마나 파는지 문제를 다시 봐 주세요. ‘1kg’ 그대로 적으면 돼요."
    )


def test_another_payer_than_the_story_says_is_one_fault(told: Listing) -> None:
    outcome = told.check({**told.reference, "delivery": "free"}, "")

    assert [(remark.field, remark.sentence) for remark in outcome.remarks if not remark.good] == [
        ("delivery", "문제에서는 배송비를 손님이 내요. 문제에 맞게 골라 주세요.")
    ]


@pytest.mark.parametrize("fees", [{}, {"delivery_fee": "", "free_over": "5만"}, {"delivery_fee": "abc"}])
def test_no_chosen_way_is_one_fault_and_not_three(kimchi: Listing, fees: dict[str, str]) -> None:
    outcome = kimchi.check({**kimchi.reference, **fees, "delivery": ""}, "")

    assert [remark.field for remark in outcome.remarks if not remark.good] == ["delivery"]
    assert {"delivery_fee", "free_over"}.isdisjoint(remark.field for remark in outcome.remarks)


def test_a_price_the_story_names_is_the_only_one(documented: dict[str, Any], rules: Rules) -> None:
    table = copy.deepcopy(documented["practice-listing"])
    table["goods"]["price"] = [12000, 12000]
    practice = listing.read(table, rules)

    assert _sentences(practice, {"price": "13000"})["price"] == (
        "문제에 나온 판매가는 12,000원이에요. 그대로 적어 주세요."
    )


@pytest.mark.parametrize(
    "name",
    [
        "무 료 배 송 김치 1kg",
        "무료-배송 김치 1kg",
        "무\u200b료배송 김치 1kg",
        "[best] 김치 1kg",
        "ＢＥＳＴ 김치 1kg",
        "100% 효과 김치 1kg",
        "면역력강화 김치",
        "살 빠지는 김치 1kg",
        "\u1103\u1161\u11bc\u1102\u116d 김치 1kg",
    ],
)
def test_a_forbidden_word_is_found_however_it_is_written(kimchi: Listing, name: str) -> None:
    assert not kimchi.check({**kimchi.reference, "name": name}, "").passed


@pytest.mark.parametrize(
    "name",
    [
        "사과 특 가정용 김치 5kg",
        "대 박스 김치 10kg",
        "무 배추김치 1kg",
        "한우 1등급 고기김치 1kg",
        "김치 110g 11봉",
        "찹쌀특가루 김치 1kg",
        "포기 김 치 1kg",
        "Kimchi 김치 (국산) 1kg",
    ],
)
def test_an_innocent_name_is_left_alone(kimchi: Listing, name: str) -> None:
    assert kimchi.check({**kimchi.reference, "name": name}, "").passed


def test_health_words_are_only_watched_for_food(documented: dict[str, Any], rules: Rules) -> None:
    table = copy.deepcopy(documented["practice-listing"])
    table["goods"] |= {"words": ["베개"], "categories": ["bedding"]}
    table["reference"] |= {"category": "bedding", "name": "혈압 재는 팔 베개 1개"}

    assert listing.read(table, rules).goods.words == (("베개",),)


def test_every_sentence_is_short_and_polite(kimchi: Listing) -> None:
    answers = [{}, *(changes for changes, _, _ in MISTAKES), {"name": "김치 " + "뷁" * 60 + " " + "뷁" * 60}]
    sentences = {each for changes in answers for each in _sentences(kimchi, dict(changes)).values()}
    sentences |= {remark.sentence for remark in kimchi.check({}, "").remarks}

    for sentence in sentences:
        assert all(len(each) <= 70 for each in re.split(r"(?<=요\.) ", sentence)), sentence
        assert sentence.endswith("요."), sentence
        assert not re.search("올바르지|잘못|틀렸|오류|하시기", sentence), sentence


@pytest.mark.parametrize(
    "letter", ["\0", "가", "9", "무료", "★", "a ", "\u0301", "\U0001f600", "\ud800", "{", "%s"]
)
def test_hostile_input_gets_a_sentence_for_every_field(kimchi: Listing, letter: str) -> None:
    for length in (1, 20, 100, 333, 10_000):
        answer = {field.name: letter * length for field in kimchi.form_fields("", {})}

        outcome = kimchi.check(answer, "")

        assert not outcome.passed
        assert {remark.field for remark in outcome.remarks} == {
            field.name for field in kimchi.form_fields("", {})
        } - {"delivery_fee", "free_over"}
        assert all(len(remark.sentence) <= 70 * 3 for remark in outcome.remarks)
        assert "\0" not in "".join(remark.sentence for remark in outcome.remarks)


def test_what_was_typed_is_quoted_short(kimchi: Listing) -> None:
    word = "김치" * 20

    assert _sentences(kimchi, {"name": f"{word} {word}"})["name"] == (
        f"‘{word[:19]}…’ 같은 낱말이 되풀이돼요. 한 번만 적어 주세요."
    )


def test_the_select_offers_leaves_under_their_branches(rules: Rules) -> None:
    groups = store_rules.options(rules)

    assert [option.text for option in groups[0].options] == ["김치", "반찬", "젓갈", "장아찌·절임"]
    assert groups[0].label == "식품 > 김치·반찬"
    assert len(groups) == len(rules.groups) == 13


def test_every_rule_says_where_it_is_from_and_when_it_was_looked_at(rules: Rules) -> None:
    assert len(rules.sources) == 31
    assert {source.checked_on.isoformat() for source in rules.sources} == {"2026-11-21"}
    assert {source.rule for source in rules.sources if source.verified} == {
        "categories",
        "health_claims",
        "return_fee",
        "return_days",
    }


def test_the_form_can_be_drawn_from_its_description(kimchi: Listing) -> None:
    fields = kimchi.form_fields("", {})

    assert [(field.name, field.kind, field.unit) for field in fields] == [
        ("category", "select", ""),
        ("name", "text", ""),
        ("price", "money", "원"),
        ("stock", "count", "개"),
        ("delivery", "radio", ""),
        ("delivery_fee", "money", "원"),
        ("free_over", "money", "원"),
        ("return_fee", "money", "원"),
    ]
    assert all(field.label and field.hint for field in fields)


@pytest.mark.parametrize(
    ("table", "changes", "complaint"),
    [
        ("", {"colour": "red"}, "'colour' is not known here"),
        ("", {"story": ""}, "'story' must be a string"),
        ("goods", {"words": []}, "must not be empty"),
        ("goods", {"categories": ["food-side"]}, "'food-side', which is no leaf"),
        ("goods", {"price": [15000, 9000]}, "'goods.price' must climb"),
        ("goods", {"price": [9000.5, 15000]}, "'goods.price' must be"),
        ("goods", {"words": ["김치", []]}, "'goods.words' must not hold an empty list"),
        ("goods", {"words": ["김치", 1]}, "'goods.words' must be a list of strings"),
        ("goods", {"delivery": ["drone"]}, "'goods.delivery' names 'drone'; the ways are free, paid"),
        ("goods", {"delivery": ["free"]}, "'reference.delivery' does not pass"),
        ("goods", {"stock_at_most": 0}, "'goods.stock_at_most' must keep to"),
        ("reference", {"color": "red"}, "'reference.color' is not known here"),
        ("reference", {"price": "99"}, "'reference.price' does not pass"),
        ("reference", {"price": 12000}, "'reference.price' must be a string"),
    ],
)
def test_a_badly_written_table_is_refused_by_the_name_of_its_key(
    documented: dict[str, Any], rules: Rules, table: str, changes: dict[str, object], complaint: str
) -> None:
    authored = copy.deepcopy(documented["practice-listing"])
    (authored[table] if table else authored).update(changes)

    with pytest.raises(BadPractice, match=complaint):
        listing.read(authored, rules)


@pytest.mark.parametrize(
    ("rule", "changes", "complaint"),
    [
        ("price", {"checked_on": "yesterday"}, "'price.checked_on' must be a date"),
        ("price", {"source": ""}, "'price.source' must be a string"),
        ("price", {"limits": [5, 1]}, "'price.limits' must not fall"),
        ("stock", {"verified": "yes"}, "'stock.verified' must be true or false"),
        ("promotions", {"word": []}, "'promotions.word' is not known here"),
        ("name_length", {"longest": -1}, "'name_length.longest' must be a whole number"),
        ("categories", {"groups": []}, "must hold at least one leaf"),
        (
            "categories",
            {"groups": [{"id": "a", "label": "a", "large": "a", "leaves": {"a": "a"}}]},
            "'a' comes twice in 'categories'",
        ),
    ],
)
def test_badly_written_rules_are_refused_by_the_name_of_their_key(
    rules_table: dict[str, Any], rule: str, changes: dict[str, object], complaint: str
) -> None:
    authored = copy.deepcopy(rules_table)
    authored[rule].update(changes)

    with pytest.raises(BadPractice, match=complaint):
        store_rules.read_rules(authored)
