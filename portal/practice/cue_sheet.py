"""A plan for a broadcast in parts: how long each takes, what is said and what is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from portal.practice import typed
from portal.practice.copy_rules import CopyRules, flag
from portal.practice.field import Field
from portal.practice.outcome import Answer, AnswerError, BadPractice, Line, Outcome, UnreadableError, judge
from portal.practice.table import Table, require_unique
from portal.practice.wording import Written, fold

FEWEST, MOST = 3, 8
REHEARSALS_MOST = 5
LONGEST_BROADCAST = 180
_MINUTES = "분"
_SAY_LINES = 3


@dataclass(frozen=True)
class Plan:
    """What stands in each part of a cue sheet."""

    minutes: tuple[int, ...]
    say: tuple[str, ...]
    show: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One part of a finished cue sheet."""

    title: str
    minutes: int
    say: str
    show: str


@dataclass(frozen=True)
class CueSheet:
    """The parts of a broadcast and what they are held against; minutes everywhere."""

    question: str
    hints: tuple[str, ...]
    minutes: int
    parts: tuple[str, ...]
    first_at_most: int
    must_say: tuple[tuple[str, ...], ...]
    reference: Plan
    rules: CopyRules
    #: How often the finished sheet is rehearsed before the step is complete; 0 leaves it to the learner.
    rehearsals: int = 0

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        return self.question

    def form_fields(self, _seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form: three fields for each part."""
        return tuple(
            field
            for nth, part in enumerate(self.parts, start=1)
            for field in (
                Field(f"minutes-{nth}", "시간", "", "count", _MINUTES, section=f"{nth}. {part}"),
                Field(f"say-{nth}", "하는 말", "", "area", section=f"{nth}. {part}", lines=_SAY_LINES),
                Field(f"show-{nth}", "보여 줄 것", "", "text", section=f"{nth}. {part}"),
            )
        )

    def check(self, answer: Answer, _seed: str) -> Outcome:
        """Judge every field; what is wrong with all of them together is said where it is best mended."""
        sheet = _Filled(self, answer)
        return judge(
            {
                name: partial(check, nth)
                for nth in range(1, len(self.parts) + 1)
                for name, check in (
                    (f"minutes-{nth}", sheet.check_minutes),
                    (f"say-{nth}", sheet.check_say),
                    (f"show-{nth}", sheet.check_show),
                )
            }
        )

    def read_parts(self, answer: Answer) -> tuple[Part, ...]:
        """Return the parts of an answer that has passed; nothing if the task has other parts by now."""
        sheet = _Filled(self, answer)
        if not sheet.all_minutes:
            return ()
        return tuple(
            Part(title, minutes, answer.get(f"say-{nth}", ""), answer.get(f"show-{nth}", ""))
            for nth, (title, minutes) in enumerate(zip(self.parts, sheet.all_minutes, strict=True), start=1)
        )

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return an answer that passes."""
        plan = self.reference
        return {
            f"{name}-{nth}": str(value)
            for name, values in (("minutes", plan.minutes), ("say", plan.say), ("show", plan.show))
            for nth, value in enumerate(values, start=1)
        }

    def solution(self, _seed: str) -> tuple[Line, ...]:
        """Show a plan that passes, part by part, with the minute at which each ends."""
        plan, lines, ended = self.reference, [], 0
        for part, minutes, say, show in zip(self.parts, plan.minutes, plan.say, plan.show, strict=True):
            lines.append(Line(f"{part} ({ended}~{ended + minutes}분)", f"{say} 보여 줄 것: {show}"))
            ended += minutes
        return tuple(lines)


@dataclass(frozen=True)
class _Filled:
    """A cue sheet with what was typed into it."""

    cues: CueSheet
    answer: Answer

    def check_minutes(self, nth: int) -> str:
        """Judge one part's minutes; the sum is spoken about at the longest part once all can be read."""
        minutes = self._minutes(nth)
        if minutes == 0:
            raise AnswerError("0분이에요. 1분부터 적어 주세요.")
        at_most = self.cues.first_at_most
        if nth == 1 and minutes > at_most:
            raise AnswerError(f"손님은 처음에 많이 나가요. 첫 순서는 {at_most}분 안으로 줄여 주세요.")
        all_minutes = self.all_minutes
        if not all_minutes:
            return f"{minutes}분이에요."
        total, wanted = sum(all_minutes), self.cues.minutes
        if total != wanted and nth == self._place_to_mend(all_minutes):
            change = f"{total - wanted:,}분 줄여" if total > wanted else f"{wanted - total:,}분 늘려"
            raise AnswerError(f"모두 더하면 {total:,}분이에요. {wanted}분이 되게 {change} 주세요.")
        before = sum(all_minutes[: nth - 1])
        return f"{before:,}분에 시작해서 {before + minutes:,}분에 끝나요."

    def check_say(self, nth: int) -> str:
        """Judge what one part says; what no part says is spoken about at the first."""
        said = typed.text(self.answer, f"say-{nth}")
        if not said:
            raise UnreadableError("하는 말이 비어 있어요. 한 문장만 적어도 돼요.")
        flags = flag(said, self.cues.rules)
        if flags:
            raise AnswerError(f"{typed.quoted(flags[0].word)}: {flags[0].advice}")
        missing = next(self._unsaid, "") if nth == 1 else ""
        if missing:
            raise AnswerError(f"어느 순서에도 ‘{missing}’ 이야기가 없어요. 한 곳에 넣어 주세요.")
        return ""

    def check_show(self, nth: int) -> str:
        """Judge whether anything is shown."""
        if not typed.text(self.answer, f"show-{nth}"):
            raise UnreadableError("보여 줄 것이 비어 있어요. 상품이나 화면을 적어 주세요.")
        return ""

    def _minutes(self, nth: int) -> int:
        missing = "몇 분 동안 할지 적어 주세요."
        return typed.amount(self.answer, f"minutes-{nth}", missing=missing, units=(_MINUTES,))

    @cached_property
    def all_minutes(self) -> tuple[int, ...]:
        """Return every part's minutes; nothing if one of them cannot be read."""
        try:
            return tuple(self._minutes(nth) for nth in range(1, len(self.cues.parts) + 1))
        except AnswerError:
            return ()

    def _place_to_mend(self, minutes: tuple[int, ...]) -> int:
        """Return the longest part after the first, whose limit is its own."""
        return max(range(2, len(minutes) + 1), key=lambda nth: minutes[nth - 1])

    @property
    def _unsaid(self) -> Iterator[str]:
        """Give the first word of each list of which nothing is said."""
        said = [self.answer.get(f"say-{nth}", "") for nth in range(1, len(self.cues.parts) + 1)]
        written = [Written(fold(each[: typed.LONGEST_TEXT])) for each in said]
        for ways in self.cues.must_say:
            if not any(each.find(way) for each in written for way in ways):
                yield ways[0]


def read(values: Mapping[str, object], rules: CopyRules) -> CueSheet:
    """Read an authored table; raises BadPractice."""
    table = Table(values)
    table.allow(
        *("kind", "question", "hints", "minutes", "parts", "first_minutes_at_most", "must_say", "reference"),
        "rehearsals",
    )
    parts, minutes = table.texts("parts"), table.whole("minutes")
    if not FEWEST <= len(parts) <= MOST:
        raise BadPractice(f"'parts' must be three to eight strings, not {len(parts)}")
    require_unique(parts, "parts")
    if not len(parts) <= minutes <= LONGEST_BROADCAST:
        raise BadPractice(f"'minutes' must be from {len(parts)}, one for each part, to {LONGEST_BROADCAST}")
    first = table.whole("first_minutes_at_most") if "first_minutes_at_most" in table.values else minutes
    if not 1 <= first <= minutes:
        raise BadPractice(f"'first_minutes_at_most' must be from 1 to {minutes}, not {first}")
    rehearsals = table.whole("rehearsals") if "rehearsals" in table.values else 0
    if not 0 <= rehearsals <= REHEARSALS_MOST:
        raise BadPractice(f"'rehearsals' must be from 0 to {REHEARSALS_MOST}, not {rehearsals}")
    return CueSheet(
        question=table.text("question"),
        hints=table.texts("hints"),
        minutes=minutes,
        parts=parts,
        first_at_most=first,
        must_say=table.choices("must_say"),
        reference=_read_plan(table.table("reference"), parts),
        rules=rules,
        rehearsals=rehearsals,
    )


def _read_plan(table: Table, parts: tuple[str, ...]) -> Plan:
    table.allow("minutes", "say", "show")
    minutes = table.wholes("minutes", *parts)
    say, show = table.texts("say"), table.texts("show")
    for key, texts in (("say", say), ("show", show)):
        if len(texts) != len(parts):
            raise BadPractice(f"'{table.at(key)}' must hold one string for each part, {len(parts)}")
    return Plan(minutes, say, show)
