"""K30: each night some of what was issued is drawn again from what is stored: it must be the same bytes."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import chain, jobs, pdf, queries, redraw_jobs, redrawing
from portal.certification.models import Certificate, CertificateEvent, EventKind
from portal.certification.pdf import Press
from portal.core import clock, queue
from portal.core.clock import KST
from portal.core.errors import ConflictError, NotFoundError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser, apart
from tests.factories import make_certificate, make_user

SignIn = Callable[[User], Browser]


@pytest.fixture
def issued(session: Session, isolated: Flask) -> list[Certificate]:
    """Give four certificates whose documents were stored yesterday."""
    made = [make_certificate(session, learner=make_user(session, name=f"김{each}")) for each in "가나다라"]
    with apart(isolated):
        jobs.render(made[0].id)
    yesterday = redrawing.night_of(clock.now()) - timedelta(hours=1)
    session.execute(update(Certificate).values(rendered_at=yesterday))
    session.commit()
    return made


def edited_folder(tmp_path: Path) -> Path:
    """Return the sheets as somebody left them who changed one word."""
    folder = tmp_path / "document"
    shutil.copytree(pdf.FOLDER, folder)
    sheet = folder / "completion-1" / "sheet.jinja"
    sheet.write_text(sheet.read_text("utf-8").replace("수료번호", "수료 번호"), "utf-8")
    return folder


def redraw_with(isolated: Flask, certificate: Certificate, folder: Path) -> bool:
    with apart(isolated), Press(folder) as press:
        return redraw_jobs.redraw_one(certificate.id, press)


def count_drifts(session: Session) -> Any:
    drifted = select(func.count(CertificateEvent.id)).where(CertificateEvent.kind == EventKind.DRIFTED)
    return session.scalar(drifted)


def test_at_least_three_are_due_each_night_and_then_the_night_is_done(
    session: Session, isolated: Flask, issued: list[Certificate]
) -> None:
    now = clock.now()
    due = redrawing.list_due_ids(session, now)
    with apart(isolated):
        redraw_jobs.redraw(due[0])
    again = redrawing.list_due_ids(session, now)
    tomorrow = redrawing.list_due_ids(session, now + timedelta(days=1))

    assert list(due) == [each.id for each in issued[:3]]
    assert again == []
    assert tomorrow[0] == issued[3].id  # the longest unseen first
    assert count_drifts(session) == 0
    session.refresh(issued[0])
    assert issued[0].redrawn_at is not None


def test_it_is_a_hundredth_where_there_are_many(session: Session) -> None:
    wanted = [max(redrawing.LEAST, -(-count // 100)) for count in (1, 300, 301, 10_000)]

    assert wanted == [3, 3, 4, 100]
    assert redrawing.SHARE == 0.01


def test_what_was_drawn_today_waits_for_the_night(session: Session, isolated: Flask) -> None:
    certificate = make_certificate(session)
    with apart(isolated):
        jobs.render(certificate.id)

    assert redrawing.list_due_ids(session, clock.now()) == []
    assert list(redrawing.list_due_ids(session, clock.now() + timedelta(days=1))) == [certificate.id]


def test_the_night_begins_at_three_in_korea() -> None:
    before = NOW.astimezone(KST).replace(hour=2, minute=59)
    after = NOW.astimezone(KST).replace(hour=3, minute=0)

    assert redrawing.night_of(after) - redrawing.night_of(before) == timedelta(days=1)


def test_a_changed_sheet_is_noticed_and_operators_are_told_once(
    session: Session, isolated: Flask, issued: list[Certificate], sign_in: SignIn, tmp_path: Path
) -> None:
    operators = [make_user(session, Role.OPERATOR, name=name) for name in ("정하늘", "윤서연")]
    folder = edited_folder(tmp_path)

    came_out = [redraw_with(isolated, each, folder) for each in issued[:2]]
    page = sign_in(operators[0]).get("/desk/jobs")
    history = sign_in(operators[0]).get(f"/certification/certificates/{issued[0].code}/")

    assert came_out == [True, True]
    assert count_drifts(session) == 2
    told = session.scalars(select(Notice.user_id).where(Notice.cause.like("certificate-drifted:%"))).all()
    assert len(told) == len(set(told))
    assert {each.id for each in operators} <= set(told)
    assert issued[0].number in page.text
    assert "다시 그려 보니 달라진 증서" in page.text
    assert "다시 그려 보니 달랐어요" in history.text
    assert list(chain.list_breaks(session)) == []


def test_put_right_the_alarm_goes_with_the_next_night(
    session: Session, isolated: Flask, issued: list[Certificate], tmp_path: Path
) -> None:
    redraw_with(isolated, issued[0], edited_folder(tmp_path))
    assert [each.code for each in redrawing.list_drifted(session)] == [issued[0].code]
    session.execute(update(Certificate).values(redrawn_at=clock.now() - timedelta(days=1)))

    assert not redraw_with(isolated, issued[0], pdf.FOLDER)

    assert redrawing.list_drifted(session) == []
    assert count_drifts(session) == 1


def test_two_workers_at_the_same_one_note_it_once(
    session: Session, isolated: Flask, issued: list[Certificate], tmp_path: Path
) -> None:
    make_user(session, Role.OPERATOR)
    folder = edited_folder(tmp_path)

    assert [redraw_with(isolated, issued[0], folder) for _ in range(2)] == [True, False]
    assert count_drifts(session) == 1


def test_a_sheet_that_is_gone_is_a_drift_too(
    session: Session, isolated: Flask, issued: list[Certificate], tmp_path: Path
) -> None:
    folder = edited_folder(tmp_path)
    (folder / "completion-1" / "sheet.jinja").unlink()

    assert redraw_with(isolated, issued[0], folder)


def test_another_public_address_is_no_drift(
    session: Session, isolated: Flask, issued: list[Certificate]
) -> None:
    """What the QR code says was fixed with the approval."""
    facts = queries.get_facts(session, issued[0].id)

    moved = pdf.make_sheet(facts, public_url="https://elsewhere.example", is_demo=False)

    assert moved.verify_url.startswith("http://localhost/v/")


def test_the_sweep_asks_for_a_night_once(
    session: Session, isolated: Flask, issued: list[Certificate]
) -> None:
    with apart(isolated):
        queue.redis().delete(queue.rq_queue().key)
        queue.sweep(now=clock.now())
        asked = [job.args[0] for job in queue.rq_queue().jobs]

    assert asked.count(redrawing.REDRAW) == 1


def next_night(session: Session) -> None:
    session.execute(update(Certificate).values(redrawn_at=clock.now() - timedelta(days=1)))
    session.commit()


class TestADriftThatWasMeantIsAccepted:
    """Whoever changed the tools on purpose says so once, with a reason; stored documents stay as they are."""

    def test_from_the_list_of_jobs_until_it_is_gone(
        self,
        session: Session,
        isolated: Flask,
        issued: list[Certificate],
        sign_in: SignIn,
        tmp_path: Path,
    ) -> None:
        browser, folder = sign_in(make_user(session, Role.OPERATOR)), edited_folder(tmp_path)
        documents = [(each.document_key, each.pdf_sha256, each.drawn_sha256) for each in issued]
        for each in issued[:2]:
            redraw_with(isolated, each, folder)
        address = f"/desk/designs/drift/{issued[0].code}"

        listed = browser.get("/desk/jobs").text
        page = browser.get(address).text
        empty = browser.send(address, {"reason": ""})
        sent = browser.send(address, {"reason": "글자를 띄어 썼어요."})
        twice = browser.send(address, {"reason": "또 눌렀어요."})

        assert address in listed
        assert "일부러 바꿔서 달라졌나요?" in page
        assert empty.status_code == 422
        assert (sent.status_code, twice.status_code) == (302, 302)
        assert "다시 그려 보니 달라진 증서" not in browser.get("/desk/jobs").text
        assert redrawing.list_drifted(session) == []
        accepted = session.scalars(
            select(CertificateEvent).where(CertificateEvent.kind == EventKind.ACCEPTED)
        ).one()
        assert accepted.note.endswith(": 글자를 띄어 썼어요.")
        assert accepted.by_id is not None
        for each in issued:
            session.refresh(each)
        assert [(each.document_key, each.pdf_sha256, each.drawn_sha256) for each in issued] == documents
        assert list(chain.list_breaks(session)) == []
        assert list(chain.list_altered(session)) == []

    def test_others_come_out_so_without_a_word_and_the_same_is_noted_once(
        self, session: Session, isolated: Flask, issued: list[Certificate], operator: User, tmp_path: Path
    ) -> None:
        folder = edited_folder(tmp_path)
        redraw_with(isolated, issued[0], folder)
        redrawing.accept(session, issued[0].code, operator, reason="일부러", now=clock.now())
        notices = session.scalar(select(func.count(Notice.id)))

        came_out = [redraw_with(isolated, each, folder) for each in issued]
        next_night(session)
        came_out += [redraw_with(isolated, each, folder) for each in issued]

        assert came_out == [False] * 8
        assert count_drifts(session) == 4
        assert redrawing.list_drifted(session) == []
        assert session.scalar(select(func.count(Notice.id))) == notices

    def test_a_third_way_is_open_again_and_cannot_be_accepted(
        self, session: Session, isolated: Flask, issued: list[Certificate], operator: User, tmp_path: Path
    ) -> None:
        folder = edited_folder(tmp_path)
        redraw_with(isolated, issued[0], folder)
        redrawing.accept(session, issued[0].code, operator, reason="일부러", now=clock.now())
        next_night(session)
        session.execute(update(Certificate).values(holder_name="김다른"))  # what nobody may do
        session.commit()

        assert redraw_with(isolated, issued[0], folder)
        [open_] = redrawing.list_drifted(session)
        assert redrawing.AGAIN in open_.note
        told = select(Notice.user_id).where(Notice.cause.like("certificate-drifted:%again"))
        assert session.scalars(told).all().count(operator.id) == 1
        with pytest.raises(ConflictError, match="고쳐 주세요"):
            redrawing.accept(session, issued[0].code, operator, reason="일부러", now=clock.now())

    def test_what_can_no_longer_be_drawn_at_all_is_never_accepted(
        self, session: Session, isolated: Flask, issued: list[Certificate], operator: User, tmp_path: Path
    ) -> None:
        folder = edited_folder(tmp_path)
        (folder / "completion-1" / "sheet.jinja").unlink()
        redraw_with(isolated, issued[0], folder)

        with pytest.raises(ConflictError, match="고쳐 주세요"):
            redrawing.accept(session, issued[0].code, operator, reason="일부러", now=clock.now())
        with pytest.raises(NotFoundError):
            redrawing.accept(session, issued[1].code, operator, reason="일부러", now=clock.now())
        assert len(redrawing.list_drifted(session)) == 1

    def test_only_operators_accept(
        self, session: Session, issued: list[Certificate], sign_in: SignIn, trainer: User
    ) -> None:
        assert sign_in(trainer).get(f"/desk/designs/drift/{issued[0].code}").status_code == 403
