"""What a text is found under, and what somebody's words ask for."""

from itertools import chain

import pytest

from portal.core.search_words import (
    TYPED_MAX_CHARS,
    Asked,
    Every,
    Some,
    Sought,
    Synonyms,
    Text,
    Without,
    ask,
    ladder,
    solved_ladders,
    tidy,
    tokens_of,
    wider_ladder,
)
from tests.pace import costs_less_than

OTHERS = Synonyms(
    same=(("스마트스토어", "스스"), ("카카오톡", "카톡"), ("쿠팡윙", "쿠팡 판매자센터"), ("qr코드", "큐알")),
    near=(("반품", "환불"),),
    ignored=frozenset({"어떻게", "해요"}),
    unlike=("스스로",),
)
TEXTS = (
    "스마트스토어에서 정산은 언제 되나요?",
    "스마트 스토어 상세 페이지를 만들었어요.",
    "영광고추가 맛있어요. 인정 산골에서 왔어요.",
    "단골이 찜을 눌러 주셨어요.",
    "QR코드로 입점 신청했어요",
    "카톡 채널을 열었어요. 빨간 옷이 잘 나가요.",
    "갈비찜이랑 아구찜이 잘 나가요.",
    "정산일이 지났는데 돈이 안 들어왔어요.",
    "제가 스스로 해 봤어요.",
    "택배 반품을 받았어요.",
    "환불해 드렸어요.",
)


def holds(tokens: set[str], sought: Sought) -> bool:
    match sought:
        case Every(parts):
            return all(holds(tokens, part) for part in parts)
        case Some(parts):
            return any(holds(tokens, part) for part in parts)
        case Without(kept, dropped):
            return holds(tokens, kept) and not holds(tokens, dropped)
        case token:
            return token in tokens


def found(typed: str, *, wider: bool = False) -> set[int]:
    """Return the texts found by any step; none is found by two."""
    asked = ask(typed, OTHERS)
    steps = (*ladder(asked), *(wider_ladder(asked) if wider else ()))
    places = [
        place
        for step in steps
        for place, text in enumerate(TEXTS)
        if holds(tokens_of(title="", texts=[text]), step)
    ]
    assert len(places) == len(set(places))
    return set(places)


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("정산", {0, 7}),
        ("정산이", {0, 7}),
        ("정산일", {7}),
        ("스마트스토어", {0, 1}),
        ("스마트 스토어", {0, 1}),
        ("스스", {0, 1}),
        ("상세페이지를", {1}),
        ("찜", {3}),
        ("옷", {5}),
        ("qr코드", {4}),
        ("큐알", {4}),
        ("카카오톡 채널", {5}),
        ("카톡채널", {5}),
        ("입점", {4}),
        ("어떻게 정산", {0, 7}),
        ("정산 언제", {0}),
        ("광고", {2}),
        ("없는말이에요", set()),
    ],
)
def test_words_are_found_with_particles_spaces_and_synonyms(typed: str, places: set[int]) -> None:
    assert found(typed) == places


@pytest.mark.parametrize(
    ("typed", "places"),
    [("반품", {9, 10}), ("반품택배", {9}), ("정산 찜", {0, 3, 7}), ("정산", {0, 7})],
)
def test_wider_words_are_close_ones_and_fewer_ones(typed: str, places: set[int]) -> None:
    assert found(typed, wider=True) == places


def test_memory_finds_what_the_index_finds() -> None:
    for typed in (
        "정산",
        "정산일",
        "스마트 스토어",
        "찜",
        "옷",
        "qr코드",
        "큐알",
        "카톡채널",
        "광고",
        "스스",
        "상세페이지",
    ):
        asked = ask(typed, OTHERS)
        in_memory = {at for at, text in enumerate(TEXTS) if all(map(Text.of(text).says, asked.words))}
        assert in_memory == found(typed), typed


def test_a_whole_word_comes_before_a_part_of_one_and_a_title_before_both() -> None:
    steps = ladder(ask("광고", OTHERS))
    texts = {
        "title": tokens_of(title="광고를 해요", texts=[]),
        "solved": tokens_of(title="", texts=["광고를 해요"], is_solved=True),
        "word": tokens_of(title="", texts=["광고했어요"]),
        "part": tokens_of(title="영광고추", texts=["영광고추가 맛있어요"]),
    }

    at = {name: [holds(tokens, step) for step in steps] for name, tokens in texts.items()}

    assert at == {
        "title": [True, False, False, False],
        "solved": [False, True, False, False],
        "word": [False, False, True, False],
        "part": [False, False, False, True],
    }


def test_initials_find_titles_and_two_of_them_nothing() -> None:
    tokens = tokens_of(title="스마트 스토어 정산", texts=[])

    assert [holds(tokens, step) for step in ladder(ask("ㅅㅁㅌㅅㅌㅇ", OTHERS))] == [True]
    assert [holds(tokens, step) for step in ladder(ask("ㅈㅅㅅ", OTHERS))] == [False]
    assert ask("ㅅㅁㅌ", OTHERS).words == ()


def test_what_is_like_a_question_is_solved_and_shares_half_its_words() -> None:
    asked = ask("정산 반품 입점 옷", OTHERS)
    every, fewer = solved_ladders(asked)
    steps = (*every, *fewer)

    def is_like(text: str, *, is_solved: bool) -> bool:
        tokens = tokens_of(title="", texts=[text], is_solved=is_solved)
        return any(holds(tokens, step) for step in steps)

    assert is_like("정산 반품", is_solved=True)
    assert not is_like("정산 반품", is_solved=False)
    assert not is_like("정산", is_solved=True)


def test_a_word_close_to_one_asked_for_is_all_of_the_words() -> None:
    every, fewer = solved_ladders(ask("택배상자 터졌어요", OTHERS))
    tokens = tokens_of(title="", texts=["상자가 택배 기사님께 터졌어요"], is_solved=True)

    assert any(holds(tokens, step) for step in every)
    assert not any(holds(tokens, step) for step in fewer)


HOSTILE = (
    "' OR 1=1 --",
    '"*()^:&|!<->\\',
    "\x00정산\x00",
    "정산" * 5000,
    "ㄱ" * 10_000,
    "a\u0301" * 5000,
    "\u0316\u0301" * 5000,
    "a " * 5000,
    "NEAR(a b, 3) AND NOT x OR y*",
    "\ue000\ue001\uf8ff",
    "ﷺ" * 80,
    "𝟙𝟚𝟛 ①②",
    "\u202e정산",
)


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_is_typed_is_bounded_and_quick(typed: str) -> None:
    with costs_less_than(0.5):
        asked = ask(typed, OTHERS)
        steps = (*ladder(asked), *wider_ladder(asked), *chain(*solved_ladders(asked)))
    assert len(asked.typed) <= TYPED_MAX_CHARS
    assert asked.typed.isprintable()
    assert all(len(token) <= 31 for token in leaves(steps))


def leaves(steps: tuple[Sought, ...]) -> list[str]:
    """Return every token that is looked for; none may hold what an engine would read as its own."""
    tokens: list[str] = []
    for step in steps:
        match step:
            case Every(parts) | Some(parts):
                tokens += leaves(parts)
            case Without(kept, dropped):
                tokens += leaves((kept, dropped))
            case token:
                assert not set(token) & set("'\"\\ \t\n&|!<>()*:^"), token
                tokens.append(token)
    return tokens


def test_what_was_typed_is_shown_on_one_line() -> None:
    assert tidy("  정산\n\x00 언제\t") == "정산 언제"
    assert tidy("\u1109\u1161") == "사"
    assert ask("", OTHERS) == Asked("", ())
