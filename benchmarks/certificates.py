"""Certificates a minute: our press against one careless WeasyPrint call each, in one run.

    .venv/bin/python benchmarks/certificates.py [how many, 40]

Careless is what a first version looks like: the same sheet as one string of HTML with its style inside, the
typeface named by its file, everything read anew for each document. Ours is measured twice: drawing alone, and
whole, as the worker issues them: drawn, the credential signed and put inside, sealed, badges drawn, stored.
Both sides write the same names. The figures are processor time, so that a busy machine changes both alike;
they differ between machines, the ratio hardly. Goal: drawing takes at most 0.7 of the careless time.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

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


def draw_carefully(all_facts: Sequence[Facts]) -> int:
    """Draw all with one press; return the bytes made."""
    with Press() as press:
        return sum(
            len(press.draw(make_sheet(facts, public_url=PUBLIC_URL, is_demo=False))) for facts in all_facts
        )


def draw_one_job_each(all_facts: Sequence[Facts]) -> int:
    """Draw with a press for each document, as a job for one certificate does."""
    return sum(draw_carefully([facts]) for facts in all_facts)


def issue_whole(all_facts: Sequence[Facts], settings: Settings) -> int:
    """Do everything the worker does beside its rows."""
    place, ring, made_bytes = Storage(settings.storage_dir), keys.current(settings), 0
    with Press() as press:
        for facts in all_facts:
            made = jobs.make(facts, press, ring, settings)
            jobs.store(made, place)
            made_bytes += len(made.pdf)
    return made_bytes


def draw_carelessly(all_facts: Sequence[Facts]) -> int:
    """Draw each with a call of its own, reading everything anew."""
    folder, made = FOLDER / "completion-1", 0
    with Press() as press, tempfile.TemporaryDirectory() as beside:
        page = press.of("completion-1").page
        for facts in all_facts:
            sheet = make_sheet(facts, public_url=PUBLIC_URL, is_demo=False)
            style = (folder / "sheet.css").read_text(encoding="utf-8")
            style = style.replace("url(portal:font)", f"url({fonts.serif().as_uri()})")
            style = style.replace(MARK, (FOLDER / "mark.svg").as_uri())
            qr = Path(beside) / "qr.svg"
            qr.write_bytes(draw_qr(sheet.verify_url, ink=INK))
            html = page.render(sheet=sheet.plain, qr=qr.as_uri())
            html = html.replace("</head>", f"<style>{style}</style></head>")
            made += len(HTML(string=html).write_pdf(pdf_variant=VARIANT) or b"")
    return made


def measure(name: str, draw: Callable[[Sequence[Facts]], int], all_facts: Sequence[Facts]) -> float:
    """Print and return the processor seconds each document took."""
    draw(all_facts[:2])
    began, clock_began = time.process_time(), time.perf_counter()
    made = draw(all_facts)
    each = (time.process_time() - began) / len(all_facts)
    wall = (time.perf_counter() - clock_began) / len(all_facts)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{name:32} {each * 1000:7.1f} ms CPU  {wall * 1000:7.1f} ms wall"
        f"  {60 * CORES / each:6.0f} a minute on {CORES} cores"
        f"  {made // len(all_facts) // 1024:4} KB each  peak {memory} MB"
    )
    return each


def main() -> int:
    """Print all sides and their ratios; 1 when the goal is missed."""
    all_facts = make_facts(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
    with tempfile.TemporaryDirectory() as folder:
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
        careful = measure("drawn, one press for all", draw_carefully, all_facts)
        job = measure("drawn, a press for each", draw_one_job_each, all_facts)
        whole = measure("whole: drawn, signed, stored", lambda each: issue_whole(each, settings), all_facts)
    careless = measure("careless, one call each", draw_carelessly, all_facts)
    print(
        f"ratio to careless: {careful / careless:.2f} drawn (goal {GOAL}), {job / careless:.2f} a press for"
        f" each, {whole / careless:.2f} whole; 10,000 whole in {10_000 * whole / CORES / 60:.1f} minutes"
    )
    return 0 if careful / careless <= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
