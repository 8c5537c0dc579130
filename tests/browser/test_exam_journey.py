"""From an exam to a certificate, in the browser (journey 7): one candidate, two markers and a third, a lead,
two who issue, and an agency that checks.

What can go wrong on the way is proved elsewhere, faster: a worker killed at every boundary by
`test_killed_worker.py`, two hundred at once while a template is edited by `test_two_hundred.py`, letters no
typeface has at the form of the name and 수료증 wording without a registration number by
`test_unregistered_way.py` beside them.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.status.status_list import check_credential_status
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import credential, ledger, marking, qualifications
from portal.certification.exam_models import Exam, ItemLevel, PaperItem
from portal.core import clock, queue
from portal.core.roles import Role
from portal.core.settings import ROOT
from tests import factories
from tests.browser.conftest import OpenPhone, Phone, Portal
from tests.candidate_factories import make_log
from tests.exam_factories import SMALL, make_candidate, make_exam, make_item, make_paper
from tests.marking_factories import PRACTICAL, make_answer, make_practical, make_script, points_of

pytestmark = pytest.mark.browser
STUDY = "designer-2/choose-channel"
PRIVATE = "다른 분이 대신 시험을 봤어요."


@pytest.fixture(scope="module", autouse=True)
def registered(portal: Portal) -> Iterator[None]:
    """Let the second grade be registered, as it is in the demo."""
    before = portal.app.extensions["portal_qualifications"]
    portal.app.extensions["portal_qualifications"] = qualifications.load(ROOT / "content", is_demo=True)
    yield
    portal.app.extensions["portal_qualifications"] = before


@dataclass(frozen=True)
class People:
    """Whoever has a part in it."""

    candidate: User
    candidate_id: int
    markers: tuple[User, User, User]
    lead: User


def make_people(portal: Portal, name: str) -> People:
    """Return a candidate who has met everything but the exams, and the staff."""
    with portal.transaction() as session:
        user = factories.make_user(session, name=name)
        markers = [
            factories.make_user(session, Role.TRAINER, name=each) for each in ("이수민", "한지우", "나채점")
        ]
        lead = factories.make_user(session, Role.OPERATOR, name="정하늘")
        mentor = factories.make_mentor(session)  # whoever confirms the log does not mark
        factories.make_completion(session, user, course_id="designer-2")
        candidate = make_candidate(session, user)
        for shop in ("반찬가게", "꽃집", "철물점"):
            make_log(session, candidate, confirmed_by=mentor, shop=shop)
        ledger.record(session, candidate, path="/", now=clock.now())
    first, second, third = markers
    return People(user, candidate.id, (first, second, third), lead)


def make_written(session: Session) -> Exam:
    """Return a session that is open and takes applications, of ten questions whose right choice is ``a``."""
    exam = make_exam(session, apply_until=clock.now() + timedelta(hours=12))
    items = [
        make_item(session, subject=subject.key, level=ItemLevel(level))
        for subject in SMALL.subjects
        for level, many in subject.items.items()
        for _ in range(many)
    ]
    for item in items:
        item.content = {**item.content, "step": STUDY}
    make_paper(session, exam, items)
    return exam


@pytest.mark.parametrize("scripts", [True], indirect=True, ids=["scripts on"])
def test_she_leaves_half_way_and_goes_on_at_what_was_saved_while_she_chose(
    portal: Portal, open_phone: OpenPhone
) -> None:
    people = make_people(portal, "최은영")
    with portal.transaction() as session:
        exam = make_written(session)
    first = open_phone(people.candidate)
    apply_and_start(first, exam)
    answer(first, "a")
    with first.page.expect_response(re.compile("/attempt/answer")):
        choose(first, "b")

    second = open_phone(people.candidate)
    come_back(second, exam)

    assert second.heading == "2번 문제"
    assert chosen(second).endswith("b")
    second.press("문제 목록")
    assert second.sees("답하지 않은 문제가 8개 있어요")
    second.press("답안 내기")
    assert second.sees("채점 중이에요")


@pytest.mark.parametrize("scripts", [False], indirect=True, ids=["staff with scripts"])
def test_from_the_exam_to_the_certificate(portal: Portal, open_phone: OpenPhone, tmp_path: Path) -> None:
    """The candidate and the agency have no scripts, those who mark, lead and issue have them."""
    people = make_people(portal, "오금자")
    hers, agency = open_phone(people.candidate), open_phone()
    proposer, approver = (open_phone(each, scripts=True) for each in people.markers[:2])
    confirm_name(hers, people)
    pass_both_exams(portal, hers, people, open_phone)

    propose(proposer, people)
    approve(approver, people)
    portal.run_jobs()
    code, document = download(hers)
    check_three_ways(agency, code, document, people, tmp_path)
    check_credential(agency, code, is_revoked=False)

    new = correct_the_name(portal, hers, proposer, approver, people)
    assert agency.go(f"/v/{code}").heading == "대체됨"
    assert not agency.sees("오금지")
    check_credential(agency, code, is_revoked=True)
    assert agency.go(f"/v/{new}").heading == "유효"

    revoke(open_phone(people.lead, scripts=True), new)
    assert agency.go(f"/v/{new}").heading == "취소됨"
    assert agency.sees("바르지 않은 방법으로 받은 증서예요.")
    assert not agency.sees(PRIVATE)
    check_credential(agency, new, is_revoked=True)
    assert hers.open_newest_notice("자격증이 취소됐어요.").sees(PRIVATE)


def pass_both_exams(portal: Portal, phone: Phone, people: People, open_phone: OpenPhone) -> None:
    with portal.transaction() as session:
        written = make_written(session)
    sit_the_written_exam(phone, open_phone(people.candidate), written)
    practical = hand_in_the_practical(portal, people)
    mark_apart(people, open_phone)
    let_the_session_end(portal, written)
    lead = open_phone(people.lead, scripts=True)
    for each in (written, practical):
        release(lead, each)
    read_results(portal, phone, people, written, practical)


def confirm_name(phone: Phone, people: People) -> None:
    """A letter no typeface has is refused at its field; then she says yes."""
    phone.go("/").press("무엇이 남았나 보기")
    assert phone.sees("다섯 가지 가운데 세 가지 마침")
    phone.press("이름 확인하기")
    assert phone.holds("한글 이름") == people.candidate.name
    phone.fill("한글 이름", "오금자😀").press("네, 이렇게 인쇄해 주세요")
    assert phone.sees("글자는 인쇄할 수 없어요.")
    phone.fill("한글 이름", people.candidate.name).press("네, 이렇게 인쇄해 주세요")
    assert phone.sees("오금자 님으로 인쇄해요.")


def sit_the_written_exam(phone: Phone, other: Phone, exam: Exam) -> None:
    """Five questions on one phone, then the rest on another; the second one is answered wrong."""
    apply_and_start(phone, exam)
    for letter in "abaaa":
        answer(phone, letter)

    come_back(other, exam)
    assert other.heading == "5번 문제"
    assert chosen(other).endswith("a")
    submit_the_rest(other)
    assert phone.go(f"/certification/exams/{exam.id}/").sees("채점 중이에요")


def apply_and_start(phone: Phone, exam: Exam) -> None:
    phone.go("/").press("무엇이 남았나 보기").press("다음 할 일 하기")
    phone.page.get_by_role("main").get_by_role("link", name=f"필기 {exam.session_no}회").click()
    phone.look().choose("화면으로 볼게요").choose("시간을 더 쓸게요").press("접수하기")
    assert phone.sees("45분 (더 쓰는 시간 15분 포함)")
    phone.press("시험 시작하기")
    assert phone.heading == "1번 문제"


def choose(phone: Phone, letter: str) -> None:
    phone.choose(f"번의 {letter}")


def answer(phone: Phone, letter: str) -> None:
    choose(phone, letter)
    phone.press("다음")


def chosen(phone: Phone) -> str:
    return phone.page.locator("label:has(input:checked)").inner_text().strip()


def come_back(phone: Phone, exam: Exam) -> None:
    phone.go("/certification/exams/")
    phone.page.get_by_role("main").get_by_role("link", name=f"필기 {exam.session_no}회").click()
    phone.look().press("이어서 풀기")


def submit_the_rest(phone: Phone) -> None:
    """Go on from the fifth question, leave the last one open at first, and hand in."""
    phone.press("다음")
    for _ in range(4):
        answer(phone, "a")
    phone.press("답 살펴보고 내기")
    assert phone.sees("답하지 않은 문제가 1개 있어요")
    phone.press("남은 문제 풀기")
    assert phone.heading == "10번 문제"
    choose(phone, "a")
    phone.press("답 살펴보고 내기")
    assert phone.sees("모두 답했어요")
    phone.press("답안 내기")
    assert phone.sees("채점 중이에요")
    assert not phone.sees("합격했어요")


def hand_in_the_practical(portal: Portal, people: People) -> Exam:
    with portal.transaction() as session:
        exam, paper = make_practical(session)
        script = make_script(session, exam, paper, session.get_one(User, people.candidate.id))
        for place in session.scalars(select(PaperItem).where(PaperItem.paper_id == paper.id)):
            make_answer(session, script, place.item_id, text="손님은 동네 분이 많고, 반찬은 당일에 나가요.")
    return exam


def mark_apart(people: People, open_phone: OpenPhone) -> None:
    """Two mark alone and differ by too much, so that a third is asked."""
    first, second, third = (open_phone(each, scripts=True) for each in people.markers)
    begin_to_mark(first, people)
    fill_sheet(first, points_of(diagnosis=90), only="diagnosis")
    first.press("여기까지 저장")
    begin_to_mark(second, people)
    assert second.holds("가게 형편을 빠짐없이 읽었어요") == ""
    fill_sheet(second, points_of(diagnosis=50, channel=50, page=50, plan=50))
    second.press("채점 마치기")

    first.go("/").press("이어서 채점하기")
    first.page.get_by_role("main").get_by_role("link", name="답안").click()
    assert first.look().holds("가게 형편을 빠짐없이 읽었어요") == "40"
    fill_sheet(first, points_of(diagnosis=90, channel=80, page=70, plan=60))
    first.fill("응시하신 분께 드리는 말", "가게 형편을 꼼꼼히 읽으셨어요.").press("채점 마치기")
    assert first.sees("지금은 채점할 답안이 없어요")

    begin_to_mark(third, people)
    fill_sheet(third, points_of(diagnosis=88, channel=78, page=70, plan=60))
    third.press("채점 마치기")
    assert third.sees("채점을 마쳤어요. 고맙습니다.")


def begin_to_mark(phone: Phone, people: People) -> None:
    phone.go("/").press("채점하러 가기").press("다음 답안 받기")
    assert phone.heading.startswith("답안 ")
    assert phone.sees("반찬은 당일에 나가요.")
    assert not phone.sees(people.candidate.name)


def fill_sheet(phone: Phone, points: dict[str, int], *, only: str = "") -> None:
    for place in marking.places(PRACTICAL):
        if not only or place.subject == only:
            phone.fill(place.criterion.title, str(points[place.key]))


def let_the_session_end(portal: Portal, exam: Exam) -> None:
    with portal.transaction() as session:
        ended = clock.now() - timedelta(minutes=1)
        session.execute(
            update(Exam).where(Exam.id == exam.id).values(apply_until=exam.opens_at, closes_at=ended)
        )


def release(phone: Phone, exam: Exam) -> None:
    kind = "필기" if exam.kind == "written" else "실기"
    phone.go("/desk/").press("결과를 발표할 시험", exact=False)
    phone.page.get_by_role("main").get_by_role("link", name=f"{kind} {exam.session_no}회").first.click()
    assert phone.look().sees("채점 끝")
    phone.press("지금 발표하기")
    assert phone.sees("발표했어요. 보신 분들께 알려 드려요.")


def read_results(portal: Portal, phone: Phone, people: People, written: Exam, practical: Exam) -> None:
    phone.open_newest_notice(f"실기 {practical.session_no}회 결과가 나왔어요.")
    assert phone.sees("합격했어요")
    assert phone.sees("진단표 89점")
    assert phone.sees("가게 형편을 꼼꼼히 읽으셨어요.")
    phone.go(f"/certification/exams/{written.id}/").press("결과 보기")
    assert phone.sees("합격했어요")
    assert phone.sees("유통과 플랫폼 80점")
    assert phone.sees("관련 법규 100점")
    assert phone.sees("이것을 다시 보면 좋아요")
    with portal.app.app_context():
        queue.sweep(now=clock.now())
    portal.run_jobs()
    phone.go(f"/certification/candidates/{people.candidate_id}/")
    assert phone.sees("다 했어요!")


def propose(phone: Phone, people: People) -> None:
    phone.go("/").press("발급 제안하기", beside=people.candidate.name)
    assert phone.sees("제안했어요. 다른 분이 승인하면 증서가 나와요.")
    assert phone.find("승인하기").count() == 0


def approve(phone: Phone, people: People) -> None:
    phone.go("/").press("살펴보고 승인하기", beside=people.candidate.name).press("승인하기")
    assert phone.sees("승인했어요. 자격증을 만들고, 다 되면 받는 분께 알려 드려요.")


def download(phone: Phone) -> tuple[str, bytes]:
    """Return the number printed under the certificate, and its document."""
    phone.go("/").open_newest_notice("자격증이 나왔어요. 내려받아 보세요.")
    with phone.page.expect_download() as started:
        phone.find("자격증 내려받기").click()
    return read_code(phone), started.value.path().read_bytes()


def read_code(phone: Phone) -> str:
    shown = phone.page.get_by_role("definition").filter(has_text=re.compile(r"^\s*(\d{4} ){5}\d{4}\s*$"))
    return shown.inner_text().replace(" ", "")


def check_three_ways(phone: Phone, code: str, document: bytes, people: People, folder: Path) -> None:
    """By the number, by the address, and by the file: its own bytes and no others."""
    phone.go("/").press("수료증 확인하기")
    phone.fill("확인 번호", f"{code[:12]} {code[12:]}").press("확인하기")
    assert phone.heading == "유효"
    assert phone.sees("이 자격은 등록민간자격이며, 국가로부터 인정받은 공인자격이 아닙니다.")
    assert not phone.sees(people.candidate.name)
    answer = phone.page.request.get(f"/v/{code}", headers={"Accept": "application/json"}).json()
    assert (answer["status"], answer["kind"]) == ("active", "qualification")
    assert answer["pdf_sha256"] == hashlib.sha256(document).hexdigest()
    assert phone.go(f"/v/{code}").heading == "유효"

    upload(phone, document, folder)
    assert phone.heading == "유효"
    assert phone.sees("파일도 그대로예요")
    upload(phone, document[:-1] + b"?", folder)
    assert phone.sees("이 파일은 장터배움이 준 파일과 똑같지 않아요.")


def upload(phone: Phone, content: bytes, folder: Path) -> None:
    phone.go("/v/").press("받은 PDF 파일로 확인하기")
    (folder / "received.pdf").write_bytes(content)
    phone.page.get_by_label("받은 PDF 파일").set_input_files(folder / "received.pdf")
    phone.press("확인하기")


def check_credential(phone: Phone, code: str, *, is_revoked: bool) -> None:
    """Let other authors' libraries judge what anybody may fetch."""
    said, listed, keys = (
        fetch(phone, path)
        for path in (
            f"/certification/credentials/{code}.json",
            "/certification/status/1",
            "/.well-known/jwks.json",
        )
    )
    judge(said)
    assert check_credential_status(said, resolve_status_list=lambda _url: listed).revoked is is_revoked
    token = phone.page.request.get(f"/certification/credentials/{code}.jwt").text()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, algorithms=["RS256"])["iss"] == said["issuer"]["id"]
    badge = phone.page.request.get(f"/certification/credentials/{code}.png").body()
    assert badge.startswith(b"\x89PNG")
    assert b"openbadgecredential" in badge


def fetch(phone: Phone, path: str) -> Any:
    answer = phone.page.request.get(path)
    assert answer.ok, path
    return answer.json()


def judge(document: dict[str, Any]) -> None:
    proof = document["proof"]
    single = {**document, "proof": proof[0] if isinstance(proof, list) else proof}
    extra = {each: credential.contexts()[each] for each in (credential.OPEN_BADGES, credential.EXTENSIONS)}
    DataIntegrityProofSuite().verify(single, extra_contexts=extra)


def correct_the_name(portal: Portal, hers: Phone, trainer: Phone, approver: Phone, people: People) -> str:
    """She asks, one takes it up, another approves; returns the number of the successor."""
    hers.press("이름 고치기").fill("한글 이름", "오금지").fill("무엇이 다른가요?", "‘지’예요.")
    hers.press("고쳐 달라고 부탁하기")
    assert hers.sees("부탁을 보냈어요.")
    trainer.go("/desk/").press("증서 부탁", exact=False).press(f"{people.candidate.name} 님 · 이름 고침")
    trainer.press("새 증서를 제안하기")
    assert trainer.find("승인하기").count() == 0
    approve(approver, people)
    portal.run_jobs()

    hers.page.reload()
    hers.look().press("새 증서 보기")
    assert hers.sees("오금지 님")
    return read_code(hers)


def revoke(phone: Phone, code: str) -> None:
    phone.go(f"/certification/certificates/{code}/").press("취소하기")
    assert phone.heading == "자격증을 취소할까요?"
    phone.choose("부정한 방법으로 받았어요").fill("취소하는 까닭", PRIVATE).press("취소하기")
    assert phone.sees("취소했어요.")
    assert phone.sees("자격증이 취소됐어요.")  # what the holder was told
