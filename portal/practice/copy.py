"""The words of a product page that a machine wrote, to be mended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from portal.practice import typed
from portal.practice.copy_rules import CopyRules, flag
from portal.practice.field import Field
from portal.practice.outcome import Answer, AnswerError, BadPractice, Line, Outcome, UnreadableError, judge
from portal.practice.table import Table
from portal.practice.word_rules import Must, missing, read_musts
from portal.practice.wording import Written, fold

LONGEST_DRAFT = 600
MOST_ADVICE = 3
_LINES = 8


@dataclass(frozen=True)
class Copy:
    """What is sold, what was written about it, and what the mended words must still say."""

    question: str
    hints: tuple[str, ...]
    product: str
    draft: str
    musts: tuple[Must, ...]
    reference: str
    rules: CopyRules

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        return self.question

    def form_fields(self, _seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form; the draft stands in the field, ready to be mended."""
        hint = f"파는 물건: {self.product}. 안 되는 말을 지우고 아는 사실로 바꿔요."
        return (Field("text", "고칠 글", hint, "area", lines=_LINES, start=self.draft),)

    def check(self, answer: Answer, _seed: str) -> Outcome:
        """Judge the words: what may not stand in them first, then what they leave out."""
        return judge({"text": lambda: _judge(self, answer)})

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return an answer that passes."""
        return {"text": self.reference}

    def solution(self, _seed: str) -> tuple[Line, ...]:
        """Name what had to go, and show one way to write it."""
        gone = ", ".join(f"‘{each.word}’" for each in flag(self.draft, self.rules))
        return (Line("빼야 하는 말", gone), Line("이렇게 쓸 수 있어요", self.reference))


def read(values: Mapping[str, object], rules: CopyRules) -> Copy:
    """Read an authored table; raises BadPractice."""
    table = Table(values)
    table.allow("kind", "question", "product", "draft", "hints", "reference", "must")
    draft = table.text("draft")
    if len(draft) > LONGEST_DRAFT:
        raise BadPractice(f"'draft' must have {LONGEST_DRAFT} characters at the most, not {len(draft)}")
    if not flag(draft, rules):
        raise BadPractice("'draft' holds nothing that the copy rules know, so there is nothing to mend")
    return Copy(
        question=table.text("question"),
        hints=table.texts("hints"),
        product=table.text("product"),
        draft=draft,
        musts=read_musts(table),
        reference=table.text("reference"),
        rules=rules,
    )


def _judge(copy: Copy, answer: Answer) -> str:
    if not typed.text(answer, "text"):
        raise UnreadableError("글이 비어 있어요. 손님이 읽을 글을 적어 주세요.")
    advice = "\n".join(islice(_advice(copy, answer["text"]), MOST_ADVICE))
    if advice:
        raise AnswerError(advice)
    praise = "\n".join(must.praise for must in copy.musts if must.praise)
    return praise or "좋아요. 써서는 안 되는 말이 없고, 꼭 알릴 것이 들어 있어요."


def _advice(copy: Copy, text: str) -> Iterator[str]:
    flags = flag(text, copy.rules)
    for name in dict.fromkeys(each.group for each in flags):
        mine = [each for each in flags if each.group == name]
        yield f"{', '.join(typed.quoted(each.word) for each in mine)}: {mine[0].advice}"
    yield from missing(copy.musts, Written(fold(text)))
