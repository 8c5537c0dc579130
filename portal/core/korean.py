"""Korean as people read it: dates, hours, money, masked names (domain research §4.6)."""

import re
from datetime import date, datetime, timedelta

from portal.core.clock import KST

#: What is Korean inside other words: syllables with a number before them, and what is no letter between two.
HANGUL = re.compile(r"(?:\d[\d,.]*)?[가-힣ㄱ-ㅎㅏ-ㅣ](?:[^A-Za-z<>&\n]{0,12}[가-힣ㄱ-ㅎㅏ-ㅣ])*")
NATIVE_NUMBERS = ("한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열")
WEEKDAYS = "월화수목금토일"
DOUBLE_SURNAMES = {"남궁", "황보", "제갈", "선우", "독고", "사공", "서문", "동방"}
PARTICLES = ("이/가", "은/는", "을/를", "과/와", "으로/로", "이에요/예요")
"""The particles that depend on the sound before them: after a final consonant, after a vowel."""

_FIRST_SYLLABLE, _LAST_SYLLABLE = "가", "힣"
_FINALS = 28  # syllables for each first consonant and vowel in Unicode; the first of them has no final
_RIEUL = 8  # the final ㄹ among them: 로, not 으로
#: How digits and foreign letters end when read aloud: 영 일 삼 육 칠 팔, 엘 엠 엔 알; all others open.
_SPOKEN_FINALS = {**dict.fromkeys("036mn", 1), **dict.fromkeys("178lr", _RIEUL)}


def won(amount: int) -> str:
    """Return ``31,447원``."""
    return f"{amount:,}원"


def people(count: int) -> str:
    """Return how many people it is, with respect: ``한 분`` to ``열 분`` as said aloud, then ``11분``."""
    return f"{NATIVE_NUMBERS[count - 1]} 분" if 0 < count <= len(NATIVE_NUMBERS) else f"{count}분"


def day(moment: date | datetime) -> str:
    """Return ``2026년 11월 21일(토)`` in Korean time."""
    local = _local_date(moment)
    return f"{local.year}년 {local.month}월 {local.day}일({WEEKDAYS[local.weekday()]})"


def plain_day(moment: date | datetime) -> str:
    """Return ``2026년 11월 21일``, as documents print it."""
    local = _local_date(moment)
    return f"{local.year}년 {local.month}월 {local.day}일"


def clock_time(moment: datetime) -> str:
    """Return ``오전 10시 30분``, ``낮 12시`` or ``오후 3시`` in Korean time; midnight is ``오전 0시``."""
    local = moment.astimezone(KST)
    half = "오전" if local.hour < 12 else "낮" if local.hour == 12 else "오후"
    minutes = f" {local.minute}분" if local.minute else ""
    return f"{half} {local.hour - 12 if local.hour > 12 else local.hour}시{minutes}"


def day_and_time(moment: datetime, *, now: datetime) -> str:
    """Return when it is in words: ``오늘 오후 3시``, ``내일 오전 10시``, ``11월 24일(화) 오전 10시``."""
    local, today = moment.astimezone(KST).date(), now.astimezone(KST).date()
    named = {0: "오늘", 1: "내일", 2: "모레", -1: "어제"}.get((local - today).days)
    return f"{named or _short_day(local, today)} {clock_time(moment)}"


def dated_time(moment: datetime, *, now: datetime) -> str:
    """Return ``11월 24일(화) 오전 10시``: the date itself, the same words whichever day they are read."""
    local, today = moment.astimezone(KST).date(), now.astimezone(KST).date()
    return f"{_short_day(local, today)} {clock_time(moment)}"


def ago(moment: datetime, *, now: datetime) -> str:
    """Return how long ago it was: ``방금``, ``5분 전``, ``3시간 전``, ``어제``, ``11월 20일(금)``."""
    passed = now - moment
    if passed < timedelta(minutes=1):
        return "방금"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)}분 전"
    local, today = moment.astimezone(KST).date(), now.astimezone(KST).date()
    if local == today:
        return f"{passed // timedelta(hours=1)}시간 전"
    return "어제" if local == today - timedelta(days=1) else _short_day(local, today)


def hours_and_minutes(passed: timedelta) -> str:
    """Return how long something took: ``40분``, ``3시간 20분``, ``26시간``, ``0분``."""
    hours, minutes = divmod(passed // timedelta(minutes=1), 60)
    return (
        " ".join(words for words in (f"{hours}시간" * bool(hours), f"{minutes}분" * bool(minutes)) if words)
        or "0분"
    )


def with_hyphens(phone: str) -> str:
    """Return a mobile number's digits as ``010-1234-5678``."""
    return f"{phone[:3]}-{phone[3:-4]}-{phone[-4:]}"


def with_particle(word: str, pair: str) -> str:
    """Return the word with the particle of the pair (``이/가``) that its last sound asks for.

    Signs at its end, such as a closing quotation mark, are passed over; the particle still stands after them.
    """
    closed, opened = pair.split("/")
    final = _final_of(word)
    is_closed = final > 0 and not (pair == "으로/로" and final == _RIEUL)
    return word + (closed if is_closed else opened)


def masked_name(name: str) -> str:
    """Return the name as strangers may see it: 홍*동, 김*, 남궁*수."""
    letters = name.strip()
    if len(letters) < 2:
        return "*"
    kept = 2 if len(letters) > 3 and letters[:2] in DOUBLE_SURNAMES else 1
    if len(letters) <= kept + 1:
        return letters[:kept] + "*"
    return letters[:kept] + "*" * (len(letters) - kept - 1) + letters[-1]


def _final_of(word: str) -> int:
    """Return the number of the final consonant a word ends in, 0 for a vowel and for what is not known."""
    last = next((letter for letter in reversed(word) if letter.isalnum()), "")
    if _FIRST_SYLLABLE <= last <= _LAST_SYLLABLE:
        return (ord(last) - ord(_FIRST_SYLLABLE)) % _FINALS
    return _SPOKEN_FINALS.get(last.lower(), 0)


def _short_day(local: date, today: date) -> str:
    year = "" if local.year == today.year else f"{local.year}년 "
    return f"{year}{local.month}월 {local.day}일({WEEKDAYS[local.weekday()]})"


def _local_date(moment: date | datetime) -> date:
    return moment.astimezone(KST).date() if isinstance(moment, datetime) else moment
