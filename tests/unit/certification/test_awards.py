"""The last day of a certificate, and the rules of qualifications as they are written down."""

from datetime import date, datetime
from pathlib import Path

import pytest

from portal.certification import awards, qualifications, reminders
from portal.certification.exam_models import ExamKind
from portal.certification.qualifications import Version
from portal.core.clock import KST
from portal.core.settings import ROOT
from portal.courses.problems import ContentError


@pytest.mark.parametrize(
    ("first", "years", "last"),
    [
        (date(2026, 11, 21), 3, date(2029, 11, 20)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
        (date(2028, 2, 29), 3, date(2031, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 28)),
        (date(2026, 11, 21), 0, None),
    ],
)
def test_a_certificate_holds_until_the_evening_before_its_day_comes_round(
    first: date, years: int, last: date | None
) -> None:
    assert awards.last_day(first, years) == last


def test_q19_the_next_word_is_sixty_thirty_or_seven_days_before_or_the_morning_after() -> None:
    end = date(2029, 11, 20)

    def at(*day: int) -> datetime | None:
        return reminders.first_at(end, now=datetime(*day, 12, tzinfo=KST))  # type: ignore[misc,arg-type]

    assert at(2026, 11, 21) == datetime(2029, 9, 21, 10, tzinfo=KST)
    assert at(2029, 9, 21) == datetime(2029, 10, 21, 10, tzinfo=KST)
    assert at(2029, 11, 1) == datetime(2029, 11, 13, 10, tzinfo=KST)
    assert at(2029, 11, 14) == datetime(2029, 11, 21, 10, tzinfo=KST)
    assert at(2029, 11, 21) is None
    assert reminders.first_at(None, now=datetime(2026, 1, 1, tzinfo=KST)) is None


@pytest.mark.parametrize("qualification_id", ["designer-1", "designer-2"])
def test_q01_rules_written_down_are_read_back_the_same(qualification_id: str) -> None:
    version = qualifications.load(ROOT / "content", is_demo=False).get(qualification_id).versions[0]

    again = Version.of(version.rules)

    assert again == version
    assert again.digest == version.digest
    written = again.blueprint(ExamKind.WRITTEN)
    assert [sum(subject.items.values()) for subject in written.subjects] == [20] * 5
    assert (written.pass_average, written.pass_subject) == (60, 40)


def test_q27_without_a_number_there_are_mock_exams_and_no_certificates_of_qualification() -> None:
    plain = qualifications.load(ROOT / "content", is_demo=False)
    shown = qualifications.load(ROOT / "content", is_demo=True)

    assert [each.exam_word for each in plain.all] == ["모의 검정"] * 2
    assert [each.certificate_word for each in plain.all] == ["수료증"] * 2
    assert {each.id: each.registration_number for each in shown.all} == {
        "designer-1": "",
        "designer-2": qualifications.DEMO_REGISTRATION,
    }


def test_q27_the_made_up_number_of_the_demo_is_refused_in_a_file(tmp_path: Path) -> None:
    text = (ROOT / "content" / "qualifications" / "designer-2.toml").read_text(encoding="utf-8")
    (tmp_path / "qualifications").mkdir()
    (tmp_path / "qualifications" / "designer-2.toml").write_text(
        text.replace('registration_number = ""', 'registration_number = "0000-000000"'), encoding="utf-8"
    )

    with pytest.raises(ContentError, match="0000-000000"):
        qualifications.load(tmp_path, is_demo=False)
