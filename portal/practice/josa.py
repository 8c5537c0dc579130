"""Particles for words that we wrote ourselves; what a person typed never gets one.

A language without particles gets the word as it is, so that a sentence is one message for both.
"""

from portal.core.i18n import KOREAN, language

_FIRST_SYLLABLE, _LAST_SYLLABLE = "가", "힣"
_FINALS = (
    28  # syllables for each pair of first consonant and vowel in Unicode; the first of them has no final
)


def with_object(word: str) -> str:
    """Add 을 or 를, or words that spare us the choice after a sign or a foreign letter."""
    return word + _after(word, "을", "를", " 금액을")


def quoted_subject(word: str) -> str:
    """Quote the word and add 이 or 가, or words that spare us the choice."""
    return f"‘{word}’" + _after(word, "이", "가", " 같은 말이")


def with_copula(phrase: str) -> str:
    """Add 이에요 or 예요."""
    return phrase + _after(phrase, "이에요", "예요", "예요")


def _after(word: str, closed: str, opened: str, otherwise: str) -> str:
    if language() != KOREAN:
        return ""
    last = word[-1:]
    if not _FIRST_SYLLABLE <= last <= _LAST_SYLLABLE:
        return otherwise
    return closed if (ord(last) - ord(_FIRST_SYLLABLE)) % _FINALS else opened
