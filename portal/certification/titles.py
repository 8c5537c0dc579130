"""What an exam session is called, wherever it is named."""

from portal.certification import qualifications
from portal.certification.exam_models import Exam, ExamKind
from portal.core.errors import NotFoundError

KIND_WORDS = {ExamKind.WRITTEN: "필기", ExamKind.PRACTICAL: "실기"}


def of_exam(exam: Exam) -> str:
    """Return ``디지털 유통설계사 2급 실기 3회``, with ``모의 검정`` where it was a mock one."""
    try:
        title = qualifications.current().get(exam.qualification_id).title
    except NotFoundError:
        title = exam.qualification_id
    mock = " 모의 검정" if exam.is_mock else ""
    return f"{title}{mock} {KIND_WORDS[exam.kind]} {exam.session_no}회"
