from pathlib import Path
from typing import Any

import pytest

import portal.practice
from portal.practice import kinds
from portal.practice.kinds import Practice, Sources
from portal.practice.outcome import BadPractice, Line


@pytest.fixture
def practices(documented: dict[str, Any], sources: Sources) -> dict[str, Practice]:
    last_first = reversed(list(documented.values()))  # the first one stands for its kind
    return {table["kind"]: kinds.read(table, sources) for table in last_first}


def test_every_practice_of_the_authors_guide_can_be_read(practices: dict[str, Practice]) -> None:
    assert set(practices) == set(kinds.KINDS)


def test_the_reference_answer_of_every_kind_passes_every_try(practices: dict[str, Practice]) -> None:
    for practice in practices.values():
        for count in range(50):
            answer = practice.reference_answer(f"check/{count}")

            assert practice.check(answer, f"check/{count}").passed
            fields = practice.form_fields(f"check/{count}", answer)
            if all(field.kind != "file" for field in fields):  # a picture answers with what it measures
                assert set(answer) <= {field.name for field in fields}


def test_an_empty_form_fails_with_a_remark_on_every_field_that_can_be_judged(
    practices: dict[str, Practice],
) -> None:
    waiting = {"delivery_fee", "free_over"}  # for a way of delivery

    for practice in practices.values():
        outcome = practice.check({}, "ann/1")

        assert not outcome.passed
        assert {remark.field for remark in outcome.remarks} == {
            field.name for field in practice.form_fields("ann/1", {})
        } - waiting


def test_the_worked_solution_says_what_is_right(practices: dict[str, Practice]) -> None:
    assert [line.text for line in practices["choice"].solution("ann/1")] == ["판매처(온라인 장터)"]
    assert practices["listing"].solution("ann/1")[2] == Line("판매가", "12,000원")
    assert [line.text for line in practices["number"].solution("ann/1")] == [
        "주문관리 수수료",
        "판매수수료",
        "통장에 들어오는 돈",
    ]


def test_the_question_changes_with_the_try_only_where_numbers_are_drawn(
    practices: dict[str, Practice],
) -> None:
    changed = {kind for kind, each in practices.items() if each.ask("ann/1") != each.ask("ann/2")}

    assert changed == {"number"}


def test_the_solution_waits_for_three_tries(practices: dict[str, Practice]) -> None:
    assert kinds.SHOWS_SOLUTION_AFTER == 3
    assert all(practice.hints for practice in practices.values())


@pytest.mark.parametrize("table", [{}, {"kind": "essay"}, {"kind": 3}, {"kind": ["choice"]}])
def test_an_unknown_kind_is_refused(sources: Sources, table: dict[str, object]) -> None:
    with pytest.raises(BadPractice, match="'kind' must be one of choice, number"):
        kinds.read(table, sources)


def test_the_package_imports_nothing_but_itself_the_language_and_the_standard_library() -> None:
    sources = Path(portal.practice.__path__[0]).rglob("*.py")
    imported = {
        line.split()[1]
        for path in sources
        for line in path.read_text().splitlines()
        if line.startswith("from ")
    }

    assert {
        name for name in imported if name.startswith("portal") and not name.startswith("portal.practice")
    } == {"portal.core.i18n"}
    assert imported.isdisjoint({"random", "time", "flask", "sqlalchemy"})
