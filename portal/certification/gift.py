r"""Reading exam items from GIFT, the text format of Moodle, with what we add to it in comment lines.

Items are parted by blank lines; ``\n`` in a text is a new line where a blank one is wanted. Comment lines
directly above an item say what GIFT has no place for::

    // subject: law
    // level: standard
    // step: designer-2/law-ads-food
    // case: 정산표-1
    // why: 해설
    // vary: a=1000..5000/100
    ::law-001::[markdown]문제 { =정답 ~오답#왜 틀렸는지 ~오답 }

A text without braces is a case: ``// case:`` of later items names it. Reading never stops at a mistake: each
is noted with its line, in a sentence for whoever wrote the file, and the item is left out.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from portal.certification import generated, gift_answers
from portal.certification.gift_answers import GiftError

LEVELS = ("easy", "standard", "hard")
TAGS = ("subject", "level", "step", "case", "why", "vary")
MOST_LETTERS = 2_000_000
MOST_ITEMS = 3_000
LONGEST_NAME = 60

_TAG = re.compile(r"//\s*([a-z]+)\s*:\s*(.*)")
_NAME = re.compile(r"::(.*?)::", re.DOTALL)
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]")
#: Control signs, halves of pairs, and private letters: those stand for escaped signs while we read.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
_PLAIN_NAME = re.compile(r"[0-9A-Za-z가-힣][0-9A-Za-z가-힣 ._-]*")


@dataclass(frozen=True)
class Problem:
    """What is wrong in one line, or only worth knowing (``refused`` false)."""

    line: int
    sentence: str
    refused: bool = True


@dataclass(frozen=True)
class Item:
    """One item as its file says it.

    ``content`` always has ``stem`` (Markdown), ``key`` (a list), ``why`` and ``step`` (both may be empty),
    and ``case`` with ``title`` and ``text`` (Markdown) where the item belongs to one. Beside these, by kind,
    with what an answer (`ExamAnswer.response`) looks like::

        choice      choices [{key, text, feedback}]   key ["b"]           {"chosen": ["b"]}
        multiple    choices [{key, text, feedback}]   key ["a", "c"]      {"chosen": ["a", "c"]}
        true_false  choices [{key, text, feedback}]   key ["true"]        {"chosen": ["true"]}
        numeric     key [{"value": "12500", "tolerance": "0.5"}]          {"text": "12,500원"}
                    any of several; with ``vary`` {"a": [from, to, step]} the value is a sum
                    (``a * 95 / 100``), and sums in braces stand in the stem: see `generated`
        short       key ["등록면허세", "면허세"]                            {"text": "등록 면허세"}
        matching    rows [{key, text}], options [{key, text}]
                    key [{"row": "1", "option": "a"}]                     {"matched": {"1": "a"}}
        essay       key []                                                {"text": "…"}
    """

    name: str
    subject: str
    level: str
    kind: str
    content: dict[str, Any]
    #: The GIFT text it was read from, with its comment lines.
    source: str
    line: int

    @property
    def digest(self) -> str:
        """SHA-256 of everything that makes it another item when it changes."""
        said = [self.subject, self.level, self.kind, self.content]
        written = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Parsed:
    """What a file holds, and everything that is wrong with it, in the order of its lines."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> bool:
        """Tell whether something must be put right first."""
        return any(problem.refused for problem in self.problems)


@dataclass(frozen=True)
class _Block:
    """Lines without a blank one between them: the comment lines' tags, and the rest."""

    line: int
    tags: dict[str, tuple[int, str]]
    text: str
    #: The line in the file of each line of ``text``.
    lines: tuple[int, ...]
    source: str

    def line_at(self, place: int) -> int:
        """Return the line in which a place of the text stands."""
        return self.lines[min(self.text.count("\n", 0, place), len(self.lines) - 1)]


@dataclass
class _Reading:
    """What was found so far."""

    subjects: Collection[str] | None
    knows_step: Callable[[str], bool] | None
    items: dict[str, Item] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, sentence: str) -> None:
        self.problems.append(Problem(line, sentence))


def parse(
    text: str,
    *,
    subjects: Collection[str] | None = None,
    knows_step: Callable[[str], bool] | None = None,
) -> Parsed:
    """Read a GIFT file.

    With ``subjects`` an item of any other subject is a mistake, with ``knows_step`` a step it does not know.
    """
    reading = _Reading(subjects, knows_step)
    if len(text) > MOST_LETTERS:
        return Parsed((), (Problem(1, f"파일이 너무 커요. {MOST_LETTERS:,}자 안으로 나눠 주세요."),))
    blocks = _blocks(_cleaned(text))
    if len(blocks) > MOST_ITEMS:
        return Parsed((), (Problem(1, f"문항이 너무 많아요. {MOST_ITEMS:,}개 안으로 나눠 주세요."),))
    for block in blocks:
        try:
            _read_block(block, reading)
        except GiftError as error:
            reading.wrong(block.line_at(error.place), error.sentence)
    problems = tuple(sorted(reading.problems, key=lambda each: each.line))
    return Parsed(tuple(reading.items.values()), problems)


def _cleaned(text: str) -> str:
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _blocks(text: str) -> list[_Block]:
    found, start = [], 0
    lines = text.split("\n")
    for number, line in enumerate([*lines, ""]):
        if line.strip():
            continue
        if number > start and (block := _block(lines[start:number], start + 1)):
            found.append(block)
        start = number + 1
    return found


def _block(lines: list[str], first: int) -> _Block | None:
    """Return the lines as a block, or None where only comments stand."""
    tags: dict[str, tuple[int, str]] = {}
    kept: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=first):
        stripped = line.strip()
        if not stripped.startswith(("//", "$CATEGORY")):
            kept.append((number, line))
        elif (tag := _TAG.fullmatch(stripped)) and tag[1] in TAGS:
            tags[tag[1]] = (number, tag[2].strip())
    if not kept:
        return None
    text = gift_answers.hide("\n".join(line for _, line in kept))
    return _Block(kept[0][0], tags, text, tuple(number for number, _ in kept), "\n".join(lines))


def _read_block(block: _Block, reading: _Reading) -> None:
    name, start = _read_name(block)
    opened, closed = _braces(block.text, start)
    if opened < 0:
        text = gift_answers.show(block.text[start:]).strip()
        if name in reading.cases:
            raise GiftError(f"‘{name}’ 사례가 두 번 나와요. 이름을 다르게 지어 주세요.")
        reading.cases[name] = text
        return
    if name in reading.items:
        raise GiftError(f"‘{name}’ 문항이 두 번 나와요. 이름을 다르게 지어 주세요.")
    answers = gift_answers.read(block.text[opened + 1 : closed], opened + 1)
    reading.problems += (Problem(block.line_at(at), said, refused=False) for at, said in answers.notes)
    stem = _stem(block.text[start:opened], block.text[closed + 1 :])
    if not stem:
        raise GiftError("문제 글이 비어 있어요. 무엇을 묻는지 적어 주세요.", start)
    before = len(reading.problems)
    subject, level = _read_place(block, reading)
    content = {"stem": stem, **answers.content, "why": _tag(block, "why") or answers.why}
    content |= {"step": _read_step(block, reading), **_read_case(block, reading)}
    content |= _read_vary(block, answers.kind, content, reading)
    if not any(problem.refused for problem in reading.problems[before:]):
        reading.items[name] = Item(name, subject, level, answers.kind, content, block.source, block.line)


def _read_name(block: _Block) -> tuple[str, int]:
    """Return the item's name, and where its text begins."""
    start = len(block.text) - len(block.text.lstrip())
    named = _NAME.match(block.text, start)
    if not named:
        raise GiftError("이름이 없어요. 맨 앞에 ::law-001:: 처럼 이름을 적어 주세요.", start)
    name = gift_answers.show(named[1]).strip()
    if not _PLAIN_NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise GiftError("이름은 글자, 숫자, 줄표로 60자 안에서 지어 주세요. 예: law-001", start)
    start = named.end()
    start += len(block.text[start:]) - len(block.text[start:].lstrip())
    form = _FORMAT.match(block.text, start)
    if form and form[1] == "html":
        raise GiftError("[html] 글은 받지 않아요. [markdown]으로 바꿔 적어 주세요.", start)
    return name, form.end() if form else start


def _braces(text: str, start: int) -> tuple[int, int]:
    """Return where the answers open and close, -1 both where there are none."""
    opened, closed = text.find("{", start), text.find("}", start)
    if opened < 0 and closed < 0:
        return -1, -1
    if opened < 0 or (0 <= closed < opened):
        raise GiftError("여는 괄호 { 없이 } 가 나와요. 글 속의 괄호는 \\} 로 적어 주세요.", closed)
    if closed < 0:
        raise GiftError("{ 를 닫는 } 가 없어요. 빈 줄이 끼어 있지 않은지도 봐 주세요.", opened)
    if text.find("{", opened + 1) >= 0 or text.find("}", closed + 1) >= 0:
        again = max(text.find("{", opened + 1), text.find("}", closed + 1))
        raise GiftError("답 괄호 { } 는 문항마다 하나예요. 글 속의 괄호는 \\{ \\} 로 적어 주세요.", again)
    return opened, closed


def _stem(before: str, after: str) -> str:
    """Return the question; where text follows the answers, they fill a gap in it."""
    head, tail = gift_answers.show(before).rstrip(), gift_answers.show(after).strip()
    return f"{head} ＿＿＿＿ {tail}".strip() if tail else head.strip()


def _tag(block: _Block, name: str) -> str:
    return block.tags.get(name, (0, ""))[1]


def _read_place(block: _Block, reading: _Reading) -> tuple[str, str]:
    """Return the subject and the level, noting what is wrong with them."""
    line, subject = block.tags.get("subject", (block.line, ""))
    if not subject:
        reading.wrong(line, "과목이 없어요. 문항 바로 위에 // subject: 과목 을 적어 주세요.")
    elif reading.subjects is not None and subject not in reading.subjects:
        known = ", ".join(reading.subjects)
        reading.wrong(line, f"‘{subject}’ 과목은 이 시험에 없어요. {known} 가운데 골라 주세요.")
    line, level = block.tags.get("level", (block.line, ""))
    if level not in LEVELS:
        reading.wrong(line, "수준은 easy, standard, hard 가운데 하나예요. // level: easy 처럼 적어 주세요.")
    return subject, level


def _read_step(block: _Block, reading: _Reading) -> str:
    line, step = block.tags.get("step", (block.line, ""))
    if step and reading.knows_step is not None and not reading.knows_step(step):
        reading.wrong(
            line,
            f"‘{step}’ 단계를 찾지 못했어요. 과정/수업 이름을 다시 봐 주세요. 예: designer-2/settlement-tax",
        )
    return step


def _read_case(block: _Block, reading: _Reading) -> dict[str, Any]:
    line, title = block.tags.get("case", (0, ""))
    if not title:
        return {}
    if title not in reading.cases:
        reading.wrong(line, f"‘{title}’ 사례를 찾지 못했어요. 이 문항보다 위에 ::{title}:: 로 적어 주세요.")
        return {}
    return {"case": {"title": title, "text": reading.cases[title]}}


def _read_vary(block: _Block, kind: str, content: dict[str, Any], reading: _Reading) -> dict[str, Any]:
    line, written = block.tags.get("vary", (block.line, ""))
    try:
        return generated.read(written, kind, content)
    except GiftError as error:
        reading.wrong(line, error.sentence)
        return {}
