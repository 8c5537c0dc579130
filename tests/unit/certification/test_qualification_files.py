"""Qualifications as files: what is refused before it is published (Q27 Q29), and the words they give."""

import shutil
from pathlib import Path

import pytest

from portal.certification import qualifications
from portal.certification.kinds.known import KINDS
from portal.certification.qualifications import Qualification, Version
from portal.core.settings import ROOT
from portal.courses.problems import ContentError

NUMBER, PHONE = 'registration_number = ""', 'manager_phone = "02-000-0000"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "content" / "qualifications", tmp_path / "content" / "qualifications")
    return tmp_path / "content"


def edit(folder: Path, old: str, new: str, *, name: str = "designer-2") -> None:
    path = folder / "qualifications" / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def register(folder: Path, number: str = "2027-001234", phone: str = "02-123-4567") -> None:
    edit(folder, NUMBER, f'registration_number = "{number}"')
    edit(folder, PHONE, f'manager_phone = "{phone}"')


def load(folder: Path) -> Qualification:
    return qualifications.load(folder, is_demo=False).get("designer-2")


def refused(folder: Path) -> str:
    with pytest.raises(ContentError) as error:
        load(folder)
    return str(error.value)


def test_q27_a_registered_qualification_ends_with_a_real_exam_and_certificate(folder: Path) -> None:
    register(folder)

    found = load(folder)

    assert (found.certificate_word, found.exam_word, found.goal_word) == ("자격증", "검정", "자격")


def test_q27_without_a_number_there_are_mock_exams_and_no_qualification(folder: Path) -> None:
    found = load(folder)

    assert (found.certificate_word, found.exam_word, found.goal_word) == ("수료증", "모의 검정", "수료증")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('manager = "장터배움"', 'manager = ""', 'manager = ""'),
        ('manager_phone = "02-123-4567"', 'manager_phone = " "', 'manager_phone = " "'),
        ('refund = "지금은', 'refund = ""\n# "', 'refund = ""'),
        ('name = "응시료"\nwon = 0', 'name = "응시료"', 'name = "응시료"'),
    ],
)
def test_q27_a_registered_one_is_refused_while_an_item_of_the_law_is_empty(
    folder: Path, old: str, new: str, line: str
) -> None:
    register(folder)
    edit(folder, old, new)
    text = (folder / "qualifications" / "designer-2.toml").read_text(encoding="utf-8")
    number = text[: text.index(line)].count("\n") + 1

    told = refused(folder)

    assert "qualifications/designer-2.toml:" in told
    assert abs(int(told.split(":")[1]) - number) <= 1


def test_q27_costs_may_not_be_left_out(folder: Path) -> None:
    register(folder)
    text = (folder / "qualifications" / "designer-2.toml").read_text(encoding="utf-8")
    begin, end = text.index("[[costs]]"), text.index("[[versions]]")
    (folder / "qualifications" / "designer-2.toml").write_text(text[:begin] + text[end:], encoding="utf-8")

    assert "'costs' must be an array of tables" in refused(folder)


@pytest.mark.parametrize("number", ["0000-000000", "2027-1234", "등록 준비 중"])
def test_q27_a_number_that_is_none_is_refused(folder: Path, number: str) -> None:
    register(folder, number)

    told = refused(folder)

    assert "looks like 2021-001234" in told or "is the demo's" in told


def test_q27_a_registered_one_may_not_keep_the_made_up_telephone_number(folder: Path) -> None:
    register(folder, phone="02-000-0000")

    assert "real telephone number" in refused(folder)


def test_q29_requirements_are_a_closed_list_of_checked_conditions(folder: Path) -> None:
    assert set(KINDS) == {"course", "practice", "mentoring_log", "written_exam", "practical_exam"}
    edit(folder, 'kind = "course"', 'kind = "python"')

    told = refused(folder)

    assert "must be one of course, practice, mentoring_log, written_exam, practical_exam" in told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("passed_percent = 100", "passed_percent = 120", "from 1 to 100"),
        ("entries = 3", 'entries = 3\nrule = "True"', "rule' is not known here"),
        ("minutes = 180", "", "minutes"),
        ('key = "practice"', 'key = "course"', "a key of its own"),
        ('kind = "written"', 'kind = "practical"', "the written exam is asked for"),
        ("number = 1", "number = 2", "versions are numbered"),
    ],
)
def test_q29_what_a_condition_cannot_mean_is_told(folder: Path, old: str, new: str, told: str) -> None:
    edit(folder, old, new)

    assert told in refused(folder)


def test_q29_a_course_nobody_teaches_is_told(folder: Path) -> None:
    with pytest.raises(ContentError, match="there is no course 'designer-2'"):
        qualifications.load(folder, is_demo=False, course_ids=frozenset({"first-sale", "designer-1"}))


def test_q01_rules_written_down_and_read_back_are_the_same() -> None:
    for qualification in qualifications.load(ROOT / "content", is_demo=True).all:
        for version in qualification.versions:
            again = Version.of(version.rules)
            assert again.digest == version.digest
            assert [each.key for each in again.requirements] == [each.key for each in version.requirements]
