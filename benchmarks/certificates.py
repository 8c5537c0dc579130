"""Certificates a minute: our press against one careless WeasyPrint call each, in one run.

    .venv/bin/python benchmarks/certificates.py [how many, 40]

Careless is what a first version looks like: the same sheet as one string of HTML with its style inside, the
typeface named by its file, everything read anew for each document. Both sides draw the same names. The
figures are processor time, so that a busy machine changes both alike; they differ between machines, the ratio
hardly. Goal: at most 0.7 of the careless time.
"""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from weasyprint import HTML

from portal.certification.pdf import FOLDER, INK, MARK, VARIANT, Press, Sheet
from portal.core import fonts
from portal.core.qr import draw_qr

SHEET = Sheet(
    number="2026-C-00001",
    code="8473629103847561029384",
    holder_name="김순자",
    course_title="온라인 판매 첫걸음",
    completed_on="2026년 11월 20일",
    issued_on="2026년 11월 23일",
    issued_at="2026-11-23T10:00:00+09:00",
    issuer_name="장터배움",
    verify_url="https://jangteo.example/v/847362910384756102938400",
    is_demo=False,
)


def make_sheets(count: int) -> list[Sheet]:
    """Return ``count`` sheets with different names, as a class would have."""
    surnames, given = "김이박최정강조윤장임", ("순자", "은영", "정호", "수민", "지우", "하늘", "만석")
    return [
        replace(
            SHEET,
            number=f"2026-C-{at:05d}",
            holder_name=surnames[at % 10] + given[at % 7],
            verify_url=f"https://jangteo.example/v/{at:024d}",
        )
        for at in range(count)
    ]


def draw_carefully(sheets: list[Sheet]) -> int:
    """Draw all with one press; return the bytes made."""
    with Press() as press:
        return sum(len(press.draw(sheet)) for sheet in sheets)


def draw_one_job_each(sheets: list[Sheet]) -> int:
    """Draw as the worker does now: a press for each document."""
    return sum(draw_carefully([sheet]) for sheet in sheets)


def draw_carelessly(sheets: list[Sheet]) -> int:
    """Draw each with a call of its own, reading everything anew."""
    with Press() as press:
        page = press.page
    made = 0
    for sheet in sheets:
        style = (FOLDER / "certificate.css").read_text(encoding="utf-8")
        style = style.replace("url(portal:font)", f"url({fonts.serif().as_uri()})")
        style = style.replace(MARK, (FOLDER / "mark.svg").as_uri())
        qr = Path("/tmp/benchmark-qr.svg")  # noqa: S108 - a benchmark run by hand
        qr.write_bytes(draw_qr(sheet.verify_url, ink=INK))
        html = page.render(sheet=sheet, qr=qr.as_uri()).replace("</head>", f"<style>{style}</style></head>")
        made += len(HTML(string=html).write_pdf(pdf_variant=VARIANT) or b"")
    return made


def measure(name: str, draw: Callable[[list[Sheet]], int], sheets: list[Sheet]) -> float:
    """Print and return the processor seconds each document took."""
    draw(sheets[:2])
    began, clock_began = time.process_time(), time.perf_counter()
    made = draw(sheets)
    each = (time.process_time() - began) / len(sheets)
    wall = (time.perf_counter() - clock_began) / len(sheets)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{name:32} {each * 1000:7.1f} ms CPU  {wall * 1000:7.1f} ms wall  {60 / each:6.0f} a minute and core"
        f"  {made // len(sheets) // 1024} KB each  peak {memory} MB"
    )
    return each


def main() -> int:
    """Print both sides and their ratio; 1 when the goal is missed."""
    sheets = make_sheets(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
    careful = measure("one press for all", draw_carefully, sheets)
    job = measure("one press for each (a job)", draw_one_job_each, sheets)
    careless = measure("careless, one call each", draw_carelessly, sheets)
    print(f"ratio: {careful / careless:.2f} (one press for all), {job / careless:.2f} (a job); goal 0.7")
    return 0 if careful / careless <= 0.7 else 1


if __name__ == "__main__":
    raise SystemExit(main())
