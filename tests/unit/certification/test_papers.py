"""E11, E13 and E27: every paper satisfies its blueprint, whatever the bank and the seed."""

import random
from collections import Counter

import pytest

from portal.certification import papers
from portal.certification.papers import Entry
from portal.certification.qualifications import Blueprint
from portal.core.errors import DomainError
from tests.exam_factories import SMALL, designer

WRITTEN, PRACTICAL = designer().versions[0].blueprints


def bank_for(blueprint: Blueprint, draw: random.Random, *, more: int) -> list[Entry]:
    """Return a bank that just suffices, with up to ``more`` further items in each place and some cases."""
    entries: list[Entry] = []
    for subject in blueprint.subjects:
        for level, many in subject.items.items():
            for _ in range(many + draw.randrange(more + 1)):
                case = f"{subject.key}-{draw.randrange(3)}" if draw.random() < 0.2 else ""
                entries.append(Entry(len(entries) + 1, subject.key, level, case))
    draw.shuffle(entries)
    return entries


def test_e11_every_paper_satisfies_its_blueprint() -> None:
    draw = random.Random(1)
    for seed in range(200):
        blueprint = draw.choice([SMALL, WRITTEN, PRACTICAL])
        bank = bank_for(blueprint, draw, more=draw.choice([0, 1, 12]))
        paper = papers.choose(blueprint, bank, seed)

        wanted = {
            (subject.key, level): many
            for subject in blueprint.subjects
            for level, many in subject.items.items()
            if many
        }
        assert Counter((each.subject, each.level) for each in paper) == wanted
        assert len({each.id for each in paper}) == len(paper)
        assert paper == papers.choose(blueprint, list(reversed(bank)), seed)
        order = [each.subject for each in paper]
        assert order == sorted(order, key=[subject.key for subject in blueprint.subjects].index)


def test_other_seeds_give_other_papers() -> None:
    draw = random.Random(2)
    bank = bank_for(WRITTEN, draw, more=20)

    assert len({tuple(each.id for each in papers.choose(WRITTEN, bank, seed)) for seed in range(20)}) == 20


def test_e11_a_bank_too_small_is_refused_by_subject_and_level() -> None:
    bank = [Entry(number, "platform", "easy", "") for number in range(2)]

    with pytest.raises(DomainError) as refused:
        papers.choose(SMALL, bank, 1)

    assert "유통과 플랫폼 보통 2개" in refused.value.message
    assert "관련 법규 쉬움 2개" in refused.value.message
    assert "유통과 플랫폼 쉬움" not in refused.value.message


def test_e13_a_practical_paper_takes_one_case_whole() -> None:
    parts = [subject.key for subject in PRACTICAL.subjects]
    bank = [
        Entry(case * 10 + number, part, "standard", f"card{case}")
        for case in (1, 2, 3)
        for number, part in enumerate(parts)
    ]
    chosen = [papers.choose(PRACTICAL, bank, seed) for seed in range(30)]

    assert {len({each.case for each in paper}) for paper in chosen} == {1}
    assert {paper[0].case for paper in chosen} == {"card1", "card2", "card3"}


def test_e13_items_of_a_case_stand_next_to_each_other_in_their_own_order() -> None:
    entries = [
        Entry(number, "law", "easy", "정산표-1" if number in {3, 7, 9} else "") for number in range(12)
    ]
    for seed in range(50):
        arranged = [each.id for each in papers.arrange(entries, {"law": 0}, str(seed))]
        start = arranged.index(3)

        assert arranged[start : start + 3] == [3, 7, 9]
        assert sorted(arranged) == list(range(12))


def test_e27_an_order_drawn_long_ago_is_drawn_the_same() -> None:
    entries = [Entry(number, "law", "easy", "") for number in range(1, 9)]

    assert [each.id for each in papers.arrange(entries, {"law": 0}, "7")] == [1, 7, 5, 2, 3, 8, 6, 4]
