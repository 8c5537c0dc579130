"""An answer to an unhappy customer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from portal.core.i18n import KOREAN
from portal.core.i18n import gettext as _
from portal.practice import translation, typed
from portal.practice.field import Field
from portal.practice.outcome import Answer, AnswerError, BadPractice, Line, Outcome, UnreadableError, judge
from portal.practice.reply_rules import UNWANTED, WANTED, ReplyRules
from portal.practice.table import Table
from portal.practice.wording import Written, fold

MOST_ADVICE = 3
MOST_MISSED_IN_FAIR = 2
_LINES = 6

#: Returns the telephone and account numbers in a text.
FindNumbers = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Samples:
    """Three answers to the same customer; only the good one meets every rule."""

    good: str
    fair: str
    bad: str


@dataclass(frozen=True)
class Meanings:
    """What the customer's words and the good answer say, in the language of the task."""

    customer: str
    good: str


@dataclass(frozen=True)
class Reply:
    """What the customer wrote, what the owner knows, and what an answer is held against."""

    customer: str
    situation: str
    hints: tuple[str, ...]
    needs: tuple[str, ...]
    facts: tuple[str, ...]
    private: tuple[str, ...]
    samples: Samples
    rules: ReplyRules
    find_numbers: FindNumbers
    #: None where the task is in the language of the customer.
    meanings: Meanings | None = None

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        if self.meanings:
            return _(
                "손님이 이렇게 적었어요. “%(customer)s” 뜻은 “%(meaning)s”예요. 한국어로 답해 보세요.",
                customer=self.customer,
                meaning=self.meanings.customer,
            )
        return _(
            "손님이 이렇게 적었어요. “%(customer)s” 손님에게 답글을 적어 보세요.", customer=self.customer
        )

    def form_fields(self, _seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form."""
        known = _("우리가 아는 것: %(situation)s", situation=self.situation)
        return (Field("reply", _("내 답글"), known, "area", lines=_LINES, language=KOREAN),)

    def check(self, answer: Answer, _seed: str) -> Outcome:
        """Judge an answer: what hurts first, then what is missing."""
        return judge({"reply": lambda: _judge(self, answer)})

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return an answer that passes."""
        return {"reply": self.samples.good}

    def solution(self, _seed: str) -> tuple[Line, ...]:
        """Show an answer that passes."""
        shown = Line(_("이렇게 쓸 수 있어요"), self.samples.good)
        return (shown, Line(_("무슨 뜻이냐면"), self.meanings.good)) if self.meanings else (shown,)


def read(values: Mapping[str, object], rules: ReplyRules, find_numbers: FindNumbers) -> Reply:
    """Read an authored table and try its three samples; raises BadPractice."""
    table = Table(values)
    table.allow(
        "kind", "customer", "situation", "hints", "needs", "facts", "private", "good", "fair", "bad"
    )  # fmt: skip
    needs, facts = table.texts("needs"), table.texts("facts")
    for need in needs:
        if need not in WANTED:
            raise BadPractice(f"'needs' names '{need}'; the rules are {', '.join(WANTED)}")
    if not needs:
        raise BadPractice(f"'needs' must hold at least one of {', '.join(WANTED)}")
    if "fact" in needs and not facts:
        raise BadPractice("'facts' must hold at least one word, for 'needs' asks for the fact")
    reply = Reply(
        customer=table.text("customer"),
        situation=table.text("situation"),
        hints=table.texts("hints"),
        needs=needs,
        facts=facts,
        private=table.texts("private"),
        samples=Samples(table.text("good"), table.text("fair"), table.text("bad")),
        rules=rules,
        find_numbers=find_numbers,
    )
    _try_samples(reply)
    return reply


def translate(reply: Reply, words: Table) -> Reply:
    """Give the task other words; what is looked for stays. Raises BadPractice where they do not fit."""
    words.allow("customer", "situation", "hints", "good")
    return replace(
        reply,
        situation=words.text("situation"),
        hints=translation.hints(reply.hints, words),
        meanings=Meanings(words.text("customer"), words.text("good")),
    )


def failures(reply: Reply, text: str) -> tuple[str, ...]:
    """Name the rules that a text does not meet, in the order in which they are said."""
    return tuple(name for name, _said in _failures(reply, text))


def _try_samples(reply: Reply) -> None:
    good, fair, bad = (failures(reply, each) for each in vars(reply.samples).values())
    if good:
        raise BadPractice(f"'good' does not pass: it fails {', '.join(good)}")
    if not 1 <= len(fair) <= MOST_MISSED_IN_FAIR:
        raise BadPractice(f"'fair' must fail one or two rules, not {', '.join(fair) or 'none'}")
    if len(bad) <= len(fair):
        raise BadPractice(f"'bad' must fail more rules than 'fair', not {', '.join(bad) or 'none'}")


def _judge(reply: Reply, answer: Answer) -> str:
    if not typed.text(answer, "reply"):
        raise UnreadableError(_("아직 비어 있어요. 손님에게 할 말을 적어 보세요."))
    advice = "\n".join(islice((said for _rule, said in _failures(reply, answer["reply"])), MOST_ADVICE))
    if advice:
        raise AnswerError(advice)
    return " ".join([_("좋은 답글이에요."), *(reply.rules[name].said_praise for name in reply.needs)])


def _failures(reply: Reply, text: str) -> Iterator[tuple[str, str]]:
    """Yield each rule that is not met with what to say about it."""
    written = Written(fold(text))
    for name in UNWANTED:
        found = _unwanted(reply, name, written)
        if found:
            yield name, f"{typed.quoted(found)}: {reply.rules[name].said_advice}"
    for name in (name for name in WANTED if name in reply.needs):
        if not reply.rules[name].find(written, reply.facts if name == "fact" else ()):
            yield name, reply.rules[name].said_advice


def _unwanted(reply: Reply, name: str, written: Written) -> str:
    found = reply.rules[name].find(written, reply.private if name == "privacy" else ())
    if found or name != "privacy":
        return found
    return next(iter(reply.find_numbers(written.text)), "")
