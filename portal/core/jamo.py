"""Letters inside Korean syllables: initials to search by, and what a wrongly set keyboard wrote."""

import re

FIRSTS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"

_FIRST_SYLLABLE, _LAST_SYLLABLE = "가", "힣"
_SINGLE = str.maketrans("ㄲㄸㅃㅆㅉ", "ㄱㄷㅂㅅㅈ")
_ONLY_INITIALS = re.compile(r"[ㄱ-ㅎ]+(?:\s*[ㄱ-ㅎ]+)*")

#: The two-set keyboard that every Korean telephone and computer has (KS X 5002).
_KEYS = dict(zip("rRseEfaqQtTdwWczxvg", FIRSTS, strict=True))
_KEYS |= dict(zip("koiOjpuPhynbml", "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅛㅜㅠㅡㅣ", strict=True))
#: Letters that take two presses.
_TWO = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
_ONE = {pressed: letter for letter, pressed in _TWO.items()}
_LETTERS_OF_KEYS = {letter: key for key, letter in _KEYS.items()}


def _either(letters: str) -> str:
    """Return a pattern for one of ``letters``, those of two presses first."""
    pressed = [_TWO[letter] for letter in letters if letter in _TWO]
    return "|".join([*pressed, *(letter for letter in letters if letter not in _TWO)])


#: A consonant after a vowel belongs to this syllable unless a vowel comes after it.
_SYLLABLE = re.compile(f"([{FIRSTS}])({_either(VOWELS)})(?:({_either(FINALS.strip())})(?![{VOWELS}]))?")


def is_initials(typed: str) -> bool:
    """Tell whether somebody typed nothing but initial consonants: ㅅㅁㅌㅅㅌㅇ."""
    return _ONLY_INITIALS.fullmatch(typed.strip()) is not None


def initials(text: str) -> str:
    """Return the initial consonants of a text without spaces, doubled ones single; others stay."""
    return "".join(_initial(letter) for letter in text if not letter.isspace()).translate(_SINGLE)


def _initial(letter: str) -> str:
    if not _FIRST_SYLLABLE <= letter <= _LAST_SYLLABLE:
        return letter.lower()
    return FIRSTS[(ord(letter) - ord(_FIRST_SYLLABLE)) // (len(VOWELS) * len(FINALS))]


def meant_in_korean(typed: str) -> str | None:
    """Return what these Latin keys write on a Korean keyboard (wjdtks: 정산); None if no whole syllables."""
    keys = typed.lower() if typed.isupper() and len(typed) > 3 else typed  # caps lock
    pressed = "".join(_KEYS.get(key) or _KEYS.get(key.lower(), key) for key in keys)
    meant = _SYLLABLE.sub(_compose, pressed)
    is_whole = all(_FIRST_SYLLABLE <= letter <= _LAST_SYLLABLE or letter == " " for letter in meant)
    return meant if is_whole and meant.strip() and meant != typed else None


def meant_in_latin(typed: str) -> str | None:
    """Return what these Korean letters write on a Latin keyboard (ㅂㄱ: qr); None if more is left."""
    pressed = "".join(_TWO.get(letter, letter) for each in typed for letter in _letters(each))
    meant = "".join(_LETTERS_OF_KEYS.get(letter, letter) for letter in pressed)
    return meant if meant.replace(" ", "").isascii() and meant.strip() and meant != typed else None


def _letters(letter: str) -> str:
    if not _FIRST_SYLLABLE <= letter <= _LAST_SYLLABLE:
        return letter
    rest, final = divmod(ord(letter) - ord(_FIRST_SYLLABLE), len(FINALS))
    first, vowel = divmod(rest, len(VOWELS))
    return (FIRSTS[first] + VOWELS[vowel] + FINALS[final]).strip()


def _compose(match: re.Match[str]) -> str:
    first, vowel, final = match[1], match[2], match[3] or " "
    place = FIRSTS.index(first) * len(VOWELS) + VOWELS.index(_ONE.get(vowel, vowel))
    return chr(ord(_FIRST_SYLLABLE) + place * len(FINALS) + FINALS.index(_ONE.get(final, final)))
