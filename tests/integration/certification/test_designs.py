"""What certificates look like: versions, drafts that are drawn first, and issued ones that keep theirs."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import designs, jobs, redraw_jobs
from portal.certification.life_models import TemplateDraft
from portal.certification.models import Certificate, CertificateKind, CertificateTemplate
from portal.core import clock, db
from portal.core.errors import ConflictError, DomainError
from portal.core.roles import Role
from portal.core.storage import storage
from tests.conftest import NOW, Browser
from tests.factories import make_certificate, make_user

SignIn = Callable[[User], Browser]
SLOTS = {**designs.FIRST[CertificateKind.COMPLETION], "color": "wine"}


def preview(session: Session, app: Flask, draft: TemplateDraft) -> None:
    session.commit()
    with app.app_context():
        redraw_jobs.preview(draft.id)
    session.refresh(draft)


def make_draft(session: Session, by: User, key: str = "a-form-of-a-test-1", **slots: str) -> TemplateDraft:
    return designs.draft(
        session, CertificateKind.COMPLETION, {**SLOTS, **slots}, by, form_key=key, now=clock.now()
    )


def test_q20_from_the_form_to_the_next_version(
    session: Session, sign_in: SignIn, operator: User, run_jobs: Callable[[], None], isolated: Flask
) -> None:
    old = make_certificate(session)
    browser = sign_in(operator)

    sent = browser.send("/desk/designs/completion/new", {**SLOTS, "signer_title": "원장", "signer": "홍길동"})
    early = browser.get(sent.location)
    too_early = browser.send(f"{sent.location}publish")
    run_jobs()
    drawn = browser.get(sent.location)
    sample = browser.get(sent.location.rstrip("/") + ".pdf")
    taken = browser.send(f"{sent.location}publish")
    again = browser.send(f"{sent.location}publish")
    new = make_certificate(session)

    assert sent.status_code == 302
    assert "그리고 있어요" in early.text
    assert too_early.status_code == 409
    assert "이 모양으로 쓰기" in drawn.text
    assert sample.data.startswith(b"%PDF")
    assert (taken.status_code, again.status_code) == (302, 302)
    versions = session.scalars(select(CertificateTemplate).order_by(CertificateTemplate.version)).all()
    assert [(each.version, each.slots["color"]) for each in versions] == [(1, "navy"), (2, "wine")]
    session.refresh(old)
    assert (old.template_id, new.template_id) == (versions[0].id, versions[1].id)
    assert "홍길동" in browser.get("/desk/designs/").text


def test_q20_an_issued_one_keeps_its_version_though_it_is_drawn_after_the_change(
    session: Session, isolated: Flask, operator: User
) -> None:
    before = make_certificate(session, learner=make_user(session, name="김순자"))
    draft = make_draft(session, operator, words="이 사람은\n「{과정}」 과정을 모두 마쳤습니다.")
    preview(session, isolated, draft)
    designs.publish(session, draft.id, operator, now=clock.now())
    after = make_certificate(session, learner=make_user(session, name="김순자"))
    session.commit()

    with isolated.app_context():
        jobs.render(before.id)
        jobs.render(after.id)
    session.refresh(before)
    session.refresh(after)

    assert "이증서를드립니다" in text_of(before)
    assert "모두마쳤습니다" in text_of(after)


def stored(key: str | None) -> BytesIO:
    return BytesIO(storage().get(key or ""))


def text_of(certificate: Certificate) -> str:
    """Return what the stored document says to those who copy its text, without spaces."""
    said: list[str] = []
    letters: dict[int, str] = {}
    with pikepdf.open(stored(certificate.document_key)) as pdf:
        fonts: Any = pdf.pages[0].Resources.Font
        instructions: Any = pikepdf.parse_content_stream(pdf.pages[0])
        for operands, operator in instructions:
            if str(operator) == "Tf":
                letters = read_letters(fonts[str(operands[0])].ToUnicode.read_bytes())
            elif str(operator) in {"Tj", "TJ"}:
                parts = list(operands[0]) if str(operator) == "TJ" else [operands[0]]
                for raw in (bytes(part) for part in parts if isinstance(part, pikepdf.String)):
                    said += [letters[int.from_bytes(raw[at : at + 2])] for at in range(0, len(raw), 2)]
    return "".join(said).replace(" ", "")


def read_letters(cmap: bytes) -> dict[int, str]:
    """Return the letter of each glyph."""
    return {
        int(glyph, 16): bytes.fromhex(code.decode()).decode("utf-16-be")
        for glyph, code in re.findall(rb"<([0-9A-Fa-f]{4})>\s+<([0-9A-Fa-f]+)>", cmap)
    }


@pytest.mark.parametrize(
    ("slots", "field", "said"),
    [
        ({"words": "{과정} 과정을 {학교}에서 마쳤어요."}, "words", "{학교}"),
        ({"words": "이 증서를 드립니다."}, "words", "{과정}"),
        ({"words": "{과정 과정을 마쳤어요. {과정}"}, "words", "짝을 맞춰"),
        ({"words": "{과정}\n1\n2\n3"}, "words", "세 줄|3줄"),
        ({"words": "{과정}" + "가" * 40}, "words", "40자"),
        ({"color": "url(x)"}, "color", "색"),
        ({"signer": "홍길동"}, "signer", "직함"),
        ({"second_title": "원장", "second": "홍길동"}, "signer", "첫 칸"),
    ],
)
def test_q20_what_cannot_be_filled_in_is_refused_at_once(
    session: Session, operator: User, slots: dict[str, str], field: str, said: str
) -> None:
    """B9: a wording that lost what it must say is not saved; a name nobody knows is named."""
    with pytest.raises(DomainError, match=said) as refusal:
        make_draft(session, operator, **slots)

    assert refusal.value.field == field
    assert session.scalar(select(func.count(TemplateDraft.id))) == 0


def test_q20_a_draft_with_a_letter_nobody_can_print_is_no_version(
    session: Session, isolated: Flask, sign_in: SignIn, operator: User
) -> None:
    draft = make_draft(session, operator, seal="Łuk")

    preview(session, isolated, draft)
    page = sign_in(operator).get(f"/desk/designs/drafts/{draft.id}/")

    assert draft.preview_key is None
    assert draft.due_at is None
    assert "‘Ł’" in page.text
    with pytest.raises(ConflictError):
        designs.publish(session, draft.id, operator, now=clock.now())


def test_q20_a_wording_that_runs_into_the_date_is_no_version(
    session: Session, isolated: Flask, operator: User
) -> None:
    long = "「{과정}」 " + "가나다라마바사아자차카타파하 " * 2
    draft = make_draft(session, operator, words="\n".join([long] * 3))

    preview(session, isolated, draft)

    assert draft.preview_key is None
    assert "짧게" in (draft.last_error or "")


def test_q20_the_sample_has_the_longest_real_name_and_says_that_it_is_one(
    session: Session, isolated: Flask, operator: User
) -> None:
    draft = make_draft(session, operator)

    preview(session, isolated, draft)

    with pikepdf.open(stored(draft.preview_key)) as pdf:
        assert len(pdf.pages) == len(redraw_jobs.NAMES)
    sheet = redraw_jobs.make_sample(CertificateKind.COMPLETION, SLOTS, "과정", redraw_jobs.NAMES[1])
    assert sheet.watermark == "견본"
    assert sheet.holder_name == "남궁민수아름다운가람솔"


def test_q21_what_is_typed_is_words_and_never_markup_or_a_program(
    session: Session, isolated: Flask, operator: User
) -> None:
    evil = "{{ 7*7 }} <img src=file:///etc/passwd> {과정}"
    with pytest.raises(DomainError):
        make_draft(session, operator, words=evil)
    draft = make_draft(session, operator, words="<b>{과정}</b> &lt;")

    preview(session, isolated, draft)

    assert draft.preview_key is not None


def test_the_same_form_twice_is_one_draft(session: Session, operator: User) -> None:
    assert make_draft(session, operator).id == make_draft(session, operator).id


def test_only_operators_come_here(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user(session, Role.TRAINER))

    for path in ("/desk/designs/", "/desk/designs/completion/new", "/desk/designs/drafts/1/"):
        assert browser.get(path).status_code == 403
    assert browser.send("/desk/designs/drafts/1/publish").status_code == 403


class TestEightAtOnce:
    """Eight writers at the same moment, on both engines."""

    def test_eight_first_approvals_make_one_first_version(self, race: Any, committed: Session) -> None:
        def ask() -> Any:
            with db.transaction() as session:
                return designs.current(session, CertificateKind.COMPLETION, now=NOW).id

        answers = race([ask] * 8)

        assert len(set(answers)) == 1, answers
        assert committed.scalar(select(func.count(CertificateTemplate.id))) == 1

    def test_eight_versions_published_at_once_count_without_a_gap(
        self, race: Any, committed: Session
    ) -> None:
        operator_id = make_user(committed, Role.OPERATOR).id
        drafts = []
        for number in range(8):
            operator = committed.get_one(User, operator_id)
            draft = make_draft(committed, operator, f"a-form-of-a-race-{number}")
            draft.preview_key, draft.due_at = "f" * 64, None
            drafts.append(draft.id)
        committed.commit()

        def publish(draft_id: int) -> Any:
            with db.transaction() as session:
                by = session.get_one(User, operator_id)
                return designs.publish(session, draft_id, by, now=NOW).version

        answers = race([lambda each=each: publish(each) for each in drafts])

        assert sorted(answers, key=str) == list(range(2, 10)), answers
