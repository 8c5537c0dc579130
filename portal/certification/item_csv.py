"""Reading exam items from CSV, as a spreadsheet saves it: each row becomes the GIFT other files hold.

The first row names the columns, in any order and in English or Korean: ``name`` 이름, ``subject`` 과목,
``level`` 수준, ``kind`` 유형, ``question`` 문제, ``right`` 정답, ``wrong`` 오답, ``why`` 해설, ``step`` 단계,
``case`` 사례, ``case_text`` 사례글. Several answers in one field are parted by ``|``. By kind:

* choice 고르기: one in ``right``, the others in ``wrong``;
* multiple 여러 개: several in ``right``;
* true_false 맞아요: ``T`` or ``F`` (맞아요, 아니에요) in ``right``;
* numeric 숫자: ``12500`` or ``12500:1`` in ``right``;
* short 짧은 답: every variant in ``right``;
* matching 짝짓기: ``왼쪽 -> 오른쪽 | …`` in ``right``;
* essay 글: nothing.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from portal.certification import gift
from portal.certification.gift import Parsed, Problem
from portal.certification.gift_answers import escape, plain

COLUMNS = {
    "name": "이름",
    "subject": "과목",
    "level": "수준",
    "kind": "유형",
    "question": "문제",
    "right": "정답",
    "wrong": "오답",
    "why": "해설",
    "step": "단계",
    "case": "사례",
    "case_text": "사례글",
}
KINDS = {
    "고르기": "choice",
    "여러 개": "multiple",
    "맞아요": "true_false",
    "숫자": "numeric",
    "짧은 답": "short",
    "짝짓기": "matching",
    "글": "essay",
}
LEVELS = {"쉬움": "easy", "보통": "standard", "어려움": "hard"}
TRUTHS = {"t": "T", "true": "T", "o": "T", "맞아요": "T", "f": "F", "false": "F", "x": "F", "아니에요": "F"}
MOST_ROWS = gift.MOST_ITEMS


def parse(
    text: str,
    *,
    subjects: tuple[str, ...] | None = None,
    titles: dict[str, str] | None = None,
    knows_step: Callable[[str], bool] | None = None,
) -> Parsed:
    """Read a CSV file as `gift.parse` does. ``titles`` lets a subject be written by its title too."""
    try:
        rows = list(_rows(text.removeprefix("\ufeff")))
    except csv.Error:
        return _refused(1, "CSV로 읽지 못했어요. 엑셀에서 ‘CSV UTF-8’로 다시 저장해 주세요.")
    if len(rows) > MOST_ROWS:
        return _refused(1, f"문항이 너무 많아요. {MOST_ROWS:,}개 안으로 나눠 주세요.")
    keys = {title: key for key, title in (titles or {}).items()}
    header = [_column(each) for each in rows[0][1]] if rows else []
    missing = [
        COLUMNS[each] for each in ("name", "subject", "level", "kind", "question") if each not in header
    ]
    if missing:
        return _refused(1, f"첫 줄에 열 이름이 없어요: {', '.join(missing)}. 첫 줄을 다시 봐 주세요.")
    written, lines, problems = [], [1], []
    told: set[str] = set()
    for line, cells in rows[1:]:
        row = dict.fromkeys(header, "") | dict(zip(header, map(str.strip, cells), strict=False))
        if not any(row.values()):
            continue
        try:
            blocks = _blocks(row, keys, told)
        except ValueError as error:
            problems.append(Problem(line, str(error)))
            continue
        for block in blocks:
            written.append(block)
            lines += [line] * (block.count("\n") + 2)
    return _by_row(
        gift.parse("\n\n".join(written), subjects=subjects, knows_step=knows_step), lines, problems
    )


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Return each row with the line it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, line = [], 1
    for row in reader:
        rows.append((line, row))
        line = reader.line_num + 1
    return rows


def _by_row(parsed: Parsed, lines: list[int], problems: list[Problem]) -> Parsed:
    """Say the rows of the file instead of the lines of the GIFT that was made of it."""

    def row_of(line: int) -> int:
        return lines[min(line, len(lines) - 1)]

    said = [*problems, *(replace(each, line=row_of(each.line)) for each in parsed.problems)]
    items = tuple(replace(each, line=row_of(each.line)) for each in parsed.items)
    return Parsed(items, tuple(sorted(said, key=lambda each: each.line)))


def _refused(line: int, sentence: str) -> Parsed:
    return Parsed((), (Problem(line, sentence),))


def _column(heading: str) -> str:
    plain_heading = heading.strip().lower()
    return next((key for key, title in COLUMNS.items() if plain_heading in {key, title}), plain_heading)


def _blocks(row: dict[str, str], keys: dict[str, str], told: set[str]) -> list[str]:
    """Return the GIFT of a row, behind its case where it is the first to tell it. Raises ValueError."""
    blocks = []
    case = " ".join(row.get("case", "").split())
    if case and row.get("case_text") and case not in told:
        told.add(case)
        blocks.append(f"::{escape(case)}::{escape(row['case_text'])}")
    tags = {
        "subject": keys.get(row["subject"], row["subject"]),
        "level": LEVELS.get(row["level"], row["level"]),
        "step": row.get("step", ""),
        "case": case,
        "why": row.get("why", ""),
    }
    above = [f"// {tag}: {' '.join(said.split())}" for tag, said in tags.items() if said]
    stem = f"::{escape(row['name'])}::{escape(row['question'])} {{{_answers(row)}}}"
    return [*blocks, "\n".join([*above, stem])]


def _answers(row: dict[str, str]) -> str:
    kind = KINDS.get(row["kind"], row["kind"])
    rights, wrongs = _parts(row.get("right", "")), _parts(row.get("wrong", ""))
    if kind == "essay":
        return ""
    if not rights:
        raise ValueError("정답이 비어 있어요. 맞는 답을 적어 주세요.")
    match kind:
        case "choice" | "multiple":
            share = f"%{plain((Decimal(100) / len(rights)).quantize(Decimal('0.00001')))}%"
            right = "=%100%" if kind == "choice" and len(rights) == 1 else f"~{share}"
            return " ".join([*(right + each for each in rights), *(f"~%0%{each}" for each in wrongs)])
        case "true_false":
            return _truth(rights[0])
        case "numeric":
            return "#" + " ".join(f"={each.replace(chr(92), '')}" for each in rights)
        case "short" | "matching":
            return " ".join(f"=%100%{each}" for each in rights)
        case _:
            raise ValueError(f"‘{row['kind']}’ 유형은 없어요. {', '.join(KINDS)} 가운데 적어 주세요.")


def _truth(written: str) -> str:
    if written.lower() not in TRUTHS:
        raise ValueError("정답 칸에 T나 F를 적어 주세요.")
    return TRUTHS[written.lower()]


def _parts(written: str) -> list[str]:
    return [escape(part.strip()) for part in written.split("|") if part.strip()]
