"""What stands beside the lessons: being heard, being confirmed, paper, the diagnosis and a calculator."""

import re

import pytest

from portal.accounts.models import User
from portal.core.roles import Role
from portal.courses import catalogue, handouts
from portal.courses.catalogue import Place
from portal.courses.models import HandoutKind
from portal.diagnosis import questions
from portal.diagnosis.questions import Question
from tests import factories
from tests.browser.conftest import COURSE, OpenPhone, Phone, Portal, complete_steps
from tests.unit.certification.test_certificate_pdf import written

pytestmark = pytest.mark.browser
SEEN = "‘판매자 정보’라는 단추가 없어요."
FIRST_TOLD = "어제 저녁에 가게에서 혼자 해 봤어요."
THEN_TOLD = "오늘 아침에 18분 걸려서 끝까지 해 봤어요."


@pytest.fixture(scope="module")
def trainer(portal: Portal) -> User:
    with portal.transaction() as session:
        return factories.make_user(session, Role.TRAINER, name="이수민")


def test_what_a_learner_says_of_a_lesson_is_read_and_answered(
    portal: Portal, open_phone: OpenPhone, trainer: User
) -> None:
    with portal.transaction() as session:
        learner = factories.make_user(session, name="김순자")
        lesson, *_ = catalogue.current().course(COURSE).lessons
        places = catalogue.current().course(COURSE).places
        complete_steps(session, learner, places[: len(lesson.steps)])
    last, following = places[len(lesson.steps) - 1], places[len(lesson.steps)]
    hers, his = open_phone(learner), open_phone(trainer)

    open_step(hers, last).press("네, 도움이 됐어요")
    hers.fill("왜 그랬나요", "그림이 있어서 알겠어요.").press("보내기")
    assert hers.sees("고맙습니다. 적어 주신 말을 수업을 만든 분들께 전했어요.")
    open_step(hers, following).press("내 화면이랑 달라요").press("알려 주기")
    assert hers.sees("무엇이 다른지 한 줄만 적어 주세요.")
    hers.fill("무엇이 다른가요", SEEN).press("알려 주기")
    assert hers.sees("알려 주셔서 고맙습니다. 살펴보고 알림으로 답해 드릴게요.")

    his.go("/").open_place("일감").press("수업에 대한 말", exact=False)
    assert his.sees("그림이 있어서 알겠어요.")
    assert not his.sees("김순자")
    his.press(following.step.title)
    assert his.sees(SEEN)
    his.choose("지금 그대로가 맞아요").fill("알려 주신 분들께 드릴 말", "컴퓨터 화면에서는 위쪽에 있어요.")
    his.press("알려 주신 분들께 답하기")
    assert his.sees("알려 주신 분들께 답했어요.")
    assert his.sees("다르다고 한 단계가 없어요.")

    hers.open_newest_notice("강사님이 ‘컴퓨터 화면에서는 위쪽에 있어요.’라고 답했어요.")
    assert hers.sees(following.step.title)


def test_what_was_done_outside_is_sent_back_sent_again_and_confirmed(
    portal: Portal, open_phone: OpenPhone, trainer: User
) -> None:
    with portal.transaction() as session:
        learner = factories.make_user(session, name="남궁영희")
        place = catalogue.current().place("live-commerce", "rehearsal-and-day", "practice-rehearsal")
    assert place.step.practice is not None
    *boxes, _ = place.step.practice.form_fields("", {})
    hers, his = open_phone(learner), open_phone(trainer)

    open_step(hers, place)
    for box in boxes:
        hers.choose(box.label)
    hers.fill("확인할 분께 알려 주세요", FIRST_TOLD).press("답 보내기")
    assert hers.sees("확인을 기다리고 있어요")
    review(his, FIRST_TOLD, "조금 더 필요해요", "몇 분 걸렸는지 적어 주세요.")

    hers.open_newest_notice("보내 주신 것을 보고 ‘몇 분 걸렸는지 적어 주세요.’라고 적었어요.")
    assert hers.sees("몇 분 걸렸는지 적어 주세요.")
    assert all(hers.page.get_by_label(box.label).is_checked() for box in boxes)
    hers.fill("확인할 분께 알려 주세요", THEN_TOLD).press("답 보내기")
    assert hers.sees("확인을 기다리고 있어요")
    review(his, THEN_TOLD, "확인했어요", "")
    assert his.sees("확인할 것이 없어요")

    hers.open_newest_notice("확인해서 단계를 완료했어요.")
    assert hers.sees("이 단계를 완료했어요")


def open_step(phone: Phone, place: Place) -> Phone:
    return phone.go(f"/courses/{place.course.id}/{place.lesson.id}/?step={place.step.id}")


def review(phone: Phone, told: str, verdict: str, comment: str) -> None:
    phone.go("/").open_place("일감").press("확인할 실습", exact=False).press("남궁영희 님", exact=False)
    assert phone.sees(told)
    phone.choose(verdict).fill("배우는 분께 드릴 말", comment).press("보내기")
    assert phone.sees("남궁영희 님께 알렸어요.")


def test_a_lesson_is_printed_and_its_digits_lead_back(
    portal: Portal, open_phone: OpenPhone, scripts: bool
) -> None:
    with portal.transaction() as session:
        learner = factories.make_user(session, name="김순자")
    place = portal.place(*(("why-online", "difference") if scripts else ("first-order", "pack")))
    phone = open_phone(learner)

    open_step(phone, place).press("이 수업을 종이로 받기")
    phone.choose("가장 크게").press("인쇄용으로 받기")
    assert phone.sees("만들고 있어요")
    with phone.page.expect_download(timeout=60_000) as download:
        portal.run_jobs()
    assert phone.look().sees("다 됐어요")
    assert download.value.suggested_filename.endswith(" 24pt.pdf")
    assert set(place.lesson.title) - {" "} <= set(written(download.value.path().read_bytes()))
    digits = read_digits(portal, place)

    phone.go("/").open_place("배우기").press("종이에 적힌 번호로 찾기")
    phone.fill("종이에 적힌 번호", digits[:6]).press("찾아가기")
    assert phone.sees("숫자가 5개만 적혔어요. 모두 여섯 개예요.")
    phone.fill("종이에 적힌 번호", digits).press("찾아가기")
    assert phone.sees(f"{place.number}단계 · {place.step.title}")


def read_digits(portal: Portal, place: Place) -> str:
    """Return the digits that the paper shows beside a step."""
    with portal.app.app_context():
        html = handouts.write(HandoutKind.LESSON, place.course, place.lesson.id, 24).markup.html
    shown = re.findall(r'way__code">(.*?)</p>', html)[place.number - 1]
    return re.sub(r"<.*?>", "", shown)


def test_a_diagnosis_stops_half_way_and_ends_on_another_phone(portal: Portal, open_phone: OpenPhone) -> None:
    with portal.transaction() as session:
        learner = factories.make_user(session, name="김순자")
        asked = questions.current()
    phone = open_phone(learner).go("/diagnosis/").press("진단 시작하기")
    first, second, *rest = asked.pages

    phone.press("저장하고 다음으로")
    assert phone.sees("하나를 골라 주세요.")
    answer(phone, first)
    phone.press("저장하고 다음으로")
    answer(phone, second[:1])
    phone.press("여기까지 저장하고 나가기")
    assert phone.sees("여기까지 저장했어요. 다른 휴대전화에서도 이어서 할 수 있어요.")

    other = open_phone(learner).go("/diagnosis/")
    assert other.page.get_by_role("progressbar").get_attribute("value") == str(len(first) + 1)
    other.press("이어서 하기")
    assert other.page.locator(f"[name=answer_{second[0].id}]:checked").count() == 1
    answer(other, second[1:])
    for page in rest:
        other.press("저장하고 다음으로")
        answer(other, page)
    other.press("결과 보기")
    assert other.heading == "처방: 입점 준비됨"


def answer(phone: Phone, page: tuple[Question, ...]) -> None:
    """Give each question the answer with the most points."""
    for question in page:
        best = max(question.answers, key=lambda each: each.points)
        phone.page.locator(f"[name=answer_{question.id}][value={best.id}]").check()


def test_a_calculator_answers_and_says_how_to_write_a_number(open_phone: OpenPhone) -> None:
    phone = open_phone().go("/calculators/").press("정산 계산기 열기")

    phone.fill("상품값", "많이").press("얼마 남나 보기")
    assert phone.sees("12000처럼 숫자로 적어 주세요.")
    phone.fill("상품값", "3만원").fill("손님이 내는 배송비", "3,000원").fill("물건 하나 만드는 데", "14000")
    phone.fill("포장값", "800").fill("택배 회사에 내는 돈", "3천 300").press("얼마 남나 보기")

    assert phone.sees("통장에 들어오는 돈 31,447원")
    assert phone.page.locator("#result .stat__value").inner_text() == "12,134원"
