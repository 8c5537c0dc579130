"""Every published lesson and checklist in every size: seconds, bytes, pages, and whether anything is cut.

    .venv/bin/python benchmarks/handouts.py [point size, all]

A paper is drawn as the worker draws it, one press each. Ends with 1 if a word is lost or crosses a margin.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from portal.core.settings import Settings
from portal.courses import catalogue, handouts
from portal.courses.catalogue import Course
from portal.courses.handout_pdf import Press
from portal.courses.models import HandoutKind
from portal.factory import create_app
from tests.paper import Layout


def list_orders(courses: tuple[Course, ...]) -> list[tuple[HandoutKind, Course, str]]:
    """Return a checklist for each course, and each of its lessons for a person and for a class."""
    kinds = (HandoutKind.LESSON, HandoutKind.CLASS_PACK)
    return [(HandoutKind.CHECKLIST, course, "") for course in courses] + [
        (kind, course, lesson.id) for course in courses for lesson in course.lessons for kind in kinds
    ]


def measure(kind: HandoutKind, course: Course, lesson_id: str, size_pt: int) -> tuple[float, list[str]]:
    """Draw one paper; print its figures and return its seconds and what is wrong with it."""
    began = time.process_time()
    paper = handouts.write(kind, course, lesson_id, size_pt)
    with Press() as press:
        drawn = press.draw(paper)
        seconds = time.process_time() - began
        layout = Layout(press, paper)
    wrong = [*layout.list_lost(), *layout.list_cut()]
    print(
        f"{kind:11} {course.id}/{lesson_id:24} {size_pt} pt {seconds:6.2f} s CPU {len(drawn) // 1024:5} KB"
        f" {len(layout.pages):3} pages  {'; '.join(wrong) or 'nothing cut'}",
        flush=True,
    )
    return seconds, wrong


def main() -> int:
    """Draw everything; 1 if anything is cut."""
    sizes = [int(sys.argv[1])] if len(sys.argv) > 1 else list(handouts.SIZES_PT)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            Settings(
                secret_key="b" * 40,
                database_url="sqlite://",
                redis_url="unix:///nowhere",
                data_dir=Path(folder),
                storage_dir=Path(folder),
                public_url="https://jangteo.example",
            )
        )
    with app.app_context():
        orders = list_orders(catalogue.current().courses)
        measured = [measure(*order, size) for order in orders for size in sizes]
    seconds = [each for each, _ in measured]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    faults = sum(len(wrong) for _, wrong in measured)
    print(
        f"{len(measured)} papers, {sum(seconds) / len(seconds):.2f} s each, slowest {max(seconds):.2f} s,"
        f" peak {memory} MB, {faults} words or pictures cut"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
