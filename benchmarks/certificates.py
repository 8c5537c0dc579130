"""Certificates a minute: our press against one careless WeasyPrint call each, in turns.

    .venv/bin/python benchmarks/certificates.py [how many, 40]

Careless is what a first version looks like: the same sheet as one string of HTML with its style inside, the
typeface named by its file, everything read anew for each document, nothing signed. Ours is measured drawing
alone, drawing with a press for each, and whole, as the worker issues them: drawn, the credential signed and
put inside, sealed, badges drawn, stored. The sides take turns of ten at the same names, and the figures are
medians of processor time, so that a busy machine changes all alike; they differ between machines, the ratio
hardly. Goal: drawing, and the whole too, take at most 0.7 of the careless time.
"""

import gc
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jinja2 import Template
from weasyprint import HTML

from portal.certification import jobs, keys
from portal.certification.models import CertificateKind
from portal.certification.pdf import FOLDER, INK, MARK, VARIANT, Press, make_sheet
from portal.certification.queries import Facts
from portal.core import fonts
from portal.core.qr import draw_qr
from portal.core.settings import Settings
from portal.core.storage import Storage

GOAL = 0.7
TURN = 10
CORES = 2
PUBLIC_URL = "https://jangteo.example"
FACTS = Facts(
    id=1,
    kind=CertificateKind.COMPLETION,
    number="2026-C-00001",
    code="847362910384756102938475",
    holder_name="김순자",
    holder_hanja="",
    holder_latin="",
    title="온라인 판매 첫걸음",
    course_id="first-sale",
    qualification_id=None,
    registration_number="",
    completed_on=date(2026, 11, 20),
    valid_until=None,
    issued_at=datetime(2026, 11, 23, 1, tzinfo=UTC),
    issuer_name="장터배움",
    approver_name="한지우",
    printed={},
    template_id=None,
    status_index=1,
    credential_uuid="urn:uuid:00000000-0000-4000-8000-000000000000",
    holder_email=None,
    layout=None,
    slots=None,
)


def make_facts(count: int) -> list[Facts]:
    """Return what ``count`` certificates say, with different names, as a class would have."""
    surnames, given = "김이박최정강조윤장임", ("순자", "은영", "정호", "수민", "지우", "하늘", "만석")
    return [
        replace(
            FACTS,
            id=at + 1,
            number=f"2026-C-{at + 1:05d}",
            code=f"{at:024d}",
            holder_name=surnames[at % 10] + given[at % 7],
            status_index=at,
            credential_uuid=f"urn:uuid:00000000-0000-4000-8000-{at:012d}",
        )
        for at in range(count)
    ]


def issue_whole(facts: Facts, press: Press, settings: Settings) -> bytes:
    """Do everything the worker does beside its rows."""
    made = jobs.make(facts, press, keys.current(settings), settings)
    jobs.store(made, Storage(settings.storage_dir))
    return made.pdf


def draw_carefully(facts: Facts, press: Press) -> bytes:
    """Draw with a press that others were drawn with."""
    return press.draw(make_sheet(facts, public_url=PUBLIC_URL, is_demo=False))


def draw_alone(facts: Facts) -> bytes:
    """Draw with a press of its own, as a job for one certificate does."""
    with Press() as press:
        return draw_carefully(facts, press)


def draw_carelessly(facts: Facts, page: Template, beside: Path) -> bytes:
    """Draw with one call that reads everything anew."""
    sheet = make_sheet(facts, public_url=PUBLIC_URL, is_demo=False)
    style = (FOLDER / "completion-1" / "sheet.css").read_text(encoding="utf-8")
    style = style.replace("url(portal:font)", f"url({fonts.serif().as_uri()})")
    style = style.replace(MARK, (FOLDER / "mark.svg").as_uri())
    qr = beside / "qr.svg"
    qr.write_bytes(draw_qr(sheet.verify_url, ink=INK))
    html = page.render(sheet=sheet.plain, qr=qr.as_uri())
    html = html.replace("</head>", f"<style>{style}</style></head>")
    return HTML(string=html).write_pdf(pdf_variant=VARIANT) or b""


def measure(ways: Mapping[str, Callable[[Facts], bytes]], all_facts: Sequence[Facts]) -> dict[str, float]:
    """Print and return the median of the processor seconds a document takes each way."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    kilobytes = {name: len(make(all_facts[0])) // 1024 for name, make in ways.items()}
    for first in range(0, len(all_facts), TURN):
        turn = all_facts[first : first + TURN]
        for name, make in ways.items():
            gc.collect()  # each clears away its own
            began = time.process_time()
            for facts in turn:
                make(facts)
            seconds[name].append((time.process_time() - began) / len(turn))
    each = {name: statistics.median(taken) for name, taken in seconds.items()}
    for name, median in each.items():
        a_minute = 60 * CORES / median
        print(
            f"{name:32} {median * 1000:7.1f} ms CPU  {a_minute:6.0f} a minute on {CORES} cores"
            f"  {kilobytes[name]:4} KB each"
        )
    return each


def main() -> int:
    """Print all sides and their ratios; 1 when a goal is missed."""
    all_facts = make_facts(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
    with tempfile.TemporaryDirectory() as folder, Press() as press:
        place = Path(folder)
        settings = Settings(
            secret_key="b" * 40,
            database_url="sqlite://",
            redis_url="unix:///nowhere",
            data_dir=place,
            storage_dir=place / "storage",
            public_url=PUBLIC_URL,
            is_demo=True,
        )
        page = press.of("completion-1").page
        ways: dict[str, Callable[[Facts], bytes]] = {
            "drawn, one press for all": lambda facts: draw_carefully(facts, press),
            "drawn, a press for each": draw_alone,
            "whole: drawn, signed, stored": lambda facts: issue_whole(facts, press, settings),
            "careless, one call each": lambda facts: draw_carelessly(facts, page, place),
        }
        careful, alone, whole, careless = measure(ways, all_facts).values()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"ratio to careless (goal {GOAL}): {careful / careless:.2f} drawn, {whole / careless:.2f} whole;"
        f" {alone / careless:.2f} drawn with a press for each"
    )
    print(f"10,000 whole in {10_000 * whole / CORES / 60:.1f} minutes; peak {memory} MB, all sides together")
    return 0 if max(careful, whole) / careless <= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
