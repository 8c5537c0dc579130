"""E11, E13, E14: enough questions for two papers, each taught, explained and worked out again."""

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest

from portal.certification import generated, gift, papers, qualifications
from portal.certification.exam_models import ExamKind
from portal.certification.gift import Item
from portal.certification.qualifications import Blueprint
from portal.core.markdown import render_item
from portal.core.settings import ROOT
from tests.unit.certification.worked_sums import VARYING, WORKED

FOLDER = ROOT / "content" / "questions"
LESSONS = ROOT / "content" / "lessons"
WRITTEN = ("designer-2", "designer-1")
BANKS = (*WRITTEN, "designer-2-practical", "designer-1-practical")
#: Rates that are read off a seller's screen and change: what asks with them says of which day they are.
RATES = re.compile(r"(?<![\d.,])(1\.98|2\.73|3\.003|0\.91|1\.001)%")


def items_of(bank: str) -> tuple[Item, ...]:
    parsed = gift.parse((FOLDER / f"{bank}.gift").read_text(encoding="utf-8"))
    assert parsed.problems == (), parsed.problems
    return parsed.items


def blueprint_of(bank: str) -> Blueprint:
    qualification_id = bank.removesuffix("-practical")
    kind = ExamKind.PRACTICAL if bank != qualification_id else ExamKind.WRITTEN
    return (
        qualifications.load(ROOT / "content", is_demo=True).get(qualification_id).versions[0].blueprint(kind)
    )


def courses_of(bank: str) -> set[str]:
    qualification = qualifications.load(ROOT / "content", is_demo=True).get(bank.removesuffix("-practical"))
    return {
        course for each in qualification.versions[0].requirements for course in each.params.get("courses", ())
    }


def said(item: Item) -> str:
    return f"{item.content['stem']} {item.content.get('case', {}).get('text', '')}"


def choices_of(item: Item) -> Mapping[str, str]:
    return {choice["key"]: choice["text"] for choice in item.content["choices"]}


@pytest.mark.parametrize("bank", BANKS)
def test_a_bank_has_enough_of_each_subject_and_level_for_two_papers(bank: str) -> None:
    there = Counter((each.subject, each.level) for each in items_of(bank))
    wanted = {
        (subject.key, level): 2 * many
        for subject in blueprint_of(bank).subjects
        for level, many in subject.items.items()
    }

    short = {place: many for place, many in wanted.items() if there[place] < many}

    assert not short
    assert {subject for subject, _ in there} == {subject.key for subject in blueprint_of(bank).subjects}


@pytest.mark.parametrize("bank", WRITTEN)
def test_two_papers_share_few_enough_items_to_be_two_papers(bank: str) -> None:
    entries = [
        papers.Entry(number, each.subject, each.level, each.content.get("case", {}).get("title", ""))
        for number, each in enumerate(items_of(bank))
    ]

    drawn = [{each.id for each in papers.choose(blueprint_of(bank), entries, seed)} for seed in range(1, 41)]

    assert {len(each) for each in drawn} == {100}
    assert max(len(one & other) for one in drawn for other in drawn if one is not other) <= 70
    assert set.union(*drawn) == {each.id for each in entries}


@pytest.mark.parametrize("bank", BANKS)
def test_every_item_asks_what_a_lesson_of_the_course_teaches(bank: str) -> None:
    steps = {each.content["step"] for each in items_of(bank)}

    missing = {step for step in steps if not (LESSONS / step / "lesson.md").is_file()}

    assert not missing
    assert {step.partition("/")[0] for step in steps} <= courses_of(bank)


@pytest.mark.parametrize("bank", BANKS)
def test_every_item_says_why(bank: str) -> None:
    short = [each.name for each in items_of(bank) if len(each.content["why"]) < 12]

    assert not short


@pytest.mark.parametrize("bank", WRITTEN)
def test_neither_the_place_nor_the_length_gives_the_right_answer_away(bank: str) -> None:
    asked = [each for each in items_of(bank) if each.kind == "choice"]
    for subject in [None, *(each.key for each in blueprint_of(bank).subjects)]:
        keys = Counter(each.content["key"][0] for each in asked if subject in {None, each.subject})
        assert max(keys.values()) <= 0.4 * keys.total(), (subject, keys)

    longest = [
        each.name
        for each in asked
        if all(
            len(choices_of(each)[each.content["key"][0]]) > len(text)
            for key, text in choices_of(each).items()
            if key != each.content["key"][0]
        )
    ]

    assert len(longest) <= 0.35 * len(asked), longest


@pytest.mark.parametrize("bank", WRITTEN)
def test_a_choice_has_four_answers_of_which_none_means_all(bank: str) -> None:
    asked = [each for each in items_of(bank) if each.kind == "choice"]

    assert {len(choices_of(each)) for each in asked} == {4}
    all_of_them = re.compile(r"모두 (맞|틀)|위의|보기 모두")
    assert not [each.name for each in asked for text in choices_of(each).values() if all_of_them.search(text)]


@pytest.mark.parametrize("bank", BANKS)
def test_no_two_items_ask_the_same(bank: str) -> None:
    asked = Counter(
        (re.sub(r"\W", "", each.content["stem"]), each.content.get("case", {}).get("title"))
        for each in items_of(bank)
    )

    assert not [stem for stem, many in asked.items() if many > 1]


def test_the_first_grade_asks_nothing_word_for_word_that_the_second_asked() -> None:
    second, first = ({re.sub(r"\W", "", each.content["stem"]) for each in items_of(bank)} for bank in WRITTEN)

    assert not second & first


@pytest.mark.parametrize("bank", WRITTEN)
def test_what_is_not_so_is_asked_for_in_bold(bank: str) -> None:
    negative = re.compile(r"(?<!\*)(아닌 것|않는 것|않은 것|없는 것|틀린 것)")

    assert not [each.name for each in items_of(bank) if negative.search(each.content["stem"])]


@pytest.mark.parametrize("bank", BANKS)
def test_a_rate_that_changes_stands_with_its_day(bank: str) -> None:
    with_rates = [each for each in items_of(bank) if RATES.search(said(each))]

    assert not [each.name for each in with_rates if not re.search(r"기준|셈에 쓰", said(each))]


@pytest.mark.parametrize("bank", WRITTEN)
def test_worked_sums_come_out_as_their_key_says(bank: str) -> None:
    numeric = {each.name: each for each in items_of(bank) if each.kind == "numeric"}
    assert set(WORKED[bank]) <= set(numeric)

    wrong = {
        name: (worked, numeric[name].content["key"])
        for name, worked in WORKED[bank].items()
        if Fraction(Decimal(numeric[name].content["key"][0]["value"])) != worked
    }

    assert not wrong
    unworked = {name for name in numeric if name.startswith("settlement")}
    assert (
        len(unworked - set(WORKED[bank]) - set(VARYING[bank])) <= 1
    )  # a telephone number, a day of the month


@pytest.mark.parametrize("bank", WRITTEN)
def test_drawn_numbers_come_out_as_whole_won_and_as_worked(bank: str) -> None:
    drawn = {each.name: each for each in items_of(bank) if "vary" in each.content}
    assert set(drawn) == set(VARYING[bank])

    for name, item in drawn.items():
        for seed in range(30):
            numbers = generated.drawn(item.content, f"{seed}/{name}")
            (value, _) = generated.values(item.content, numbers)[0]
            assert value == VARYING[bank][name](**numbers) > 0, (name, numbers)
            assert not set("{}") & set(generated.stem(item.content, numbers))


@pytest.mark.parametrize("bank", WRITTEN)
def test_cases_hold_three_to_five_items_of_one_subject_and_a_table(bank: str) -> None:
    cases: dict[str, list[Item]] = {}
    for each in items_of(bank):
        if "case" in each.content:
            cases.setdefault(each.content["case"]["title"], []).append(each)

    assert len(cases) >= 4
    for title, linked in cases.items():
        assert 3 <= len(linked) <= 5, title
        assert len({each.subject for each in linked}) == 1, title
        assert "\n\n|" in linked[0].content["case"]["text"], title


@pytest.mark.parametrize("bank", ["designer-2-practical", "designer-1-practical"])
def test_a_practical_paper_is_one_shop_card_with_an_essay_for_each_part(bank: str) -> None:
    parts = [subject.key for subject in blueprint_of(bank).subjects]
    cards: dict[str, list[Item]] = {}
    for each in items_of(bank):
        cards.setdefault(each.content["case"]["title"], []).append(each)

    assert len(cards) >= 3
    for linked in cards.values():
        assert [each.subject for each in linked] == parts
        assert {each.kind for each in linked} == {"essay"}
        assert 8 <= linked[0].content["case"]["text"].count("\n|") - 2 <= 12
    entries = [
        papers.Entry(number, each.subject, each.level, each.content["case"]["title"])
        for number, each in enumerate(items_of(bank))
    ]
    for seed in range(10):
        assert len({each.case for each in papers.choose(blueprint_of(bank), entries, seed)}) == 1


@pytest.mark.parametrize("bank", BANKS)
def test_questions_and_cases_read_as_they_were_written(bank: str) -> None:
    for each in items_of(bank):
        assert not re.search(r"\*\*|<(em|li|h\d)", render_item(each.content["stem"])), each.name
        if "case" in each.content:
            case = each.content["case"]["text"]
            shown = render_item(case)
            assert shown.count("<tr>") == case.count("\n|") - 1, each.name
            assert not set("|*") & set(shown), each.name
