"""What is asked of a product name, the most important thing first."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, islice

from portal.practice import typed
from portal.practice.josa import quoted_subject
from portal.practice.outcome import AnswerError
from portal.practice.store_rules import NameRules

MOST_ADVICE = 3
MOST_NAMED = 3
"""Words named in one sentence."""


def check_name(
    name: str, rules: NameRules, goods_words: tuple[tuple[str, ...], ...], *, is_food: bool
) -> str:
    """Praise a cleaned name; raises AnswerError with the advice that applies, MOST_ADVICE at the most."""
    advice = " ".join(islice(_advice(name, rules, goods_words, is_food=is_food), MOST_ADVICE))
    if advice:
        raise AnswerError(advice)
    if len(name) > rules.advised:
        return f"좋아요. {rules.advised}자보다 짧으면 손님이 더 읽기 쉬워요."
    return "무엇을 파는지 한눈에 보이는 이름이에요."


def _advice(
    name: str, rules: NameRules, goods_words: tuple[tuple[str, ...], ...], *, is_food: bool
) -> Iterator[str]:
    if not name:
        yield "상품 이름이 비어 있어요. 무엇을, 얼마나 파는지 적어 주세요."
        return
    if len(name) > rules.longest:
        yield f"이름이 {len(name)}자예요. {rules.longest}자 안으로 줄여 주세요."
    yield from _forbidden_words(name, rules, is_food=is_food)
    yield from _marks(name, rules)
    missing = [ways[0] for ways in goods_words if not any(is_named(name, way) for way in ways)]
    yield from map(_ask_for, missing)
    repeated = [
        word for word, times in Counter(_words(name)).items() if times > rules.most_repeats and len(word) > 1
    ]
    if repeated:
        yield f"{', '.join(map(typed.quoted, repeated[:2]))} 같은 낱말이 되풀이돼요. 한 번만 적어 주세요."
    if len(name) < rules.shortest and not any(map(_is_measure, missing)):
        yield "이름이 조금 짧아요. 500g, 10개처럼 얼마나 파는지도 적어 주세요."


def _ask_for(word: str) -> str:
    if _is_measure(word):
        return f"얼마나 파는지 문제를 다시 봐 주세요. ‘{word}’ 그대로 적으면 돼요."
    return f"무엇을 파는지 잘 안 보여요. ‘{word}’ 같은 말을 넣어 주세요."


def _is_measure(word: str) -> bool:
    return word[0].isdecimal()


def is_named(name: str, word: str) -> bool:
    """Tell whether a word stands in the name, however it is spaced; 200g does not stand in 1,200g."""
    if not _is_measure(word):
        return squeeze(word) in squeeze(name)
    letters = r"\s*".join(map(re.escape, word.casefold().replace(" ", "")))
    return re.search(rf"(?<![0-9])(?<![0-9][.,]){letters}(?![a-z])", _plain(name)) is not None


def _forbidden_words(name: str, rules: NameRules, *, is_food: bool) -> Iterator[str]:
    if is_food and (words := _found(name, rules.health_claims, rules.innocent)):
        yield f"식품에는 {_quoted(words)} 같은 말을 쓸 수 없어요. 몸에 좋다는 말은 빼 주세요."
    if words := _found(name, rules.superlatives, rules.innocent):
        yield f"{_quoted(words)} 같은 말은 증거가 있어야 쓸 수 있어요. 이름에서는 빼 주세요."
    if words := _found(name, rules.promotions, rules.innocent):
        named = "".join(f"‘{word}’, " for word in words[:-1]) + quoted_subject(words[-1])
        yield f"상품 이름에 {named} 들어 있어요. 이름에는 무엇을, 얼마나 파는지만 적어 주세요."


def _marks(name: str, rules: NameRules) -> Iterator[str]:
    marks = [letter for letter in name if not letter.isalnum() and not letter.isspace()]
    strange = tuple(dict.fromkeys(mark for mark in marks if mark not in rules.marks))
    if strange:
        yield f"이름에 {_quoted(strange[:MOST_NAMED])} 같은 기호가 있어요. 기호는 빼고 글자로 적어 주세요."
    elif len(marks) > rules.most_marks:
        yield f"기호가 {len(marks)}개 있어요. {rules.most_marks}개까지만 쓰면 읽기 쉬워요."


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"‘{word}’" for word in words)


def _found(name: str, forbidden: tuple[str, ...], innocent: tuple[str, ...]) -> tuple[str, ...]:
    """Find words however they are spaced, MOST_NAMED at the most; of 특가 in 초특가 only the longer one.

    A word with a sign in it, 1+1, is sought as it stands.
    """
    lowered = _plain(name)
    for word in innocent:
        lowered = lowered.replace(word.casefold(), " ")
    words, unspaced = _words(lowered), lowered.replace(" ", "")
    found = [word for word in forbidden if _is_found(word, words, unspaced)]
    whole = [word for word in found if not any(word != other and word in other for other in found)]
    return tuple(whole[:MOST_NAMED])


def _is_found(word: str, words: list[str], unspaced: str) -> bool:
    sought = word.casefold().replace(" ", "")
    return _stands_in(words, sought) if sought.isalnum() else sought in unspaced


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()  # ＢＥＳＴ is best


def _stands_in(words: list[str], sought: str) -> bool:
    """Tell whether a word stands inside another or is spread over several.

    무 료 배 송 and 혈액 순환에 are found. 특 가정용, a grade of apples, is not 특가: a single syllable begins
    a spread-out word only if that word also ends where a written word ends.
    """
    rests = [words[place:] for place in range(len(words))]
    return (
        any(sought in word for word in words)
        or any(sought in accumulate(rest) for rest in rests)
        or any(len(rest[0]) > 1 and "".join(rest).startswith(sought) for rest in rests)
    )


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", name.casefold())


def squeeze(name: str) -> str:
    """Drop everything but letters and digits, which people space as they like."""
    return "".join(_words(name))
