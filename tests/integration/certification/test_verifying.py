"""What strangers learn of a certificate, by code, file or list, and that the record was not altered."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from fontTools.ttLib import TTFont
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import (
    bulk_check,
    chain,
    check_by_file,
    codes,
    deliveries,
    holders,
    operations,
    verify_views,
)
from portal.certification.models import Certificate, CertificateEvent, ChainHead, EventKind
from portal.certification.vocabulary import RevokeClass, Visibility
from portal.core import clock, fonts
from portal.core.errors import ConflictError
from portal.core.storage import storage
from portal.messages.models import Delivery, DeliveryState, Notice
from tests.conftest import NOW, Browser
from tests.factories import make_certificate, make_user
from tests.life_factories import make_held

SignIn = Callable[[User], Browser]
Issue = Callable[[], Certificate]
PRINTING = {"is_holder": "y", "shown": "resident", "place": "마포 교육장"}
JSON = {"Accept": "application/json"}
SECRETS = ("길동", "홍길동", "010-7")
"""With the whole telephone number: its first digits alone may stand in any hash."""


def revoke(session: Session, certificate: Certificate, by: User) -> None:
    operations.revoke(
        session, certificate, by, why=RevokeClass.MISCONDUCT, reason="대신 들음", path="/", now=NOW
    )
    session.commit()


class TestQ13Q14X01ThePageAndTheJson:
    """Q13, Q14, B4, B6, X01: the same few facts in words and for programs, and nothing else."""

    def test_of_a_qualification(self, session: Session, client: FlaskClient, learner: User) -> None:
        certificate = make_held(session, learner, holder_latin="HONG GILDONG", holder_hanja="洪吉童")
        session.commit()

        page = client.get(f"/v/{certificate.code}").text
        told = client.get(f"/v/{certificate.code}", headers=JSON).get_json()

        assert set(told) == {
            *("status", "kind", "title", "issuer", "number", "grade", "registration_number", "holder"),
            *("completed_on", "issued_at", "valid_until", "revoked_at", "revoked_because", "has_successor"),
            "pdf_sha256",
        }
        assert (told["grade"], told["registration_number"]) == ("2급", "0000-000000")
        assert told["holder"] == "홍*동"
        for words in ("유효기간", "0000-000000", "2급", "공인자격이 아닙니다"):
            assert words in page
        for secret in (*SECRETS, str(learner.phone), "HONG", "洪"):
            assert secret not in page
            assert secret not in str(told)

    def test_revoked_it_says_when_and_why_but_not_the_words_to_the_holder(
        self, session: Session, client: FlaskClient, operator: User, issued: Issue
    ) -> None:
        certificate = issued()
        revoke(session, certificate, operator)

        page = client.get(f"/v/{certificate.code}").text
        told = client.get(f"/v/{certificate.code}", headers=JSON).get_json()

        assert "바르지 않은 방법으로 받은 증서예요." in page
        assert (told["status"], told["revoked_because"]) == ("revoked", "misconduct")
        assert told["revoked_at"]
        assert "대신 들음" not in page + str(told)

    def test_past_its_last_day(self, session: Session, client: FlaskClient, learner: User) -> None:
        certificate = make_held(session, learner, at=clock.now() - timedelta(days=4 * 366))
        session.commit()

        assert "갱신하기 전에는 효력이 없어요" in client.get(f"/v/{certificate.code}").text
        assert client.get(f"/v/{certificate.code}", headers=JSON).get_json()["status"] == "expired"

    def test_programs_are_asked_to_wait_and_people_are_not(
        self, session: Session, client: FlaskClient, issued: Issue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        certificate = issued()
        monkeypatch.setitem(vars(verify_views), "ANSWERS_A_MINUTE", 2)

        statuses = [client.get(f"/v/{certificate.code}", headers=JSON).status_code for _ in range(3)]

        assert statuses == [200, 200, 429]
        assert client.get(f"/v/{certificate.code}").status_code == 200


class TestQ26TheHolderDecides:
    """Q26: listed, only by code, or only whether it stands."""

    def test_off_leaves_whether_it_stands(
        self, session: Session, client: FlaskClient, sign_in: SignIn, learner: User
    ) -> None:
        certificate = make_held(session, learner)
        session.commit()
        path = f"/certification/certificates/{certificate.code}/visibility"

        assert sign_in(learner).send(path, {"visibility": "off"}).status_code == 302

        told = client.get(f"/v/{certificate.code}", headers=JSON).get_json()
        assert told == {
            "status": "active",
            "kind": "qualification",
            "title": certificate.title,
            "issuer": certificate.issuer_name,
        }
        page = client.get(f"/v/{certificate.code}").text
        for hidden in (certificate.number, "홍*동"):
            assert hidden not in page
        row = bulk_check.check(session, certificate.code, now=clock.now())[0]
        assert (row.result, row.holder, row.number, row.issued) == ("유효", "", "", "")

    def test_nobody_else_decides_not_even_staff(
        self, session: Session, sign_in: SignIn, learner: User, operator: User
    ) -> None:
        certificate = make_held(session, learner)
        session.commit()
        path = f"/certification/certificates/{certificate.code}/visibility"

        assert sign_in(operator).send(path, {"visibility": "listed"}).status_code == 404

    def test_the_list_holds_whoever_chose_it_and_holds_one_today(
        self, session: Session, client: FlaskClient, learner: User, operator: User
    ) -> None:
        listed = make_held(session, learner)
        others = [make_held(session, make_user(session, name=f"다른{letter}")) for letter in "가나다"]
        holders.choose(session, listed, learner, Visibility.LISTED, now=NOW)
        for held in others[:2]:
            held.visibility = Visibility.LISTED
        others[0].valid_until = clock.now().date() - timedelta(days=2)
        revoke(session, others[1], operator)

        page = client.get("/certification/designer-2/holders").text

        assert "홍길동" in page
        assert "다른" not in page
        assert "공인자격이 아닙니다" in page or "자격증이 아니에요" in page
        assert client.get("/certification/nothing/holders").status_code == 404
        event = session.scalars(
            select(CertificateEvent).where(CertificateEvent.kind == EventKind.VISIBILITY)
        ).one()
        assert event.by_id == learner.id

    def test_the_list_goes_on_by_its_last_line(self, session: Session) -> None:
        made = [make_held(session, visibility=Visibility.LISTED).id for _ in range(3)]

        first = holders.list_listed(session, "designer-2", now=clock.now(), limit=2)
        then = holders.list_listed(
            session, "designer-2", now=clock.now(), before_id=first[-1].certificate_id, limit=2
        )

        assert [each.certificate_id for each in [*first, *then]] == made[::-1]

    def test_a_course_has_no_list(self, session: Session, learner: User, issued: Issue) -> None:
        with pytest.raises(ConflictError):
            holders.choose(session, issued(), learner, Visibility.LISTED, now=NOW)


class TestQ15ByTheFile:
    """Q15: the file itself is found byte for byte, everything else is a plain sentence, nothing is kept."""

    def send(self, client: Any, content: bytes) -> Any:
        data = {"file": (io.BytesIO(content), "증서.pdf")}
        return client.send("/v/file", data, content_type="multipart/form-data")

    def test_the_very_file_leads_to_its_page(
        self, isolated: Flask, session: Session, client: Any, issued: Issue
    ) -> None:
        certificate = issued()
        with isolated.app_context():
            content = storage().get(certificate.document_key or "")

        found = self.send(client, content)

        assert found.headers["Location"].startswith(f"/v/{certificate.code}")
        assert "파일도 그대로예요" in client.get(found.headers["Location"]).text
        changed = bytearray(content)
        changed[len(content) // 2] ^= 1
        refused = self.send(client, bytes(changed))
        assert refused.status_code == 422
        assert "똑같지 않아요" in refused.text

    @pytest.mark.parametrize("content", [b"", b"x", b"%PDF-1.7 broken", bytes(range(256)) * 50])
    def test_anything_else_is_a_plain_sentence(self, client: Any, content: bytes) -> None:
        answer = self.send(client, content)

        assert answer.status_code == 422
        assert "골라 주세요" in answer.text

    def test_no_file_at_all_and_one_too_large(self, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        assert check_by_file.MAX_BYTES == 5 * 1024 * 1024
        monkeypatch.setitem(vars(check_by_file), "MAX_BYTES", 1000)

        assert "확인할 파일을 골라 주세요" in client.send("/v/file").text
        assert "5MB보다 큰" not in self.send(client, b"0" * 1000).text
        assert "5MB보다 큰" in self.send(client, b"0" * 1001).text


class TestQ31AHundredAtOnce:
    """Q31: a list pasted, as a table and as CSV, with a limit that a classroom does not reach."""

    def test_each_line_gets_its_answer_in_two_statements(
        self, session: Session, client: Any, operator: User, issued: Issue, count_queries: Any
    ) -> None:
        good, gone = issued(), make_certificate(session)
        revoke(session, gone, operator)
        unknown = codes.make()
        pasted = f"{codes.shown(good.code)}\r\n{gone.code}\n\n{unknown};{good.code[:-1]}x, =1+1"
        count_queries()

        answer = client.send("/v/list", {"codes": pasted})
        asked = count_queries()
        table = client.send("/v/list", {"codes": pasted, "as": "csv"})

        assert asked == 2
        assert "5개 가운데 1개가 유효해요" in answer.text
        assert "홍길동" not in answer.text
        assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO(table.data.decode("utf-8-sig"))))
        assert [row[1] for row in rows[1:]] == [
            "유효",
            "취소됨",
            "확인되지 않음",
            "번호가 잘못 적힘",
            "번호가 잘못 적힘",
        ]
        assert rows[1][3] == "홍*동"
        assert rows[5][0] == "'=1+1"

    def test_a_hundred_and_no_more(self, session: Session, client: Any) -> None:
        made = [codes.make() for _ in range(101)]

        assert "100개 가운데 0개" in client.send("/v/list", {"codes": "\n".join(made[:100])}).text
        refused = client.send("/v/list", {"codes": "\n".join(made)})
        assert refused.status_code == 422
        assert "한 번에 100개까지" in refused.text
        assert client.send("/v/list", {"codes": " \n "}).status_code == 422

    def test_it_is_limited_by_address(self, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(vars(verify_views), "LISTS_A_MINUTE", 2)

        statuses = [client.send("/v/list", {"codes": codes.make()}).status_code for _ in range(3)]

        assert statuses == [200, 200, 429]

    def test_thirty_people_of_a_classroom_stay_below(self) -> None:
        assert verify_views.LISTS_A_MINUTE > 30
        assert verify_views.FILES_A_MINUTE > 30


class TestTheRecord:
    """The chain of events shows what was altered, by a command and on a page anybody may copy."""

    def check(self, app: Flask, *args: str) -> Any:
        return app.test_cli_runner().invoke(args=["certificates", "check", *args])

    def test_a_record_left_alone_holds(self, isolated: Flask, session: Session, issued: Issue) -> None:
        issued()

        result = self.check(isolated)

        assert (result.exit_code, "Nothing was altered." in result.output) == (0, True)

    @pytest.mark.parametrize(
        "alter",
        [
            update(CertificateEvent).where(CertificateEvent.seq == 2).values(note="다른 말"),
            delete(CertificateEvent).where(CertificateEvent.seq == 2),
            delete(CertificateEvent).where(CertificateEvent.seq == 3),  # the last one
            update(ChainHead).values(digest="0" * 64),
            update(Certificate).values(pdf_sha256="0" * 64),
            update(Certificate).values(state="superseded", superseded_at=NOW),
        ],
        ids=["changed", "taken out", "the last taken off", "the head", "the file", "the state"],
    )
    def test_whatever_is_altered_by_hand_is_found(
        self, isolated: Flask, session: Session, issued: Issue, alter: Any
    ) -> None:
        issued()
        session.execute(alter)
        session.commit()

        result = self.check(isolated)

        assert result.exit_code == 1
        assert "wrong" in result.output

    def test_a_chain_written_anew_differs_from_a_copy(
        self, isolated: Flask, session: Session, client: FlaskClient, issued: Issue, tmp_path: Any
    ) -> None:
        issued()
        copy = tmp_path / "kept.txt"
        copy.write_bytes(client.get("/certification/timeline?as=text").data)
        assert self.check(isolated, "--kept", str(copy)).exit_code == 0
        before = chain.START
        for event in session.scalars(select(CertificateEvent).order_by(CertificateEvent.seq)):
            event.note = event.note or "지어낸 말"
            event.digest = before = chain.digest_of(event, before=before)
        session.get_one(ChainHead, 1).digest = before
        session.commit()

        result = self.check(isolated, "--kept", str(copy))

        assert list(chain.list_breaks(session)) == []
        assert result.exit_code == 1
        assert "when it was copied" in result.output

    def test_the_page_shows_each_day_and_nobody(
        self, session: Session, client: FlaskClient, learner: User, issued: Issue
    ) -> None:
        certificate = issued()
        count, digest = chain.newest(session)

        page = client.get("/certification/timeline").text

        assert digest in page
        assert f"{count}줄" in page
        for secret in (*SECRETS, str(learner.phone), certificate.code, certificate.number):
            assert secret not in page
        assert client.get("/certification/timeline?before=2020-01-01").status_code == 200
        assert client.get("/certification/timeline?before=x").status_code == 200

    def test_days_are_those_of_korea(self, session: Session) -> None:
        late = NOW.replace(hour=14, minute=59)
        make_certificate(session, at=late)
        make_certificate(session, at=late + timedelta(minutes=2))

        days = chain.list_days(session)

        assert [(str(each.day), each.seq) for each in days] == [("2026-11-24", 4), ("2026-11-23", 2)]
        assert chain.list_days(session, before=days[0].day) == days[1:]


class TestQ25Reprints:
    """Q25: staff prints for the holder after looking at a card, and the certificate says so."""

    def test_it_is_noted_once(
        self, session: Session, sign_in: SignIn, learner: User, operator: User, issued: Issue
    ) -> None:
        certificate = issued()
        browser = sign_in(operator)

        found = browser.get("/certification/reprint", query_string={"code": codes.shown(certificate.code)})
        for _ in range(2):
            sent = browser.send(found.headers["Location"], PRINTING)

        assert sent.status_code == 302
        event = session.scalars(
            select(CertificateEvent).where(CertificateEvent.kind == EventKind.REPRINTED)
        ).one()
        assert (event.by_id, event.note) == (operator.id, "마포 교육장 · 주민등록증 확인")
        page = sign_in(learner).get(f"/certification/certificates/{certificate.code}/").text
        assert "다시 인쇄했어요" in page

    @pytest.mark.parametrize("missing", ["is_holder", "shown", "place"])
    def test_not_before_somebody_looked(
        self, session: Session, sign_in: SignIn, operator: User, issued: Issue, missing: str
    ) -> None:
        path = f"/certification/certificates/{issued().code}/reprint"
        form = {name: value for name, value in PRINTING.items() if name != missing}

        assert sign_in(operator).send(path, form).status_code == 422
        kinds = session.scalars(select(CertificateEvent.kind)).all()
        assert EventKind.REPRINTED not in kinds

    def test_never_what_no_longer_stands(
        self, session: Session, sign_in: SignIn, operator: User, issued: Issue
    ) -> None:
        certificate = issued()
        revoke(session, certificate, operator)
        browser = sign_in(operator)

        path = f"/certification/certificates/{certificate.code}/reprint"
        assert browser.send(path, PRINTING).status_code == 409
        assert "지금 쓰는 증서가 아니에요" in browser.get(path).text
        assert browser.get("/certification/reprint?code=1234").status_code == 422


class TestQ23Deliveries:
    """Q23: what became of the word to the holder, and once more, at most once a day."""

    def test_staff_sees_where_it_stands(
        self, session: Session, sign_in: SignIn, operator: User, issued: Issue
    ) -> None:
        certificate = issued()
        delivery = session.scalars(select(Delivery)).one()
        browser, path = sign_in(operator), f"/certification/certificates/{certificate.code}/"

        waiting = browser.get(path).text
        delivery.state, delivery.sent_at = DeliveryState.SENT, clock.now()
        session.get_one(Notice, delivery.notice_id).read_at = clock.now()
        session.commit()
        sent = browser.get(path).text
        delivery.state = DeliveryState.FAILED
        session.commit()

        assert "문자 기다림" in waiting
        assert "문자 보냄" in sent
        assert "읽음" in sent
        assert "문자 못 보냄" in browser.get(path).text

    def test_again_is_once_a_day_and_noted(
        self, session: Session, sign_in: SignIn, learner: User, operator: User, issued: Issue
    ) -> None:
        certificate = issued()
        browser = sign_in(operator)
        path = f"/certification/certificates/{certificate.code}/send-again"

        first, second = browser.send(path), browser.send(path)

        assert (first.status_code, second.status_code) == (302, 409)
        assert len(deliveries.list_told(session, certificate)) == 2
        tomorrow = clock.now() + timedelta(days=1)
        deliveries.send_again(session, certificate, operator, path="/", now=tomorrow)
        assert len(deliveries.list_told(session, certificate)) == 3
        kinds = session.scalars(
            select(CertificateEvent.kind).where(CertificateEvent.kind == EventKind.SENT_AGAIN)
        ).all()
        assert len(kinds) == 2

    def test_she_herself_and_strangers_may_not(
        self, session: Session, sign_in: SignIn, learner: User, issued: Issue
    ) -> None:
        path = f"/certification/certificates/{issued().code}/send-again"

        assert sign_in(learner).send(path).status_code == 403


def test_q09_q32_a_code_is_long_typed_by_telephone_and_says_nothing_of_anybody() -> None:
    made = {codes.make() for _ in range(200)}

    assert len(made) == 200
    for code in made:
        assert codes.is_well_formed(code)
        slip = str((int(code[5]) + 1) % 10)
        assert not codes.is_well_formed(code[:5] + slip + code[6:])


def test_q12_the_form_knows_the_same_letters_as_the_press() -> None:
    for path in (fonts.serif(), fonts.sans()):
        with TTFont(path, lazy=True) as font:
            assert fonts.letters(path) == frozenset(font.getBestCmap())
