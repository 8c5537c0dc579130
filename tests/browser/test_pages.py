"""Every plain page, in the demo world: readable by all, never too wide, light, and reached by keys."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import product

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Response, expect
from sqlalchemy import select

from portal.accounts.models import User
from portal.certification import qualifications
from portal.certification.models import Certificate
from portal.certification.qualifications import Qualifications
from portal.core import clock, db
from portal.demo import world
from tests.browser.conftest import PHONE, Eye, Portal, new_context

pytestmark = pytest.mark.browser

TEXT_SIZES = ("2", "5")
CONTRASTS = ("normal", "high")
WIDTHS = (360, 1280)
#: What axe looks at a second time: colours depend on the contrast, and small letters are held to more. How
#: wide the page is, and its targets, is measured in every width, size and contrast.
IN_HIGH_CONTRAST = ("color-contrast",)
LEAST_TARGET_PX = 24
"""Target size (minimum), WCAG 2.2, without the exceptions it has for smaller ones."""
LIGHT_BYTES = 100_000
"""Counted before compression, pictures apart."""

NOBODY, LEARNER, MENTOR, TRAINER, OPERATOR = "nobody", "learner", "mentor", "trainer", "operator"
OWNER = "owner"
"""A shop owner who has planned a broadcast."""
EXPERT = "expert"
"""A mentor who answers what other mentors find too hard."""
READER = "reader"
"""Nobody, reading English."""
EXAMINED = "examined"
"""Somebody who sat a written exam and asks to look at it again."""
CANDIDATE = "candidate"
"""Somebody on the way to a qualification."""
SITTER = "sitter"
"""Somebody in the middle of an exam."""
MATCHED, UNHELPED = "matched", "unhelped"
"""Shop owners: one whose mentor is being asked, one who has not asked."""
HOLDER = "holder"
"""A mentor whose qualification ends soon."""
NAMES = {
    HOLDER: "강미자",
    MATCHED: "차광식",
    UNHELPED: "조영수",
    EXAMINED: "유태식",
    LEARNER: "김순자",
    OWNER: "남궁영희",
    CANDIDATE: "최은영",
    MENTOR: "박정호",
    EXPERT: "조혜진",
    SITTER: "권인숙",
    TRAINER: "이수민",
    OPERATOR: "정하늘",
}
PAGES = [
    (NOBODY, "/"),
    (NOBODY, "/courses/"),
    (NOBODY, "/courses/first-sale/"),
    (NOBODY, "/community/"),
    (NOBODY, "/mentoring/"),
    (NOBODY, "/certification/"),
    (NOBODY, "/account/sign-in"),
    (NOBODY, "/account/sign-up"),
    (NOBODY, "/v/"),
    (NOBODY, "/v/file"),
    (NOBODY, "/v/list"),
    (NOBODY, "/v/{code}"),
    (NOBODY, "/certification/timeline"),
    (NOBODY, "/certification/designer-2/holders"),
    (NOBODY, "/c/"),
    (NOBODY, "/tour/1"),
    (NOBODY, "/tour/2?sent=1&answer=lamp"),
    (NOBODY, "/tour/3"),
    (NOBODY, "/search?q=정산이"),
    (NOBODY, "/search?q=wjdtks"),
    (LEARNER, "/search?q=정산&group=lessons"),
    (NOBODY, "/calculators/"),
    (NOBODY, "/calculators/settlement/?channel=coupang&price=30000&shipping=3000&cost=14000"),
    (NOBODY, "/calculators/paydays/?way=coupang-week&day_1=2026-11-24&won_1=29403&cost_won=50000"),
    (NOBODY, "/calculators/price/?cost=14000&wanted=20"),
    (NOBODY, "/calculators/simplified-vat/?sales=60000000&cards=40000000"),
    (LEARNER, "/"),
    (LEARNER, "/courses/first-sale/"),
    (NOBODY, "/courses/phone-first-steps/take-photos/?step=steady"),
    (LEARNER, "/courses/first-sale/settlement/"),
    (LEARNER, "/courses/first-sale/settlement/handout"),
    (LEARNER, "/courses/first-sale/settlement/money/note"),
    (LEARNER, "/courses/first-sale/notes"),
    (LEARNER, "/courses/tell-my-shop/answer-reviews/?step=practice-late"),
    (LEARNER, "/replies/"),
    (OWNER, "/courses/live-commerce/cue-sheet/?step=practice-cue"),
    (OWNER, "/courses/live-commerce/cue-sheet/practice-cue/rehearse"),
    (OWNER, "/rehearsals/4/"),
    (LEARNER, "/community/"),
    (LEARNER, "/community/questions/1/"),
    (LEARNER, "/community/report/post/1"),
    (LEARNER, "/community/ask"),
    (NOBODY, "/community/questions/"),
    (NOBODY, "/community/talk/"),
    (NOBODY, "/community/promotion/"),
    (NOBODY, "/community/stories/"),
    (NOBODY, "/community/stories/mentor"),
    (LEARNER, "/community/talk/new"),
    (LEARNER, "/community/stories/new"),
    (LEARNER, "/community/join"),
    (LEARNER, "/community/groups/1/"),
    (LEARNER, "/mentoring/"),
    (LEARNER, "/mentoring/engagements/5/plan"),
    (LEARNER, "/mentoring/mentors/"),
    (LEARNER, "/mentoring/engagements/5/"),
    (LEARNER, "/mentoring/engagements/5/agreement"),
    (LEARNER, "/mentoring/engagements/5/another"),
    (LEARNER, "/mentoring/engagements/5/pause"),
    (LEARNER, "/mentoring/visits/11/agenda"),
    (MATCHED, "/mentoring/"),
    (MATCHED, "/mentoring/why"),
    (MATCHED, "/mentoring/why?mentor=7"),
    (UNHELPED, "/mentoring/needs/new?mentor=3"),
    (LEARNER, "/mentoring/circles/"),
    (LEARNER, "/mentoring/circles/join"),
    (LEARNER, "/mentoring/circles/1/"),
    (LEARNER, "/certification/"),
    (LEARNER, "/certification/name"),
    (HOLDER, "/certification/"),
    (HOLDER, "/certification/certificates/{code}/"),
    (HOLDER, "/certification/certificates/{code}/correct"),
    (HOLDER, "/certification/certificates/{code}/renew"),
    (HOLDER, "/certification/certificates/{code}/visibility"),
    (NOBODY, "/certification/designer-1/"),
    (NOBODY, "/certification/designer-2/"),
    (CANDIDATE, "/"),
    (CANDIDATE, "/certification/"),
    (CANDIDATE, "/certification/candidates/13/"),
    (CANDIDATE, "/certification/candidates/13/entries"),
    (CANDIDATE, "/certification/candidates/13/leave"),
    (CANDIDATE, "/certification/candidates/13/appeal/log"),
    (CANDIDATE, "/certification/candidates/13/log"),
    (CANDIDATE, "/certification/candidates/13/log/new"),
    (TRAINER, "/certification/candidates/4/"),
    (TRAINER, "/desk/candidates/"),
    (TRAINER, "/desk/training-logs/"),
    (MENTOR, "/desk/training-logs/6"),
    (OPERATOR, "/certification/candidates/13/decide/course"),
    (OPERATOR, "/certification/candidates/13/move"),
    (OPERATOR, "/desk/certification-appeals/"),
    (OPERATOR, "/desk/certification-appeals/2"),
    (NOBODY, "/diagnosis/"),
    (LEARNER, "/diagnosis/"),
    (LEARNER, "/diagnosis/2/"),
    (LEARNER, "/messages/"),
    (LEARNER, "/messages/settings"),
    (LEARNER, "/account/"),
    (MENTOR, "/"),
    (MENTOR, "/mentoring/"),
    (MENTOR, "/mentoring/me/hours"),
    (MENTOR, "/mentoring/calendar/"),
    (MENTOR, "/mentoring/offers/3/"),
    (MENTOR, "/mentoring/offers/3/decline"),
    (MENTOR, "/mentoring/me/"),
    (MENTOR, "/mentoring/me/goodbye"),
    (MENTOR, "/mentoring/engagements/4/"),
    (MENTOR, "/mentoring/engagements/5/agreement/write"),
    (MENTOR, "/mentoring/visits/10/log"),
    (MENTOR, "/mentoring/visits/11/agenda/choose"),
    (MENTOR, "/mentoring/me/profile"),
    (MENTOR, "/mentoring/engagements/4/specialist"),
    (MENTOR, "/mentoring/me/impact/"),
    (MENTOR, "/mentoring/me/impact/visits"),
    (MENTOR, "/mentoring/me/statements/"),
    (EXPERT, "/mentoring/referrals/"),
    (EXPERT, "/mentoring/referrals/2/"),
    (MENTOR, "/courses/mentor-track/"),
    (MENTOR, "/courses/mentor-track/hand-on/?step=which"),
    (MENTOR, "/mentoring/circles/new"),
    (MENTOR, "/mentoring/circles/1/"),
    (MENTOR, "/mentoring/circles/1/poster"),
    (MENTOR, "/mentoring/circles/1/meetings/new"),
    (MENTOR, "/community/waiting"),
    (MENTOR, "/community/rest"),
    (TRAINER, "/"),
    (TRAINER, "/courses/first-sale/settlement/handout"),
    (TRAINER, "/desk/"),
    (TRAINER, "/desk/work/learning"),
    (TRAINER, "/desk/work/certificates"),
    (TRAINER, "/desk/work/exams"),
    (OPERATOR, "/desk/work/questions"),
    (OPERATOR, "/desk/work/mentoring"),
    (TRAINER, "/desk/facts"),
    (TRAINER, "/certification/requests/"),
    (TRAINER, "/certification/requests/2/"),
    (TRAINER, "/certification/reprint"),
    (TRAINER, "/certification/certificates/{code}/"),
    (TRAINER, "/certification/certificates/{code}/reprint"),
    (TRAINER, "/desk/batches/new"),
    (TRAINER, "/desk/replies/"),
    (TRAINER, "/desk/replies/3"),
    (TRAINER, "/replies/phrases/1/remove"),
    (TRAINER, "/desk/rehearsals/"),
    (TRAINER, "/desk/rehearsals/6"),
    (TRAINER, "/desk/review/"),
    (TRAINER, "/desk/review/1"),
    (TRAINER, "/desk/texts/thread/1"),
    (TRAINER, "/desk/texts/thread/1/move"),
    (TRAINER, "/desk/texts/thread/1/split"),
    (TRAINER, "/desk/facts/law.withdrawal_fresh"),
    (TRAINER, "/desk/answers/1"),
    (LEARNER, "/courses/first-sale/first-order/?step=return"),
    (OPERATOR, "/"),
    (OPERATOR, "/desk/"),
    (OPERATOR, "/desk/jobs"),
    (OPERATOR, "/desk/batches/"),
    (OPERATOR, "/desk/batches/1/"),
    (OPERATOR, "/desk/batches/2/"),
    (OPERATOR, "/desk/designs/"),
    (OPERATOR, "/desk/designs/completion/new"),
    (OPERATOR, "/desk/designs/drafts/1/"),
    (OPERATOR, "/community/promises/"),
    (OPERATOR, "/community/promises/answered"),
    (OPERATOR, "/desk/matching/"),
    (OPERATOR, "/desk/matching/runs/2/"),
    (OPERATOR, "/desk/matching/runs/2/?tab=new"),
    (OPERATOR, "/desk/matching/runs/1/pairs/1?name=정"),
    (OPERATOR, "/desk/matching/runs/2/discard"),
    (OPERATOR, "/desk/matching/weights"),
    (OPERATOR, "/desk/matching/locks"),
    (OPERATOR, "/desk/matching/conflicts"),
    (OPERATOR, "/desk/associations/"),
    (OPERATOR, "/desk/stories/"),
    (OPERATOR, "/mentoring/circles/"),
    (OPERATOR, "/desk/appeals/"),
    (OPERATOR, "/desk/appeals/1"),
    (OPERATOR, "/desk/referrals/"),
    (OPERATOR, "/desk/specialists/"),
    (OPERATOR, "/desk/specialists/3"),
    (SITTER, "/certification/exams/"),
    (SITTER, "/certification/exams/3/"),
    (SITTER, "/certification/exams/3/attempt/?q=3"),
    (SITTER, "/certification/exams/3/attempt/review"),
    (TRAINER, "/desk/exams/"),
    (TRAINER, "/desk/exams/new"),
    (TRAINER, "/desk/exams/2/"),
    (TRAINER, "/desk/exams/2/allowances"),
    (TRAINER, "/desk/exams/2/room"),
    (TRAINER, "/desk/exams/3/room/12/"),
    (TRAINER, "/desk/bank/"),
    (TRAINER, "/desk/bank/designer-2/"),
    (TRAINER, "/desk/bank/designer-2/items/settlement-010/"),
    (TRAINER, "/desk/bank/designer-2/import"),
    (OPERATOR, "/desk/style"),
    (TRAINER, "/desk/marking/"),
    (TRAINER, "/desk/marking/5/"),
    (OPERATOR, "/desk/markers/"),
    (OPERATOR, "/desk/markers/1"),
    (OPERATOR, "/desk/markers/2"),
    (OPERATOR, "/desk/exams/2/results"),
    (OPERATOR, "/desk/exams/1/regrade"),
    (OPERATOR, "/desk/regrades/1/"),
    (OPERATOR, "/desk/exams/items"),
    (OPERATOR, "/desk/exam-appeals/"),
    (OPERATOR, "/desk/exam-appeals/1"),
    (OPERATOR, "/desk/exams/3/paper"),
    (OPERATOR, "/desk/exams/papers/4/print"),
    (EXAMINED, "/certification/exams/attempts/3/"),
    (READER, "/courses/"),
    (READER, "/courses/tell-my-shop/"),
    (READER, "/courses/phone-first-steps/take-photos/?step=steady"),
    (READER, "/courses/tell-my-shop/pay-and-onnuri/?step=fees"),
    (READER, "/account/sign-up"),
    (READER, "/community/"),
]
MAIN_BUTTONS = [
    (SITTER, "/certification/exams/3/attempt/?q=3", "다음"),
    (NOBODY, "/", "시작하기"),
    (NOBODY, "/account/sign-in", "숫자 받기"),
    (NOBODY, "/v/", "확인하기"),
    (NOBODY, "/tour/1", "다음"),
    (NOBODY, "/tour/2", "다음"),
    (NOBODY, "/tour/3", "이제 시작하기"),
    (LEARNER, "/", "이어서 하기"),
    (HOLDER, "/certification/certificates/{code}/renew", "보수교육 하러 가기"),
    (LEARNER, "/community/", "질문하기"),
    (MENTOR, "/", "다음 질문 답하기"),
    (MENTOR, "/community/rest", "쉬는 날 적기"),
    (TRAINER, "/", "발급 제안하기"),
]
MOST_TABS = 12
"""Presses from the skip link to the main button; more would tire anybody."""

OpenPage = Callable[[str], Page]


def load_demo(portal: Portal) -> Qualifications:
    """Load the demo world with its registered qualification; return the qualifications there were."""
    folder = portal.app.extensions["portal_settings"].content_dir
    taught: Qualifications = portal.app.extensions["portal_qualifications"]
    portal.app.extensions["portal_qualifications"] = qualifications.load(folder, is_demo=True)
    with portal.transaction() as session:
        world.load(session, folder / "demo", now=clock.now())
        for row in session.scalars(select(Certificate).where(Certificate.due_at.is_not(None))):
            # Pages show that there is a document, not the document.
            row.document_key = row.pdf_sha256 = row.code
            row.rendered_at, row.due_at = row.issued_at, None
        session.flush()
        world.load_later(session, folder / "demo", now=clock.now())
    return taught


@pytest.fixture(scope="module")
def open_page(portal: Portal, chromium: Browser) -> Iterator[OpenPage]:
    """Return a function that gives somebody's browser in the demo world, the same each time."""
    pages: dict[str, Page] = {}
    taught = load_demo(portal)

    def open_page(who: str) -> Page:
        if who not in pages:
            context = new_context(chromium, portal.url)
            pages[who] = context.new_page()
            if who == READER:
                pages[who].goto("/courses/")
                pages[who].get_by_role("button", name="English").click()
                pages[who].get_by_role("heading", name="Learn").wait_for()
            elif who != NOBODY:
                with portal.transaction() as session:
                    user = session.scalars(select(User).where(User.name == NAMES[who])).one()
                portal.let_in(context, user)
        return pages[who]

    yield open_page
    portal.app.extensions["portal_qualifications"] = taught
    for page in pages.values():
        page.context.close()


def with_code(portal: Portal, path: str) -> str:
    """Return a path with the code of the certificate of whoever's qualification ends soon."""
    if "{code}" not in path:
        return path
    held = select(Certificate.code).where(Certificate.holder_name == NAMES[HOLDER])
    with portal.app.app_context():
        return path.format(code=db.session().scalars(held).one())


def widen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": PHONE["height"]})


def change_looks(page: Page, *, text_size: str, contrast: str) -> None:
    """Show the page as the view settings would."""
    page.evaluate(
        "([size, contrast]) => Object.assign(document.documentElement.dataset, { text: size, contrast })",
        [text_size, contrast],
    )


def in_looks(content: str, *, text_size: str, contrast: str) -> str:
    """Return a page's content as it would be sent with these view settings."""
    sized = re.sub(r'data-text="\d"', f'data-text="{text_size}"', content, count=1)
    return re.sub(r'data-contrast="\w+"', f'data-contrast="{contrast}"', sized, count=1)


def find_faults_of_size(page: Page, looks: Iterable[tuple[str, str]]) -> list[str]:
    """Return where, by size and contrast, the page is wider than its window or a target too small or covered.

    A target is what can be pressed. All in one visit.
    """
    found: list[str] = page.evaluate(
        """([looks, least]) => looks.flatMap(([text, contrast]) => {
            const root = document.documentElement, faults = [];
            Object.assign(root.dataset, { text, contrast });
            if (root.scrollWidth > root.clientWidth) faults.push("too wide");
            const pressed = "a[href], button, input:not([type=hidden]), select, textarea, summary";
            const targets = [...document.querySelectorAll(pressed)]
                .map((target) => [target, target.getBoundingClientRect()])
                .filter(([target, box]) => target.checkVisibility() && box.width && box.height);
            targets.forEach(([target, box], at) => {
                if (Math.min(box.width, box.height) < least) faults.push(`too small: ${target.outerHTML}`);
                for (const [other, next] of targets.slice(at + 1)) {
                    const wide = Math.min(box.right, next.right) - Math.max(box.left, next.left);
                    const high = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
                    if (wide > 1 && high > 1 && !target.contains(other))
                        faults.push(`covered: ${target.outerHTML} ${other.outerHTML}`);
                }
            });
            return faults.map((fault) => `${text} ${contrast} ${fault}`);
        })""",
        [list(looks), LEAST_TARGET_PX],
    )
    return found


def weigh(responses: list[Response]) -> int:
    """Return the bytes of what came that is no picture."""
    return sum(
        len(response.body())
        for response in responses
        if not response.headers.get("content-type", "").startswith("image/")
    )


@contextmanager
def listening(page: Page) -> Iterator[tuple[list[str], list[Response]]]:
    """Give the errors a page writes and what it loads, as they come."""
    errors: list[str] = []
    responses: list[Response] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    def fail(error: Error) -> None:
        errors.append(str(error))

    def take(response: Response) -> None:
        responses.append(response)

    page.on("console", note)
    page.on("pageerror", fail)
    page.on("response", take)
    yield errors, responses
    page.remove_listener("console", note)
    page.remove_listener("pageerror", fail)
    page.remove_listener("response", take)


@pytest.mark.parametrize(("who", "path"), PAGES, ids=[f"{who} {path}" for who, path in PAGES])
def test_a_page_is_readable_narrow_enough_and_light(
    portal: Portal, open_page: OpenPage, eye: Eye, who: str, path: str
) -> None:
    page, path = open_page(who), with_code(portal, path)
    with listening(page) as (errors, responses):
        answer = page.goto(path, wait_until="load")

        assert answer is not None
        assert answer.status == 200
        assert weigh(responses) < LIGHT_BYTES
    assert errors == []

    content = page.content()
    copy = eye.copy(page, content)
    for width in reversed(WIDTHS):
        widen(copy, width)
        assert find_faults_of_size(copy, product(TEXT_SIZES, CONTRASTS)) == [], f"{width} px"
    for contrast, rules in (("normal", ()), ("high", IN_HIGH_CONTRAST)):
        change_looks(copy, text_size="2", contrast=contrast)
        shown = in_looks(content, text_size="2", contrast=contrast)
        assert eye.examine(copy, page.url, shown, rules=rules) == [], contrast


@pytest.mark.parametrize(
    ("who", "path", "name"), MAIN_BUTTONS, ids=[f"{who} {path}" for who, path, _ in MAIN_BUTTONS]
)
def test_keys_reach_the_skip_link_first_and_then_the_main_button(
    portal: Portal, open_page: OpenPage, who: str, path: str, name: str
) -> None:
    page = open_page(who)
    page.goto(with_code(portal, path))

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="본문으로 바로 가기")).to_be_focused()
    page.keyboard.press("Enter")

    reached: list[str] = []
    while name not in reached and len(reached) < MOST_TABS:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.innerText.trim()"))
    assert name in reached
    assert page.evaluate("() => document.activeElement.closest('main') !== null")
