"""What is asked of a product name, the most important thing first."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from portal.practice import typed
from portal.practice.josa import quoted_subject
from portal.practice.outcome import AnswerError
from portal.practice.store_rules import NameRules


def check_name(name: str, rules: NameRules, goods_words: tuple[str, ...], *, is_food: bool) -> str:
    """Praise a cleaned name; raises AnswerError with the first advice that applies."""
    advice = next(_advice(name, rules, goods_words, is_food=is_food), None)
    if advice:
        raise AnswerError(advice)
    if len(name) > rules.advised:
        return f"좋아요. {rules.advised}자보다 짧으면 손님이 더 읽기 쉬워요."
    return "무엇을 파는지 한눈에 보이는 이름이에요."


def _advice(name: str, rules: NameRules, goods_words: tuple[str, ...], *, is_food: bool) -> Iterator[str]:
    if not name:
        yield "상품 이름이 비어 있어요. 무엇을, 얼마나 파는지 적어 주세요."
    if len(name) > rules.longest:
        yield f"이름이 {len(name)}자예요. {rules.longest}자 안으로 줄여 주세요."
    yield from _forbidden_words(name, rules, is_food=is_food)
    yield from _marks(name, rules)
    if not any(squeeze(word) in squeeze(name) for word in goods_words):
        yield f"무엇을 파는지 잘 안 보여요. ‘{goods_words[0]}’ 같은 말을 넣어 주세요."
    for word, times in Counter(_words(name)).items():
        if times > rules.most_repeats and len(word) > 1:
            yield f"{typed.quoted(word)} 같은 낱말이 되풀이돼요. 한 번만 적어 주세요."
    if len(name) < rules.shortest:
        yield "이름이 조금 짧아요. 500g, 10개처럼 얼마나 파는지도 적어 주세요."


def _forbidden_words(name: str, rules: NameRules, *, is_food: bool) -> Iterator[str]:
    for word in _found(name, rules.health_claims if is_food else (), rules.innocent):
        yield f"식품에는 ‘{word}’ 같은 말을 쓸 수 없어요. 몸에 좋다는 말은 빼 주세요."
    for word in _found(name, rules.superlatives, rules.innocent):
        yield f"‘{word}’ 같은 말은 증거가 있어야 쓸 수 있어요. 이름에서는 빼 주세요."
    for word in _found(name, rules.promotions, rules.innocent):
        yield f"상품 이름에 {quoted_subject(word)} 들어 있어요. 이름에는 무엇을, 얼마나 파는지만 적어 주세요."


def _marks(name: str, rules: NameRules) -> Iterator[str]:
    marks = [letter for letter in name if not letter.isalnum() and not letter.isspace()]
    strange = next((mark for mark in marks if mark not in rules.marks), None)
    if strange:
        yield f"이름에 ‘{strange}’ 같은 기호가 있어요. 기호는 빼고 글자로 적어 주세요."
    if len(marks) > rules.most_marks:
        yield f"기호가 {len(marks)}개 있어요. {rules.most_marks}개까지만 쓰면 읽기 쉬워요."


def _found(name: str, forbidden: tuple[str, ...], innocent: tuple[str, ...]) -> Iterator[str]:
    """Find words however they are spaced; a word with a sign in it, 1+1, is sought as it stands."""
    lowered = unicodedata.normalize("NFKC", name).casefold()  # ＢＥＳＴ is best
    for word in innocent:
        lowered = lowered.replace(word.casefold(), " ")
    words, unspaced = _words(lowered), lowered.replace(" ", "")
    for word in forbidden:
        sought = word.casefold().replace(" ", "")
        if _stands_in(words, sought) if sought.isalnum() else sought in unspaced:
            yield word


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
