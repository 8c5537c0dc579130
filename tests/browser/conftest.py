"""A live portal, a phone-sized Chromium with scripts on and off, and an eye on every page it passes."""

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Error,
    Locator,
    Page,
    Playwright,
    ViewportSize,
    sync_playwright,
)
from rq import SimpleWorker
from rq.timeouts import TimerDeathPenalty
from sqlalchemy.orm import Session
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from portal.accounts.models import User
from portal.accounts.operations import open_sign_in
from portal.certification import keys
from portal.core import clock, db, queue
from portal.core.db import Base
from portal.courses import catalogue
from portal.courses import operations as courses
from portal.courses.catalogue import Place
from tests.conftest import BurstWorker, make_app, make_settings
from tests.servers import find_chromium

COURSE = "first-sale"
PHONE: ViewportSize = {"width": 360, "height": 740}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Contrast is measured once, against AAA: axe's own second rule for that leaves out what fails AA already, so
#: both had to run, and each costs a third of a look. The other options are those of that rule.
AXE_CHECKS = {
    "color-contrast": {
        "options": {
            "ignoreUnicode": True,
            "ignoreLength": False,
            "ignorePseudo": False,
            "boldValue": 700,
            "boldTextPt": 14,
            "largeTextPt": 18,
            "contrastRatio": {"normal": {"expected": 7}, "large": {"expected": 4.5}},
            "pseudoSizeThreshold": 0.25,
            "shadowOutlineEmMax": 0.1,
            "textStrokeEmMin": 0.03,
        }
    }
}
#: What tells one page from another for axe: its elements, how they look and what they are. Not its words.
PARTS = re.compile(r"""<[a-z]\w*|\s(?:class|role|type|aria-[a-z]+|data-[a-z]+)="[^"]*\"""")
HEADING = re.compile(r"<h[1-6]")
#: What a page is for, and what stands around it on every page.
MAIN, AROUND = "main", "body > :not(main)"
#: The number of a row in an address, an id or data: the page of another row is the same page to axe.
ROW_NUMBER = re.compile(r"""(?<=[-/])\d+|(?<=")\d+(?=")""")
#: Writes a page over another. What was brought into that one, axe, stays.
SHOW = """(content) => new Promise((shown) => {
    document.open();
    document.write(content);
    document.close();
    if (document.readyState === 'complete') shown();
    else window.addEventListener('load', () => shown(), { once: true });
})"""
NO_BROWSER = "No Chromium: run `sudo apt-get install -y chromium`, or set PORTAL_CHROMIUM=/path/to/chrome."


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Give Playwright until the last browser test: its event loop would keep others' from running."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = find_chromium(playwright.chromium.executable_path)
    if path is None:
        if os.environ.get("PORTAL_REQUIRE_BROWSER") == "1":
            pytest.fail(NO_BROWSER, pytrace=False)
        pytest.skip(NO_BROWSER)
    flags = ["--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none"]
    if os.geteuid() == 0:  # Chromium refuses its sandbox to root, as in a container
        flags.append("--no-sandbox")
    browser = playwright.chromium.launch(executable_path=str(path), args=flags)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator["Portal"]:
    """Serve an empty portal on a port of its own."""
    folder = tmp_path_factory.mktemp("portal")
    server = make_server("127.0.0.1", 0, Flask("waiting"), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    settings = make_settings(
        folder, database_url=f"sqlite:///{folder}/portal.db", redis_url=redis_url, public_url=url
    )
    keys.make(settings.signing_key_dir)
    app = make_app(settings)
    Base.metadata.create_all(app.extensions["portal_db"].engine)
    server.app = sent_whole(app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Portal(app, url)
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["portal_db"].engine.dispose()
    app.extensions["portal_redis"].flushall()
    app.extensions["portal_redis"].close()


def sent_whole(app: Flask) -> Callable[[dict[str, Any], Any], list[bytes]]:
    """Hand out each answer as a whole: a file is closed before a browser can go away in the middle of it.

    Werkzeug's server would leave it open then, and whatever test runs at that moment would fail.
    """

    def serve(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        with closing(ClosingIterator(app(environ, start_response))) as parts:
            return [b"".join(parts)]

    return serve


class BesideWorker(BurstWorker):
    """Runs each job in a thread beside: the test's own thread holds the browser's event loop."""

    death_penalty_class = TimerDeathPenalty

    def perform_job(self, job: Any, queue: Any, execution: Any) -> bool:
        with ThreadPoolExecutor(1) as beside:
            return beside.submit(super().perform_job, job, queue, execution).result()


class Portal:
    """The portal under test."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app = app
        self.url = url

    def newest_code(self) -> str:
        """Return the six digits of the newest message that left the house."""
        folder: Path = self.app.extensions["portal_settings"].data_dir / "outbox"
        newest = max(folder.glob("*.txt"), key=lambda path: path.stat().st_mtime_ns)
        found = re.search(r"숫자 (\d{6})", newest.read_text(encoding="utf-8"))
        assert found
        return found.group(1)

    def run_jobs(self) -> None:
        """Run what is queued, as the worker would; a job's exception fails the test."""
        errors: list[Any] = []
        with self.app.app_context():
            worker = BesideWorker(
                [queue.rq_queue()],
                connection=queue.redis(),
                serializer="json",
                exception_handlers=[lambda _job, _kind, error, _trace: errors.append(error)],
            )
            assert isinstance(worker, SimpleWorker)
            worker.app = self.app
            worker.work(burst=True, logging_level="CRITICAL")
        assert errors == []

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Arrange rows, as another process would."""
        with self.app.app_context(), db.transaction() as session:
            yield session

    def place(self, lesson_id: str, step_id: str) -> Place:
        """Return a step of the first course."""
        with self.app.app_context():
            return catalogue.current().place(COURSE, lesson_id, step_id)

    def let_in(self, context: BrowserContext, user: User) -> None:
        """Make ``context`` a browser somebody came in with earlier."""
        with self.transaction() as session:
            token = open_sign_in(session, user, device="a test's phone", now=clock.now())
        interface = self.app.session_interface
        assert isinstance(interface, SecureCookieSessionInterface)
        serializer = interface.get_signing_serializer(self.app)
        assert serializer is not None
        kept = {"sign_in": token, "_user_id": str(user.id), "_permanent": True}
        name, value = self.app.config["SESSION_COOKIE_NAME"], str(serializer.dumps(kept))
        context.add_cookies([{"name": name, "value": value, "url": self.url}])


def complete_steps(session: Session, learner: User, places: Iterable[Place]) -> None:
    """Complete steps as a learner would who answers everything right at once."""
    now = clock.now()
    for place in places:
        if place.step.practice is None:
            courses.complete_reading(session, learner, place, now=now)
        else:
            right = place.step.practice.reference_answer(courses.seed_of(learner, place, 1))
            courses.answer(session, learner, place, number=1, answer=right, now=now)


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


OpenPhone = Callable[..., "Phone"]
"""Opens a fresh phone-sized browser; with a person, one the person came in with earlier.

It has scripts or not as the test has, unless it is told otherwise."""


@pytest.fixture
def open_phone(chromium: Browser, portal: Portal, scripts: bool, eye: "Eye") -> Iterator[OpenPhone]:
    """Return a function that opens a phone."""
    contexts: list[BrowserContext] = []

    def open_phone(user: User | None = None, *, scripts: bool = scripts) -> Phone:
        contexts.append(new_context(chromium, portal.url, scripts=scripts))
        if user is not None:
            portal.let_in(contexts[-1], user)
        return Phone(contexts[-1].new_page(), eye)

    yield open_phone
    for context in contexts:
        context.close()


def new_context(
    chromium: Browser, url: str | None, *, scripts: bool = True, timezone: str = "Asia/Seoul"
) -> BrowserContext:
    context = chromium.new_context(
        base_url=url,
        viewport=PHONE,
        java_script_enabled=scripts,
        locale="ko-KR",
        timezone_id=timezone,
        service_workers="block",
        reduced_motion="reduce",  # axe must not meet a colour half way to another
    )
    context.set_default_timeout(60_000)
    return context


@pytest.fixture(scope="package")
def axe_source() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="package")
def eye(chromium: Browser, axe_source: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Eye"]:
    own = tmp_path_factory.getbasetemp()
    seen = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "pages-axe-has-seen"
    seen.mkdir(exist_ok=True)
    cdp = chromium.new_browser_cdp_session()
    others = cdp.send("Target.getBrowserContexts")["browserContextIds"]
    context = new_context(chromium, None)
    (own_id,) = set(cdp.send("Target.getBrowserContexts")["browserContextIds"]) - set(others)
    yield Eye(open_unpainted(context, cdp, own_id), axe_source, seen)
    context.close()


def open_unpainted(context: BrowserContext, cdp: CDPSession, context_id: str) -> Page:
    """Open a page that is laid out and never painted, where the browser can do that: nobody sees a copy."""
    wanted = {"url": "about:blank", "browserContextId": context_id, "enableBeginFrameControl": True}
    try:
        with context.expect_page() as opened:
            cdp.send("Target.createTarget", wanted)
    except Error:  # only Chromium's headless shell can
        return context.new_page()
    return opened.value


def parts_of(content: str) -> set[str]:
    """Return what two pieces of pages share that axe need not both see: one row's or another's, ten or three.

    Of headings, which follows which.
    """
    parts = {
        part if part.startswith(" class") else ROW_NUMBER.sub("0", part) for part in PARTS.findall(content)
    }
    return parts | {f"{one} {next_one}" for one, next_one in pairwise(HEADING.findall(content))}


class Eye:
    """Looks for accessibility faults: at everything a page has that was not seen before at its address.

    It looks at a copy, in a page of its own that stays: axe cannot run where scripts are off, and to bring it
    into each new page costs more than most of its rules. What stands around every page is half of it, and is
    left out once it was seen. All workers of one run share what was seen, as empty files in a folder.
    """

    def __init__(self, page: Page, axe_source: str, seen: Path) -> None:
        self.page = page
        self.axe_source = axe_source
        self.seen = seen
        self.origin = ""
        page.route("**/*.js*", lambda route: route.abort())

    def look(self, page: Page) -> list[str]:
        """Return the faults of what a page shows for the first time."""
        content = page.content()
        if not any(self.unseen(page.url, content).values()):
            return []
        return self.examine(self.copy(page, content), page.url, content)

    def examine(self, copy: Page, address: str, content: str, *, rules: Iterable[str] = ()) -> list[str]:
        """Return the faults of a copy by all of axe's rules, or by ``rules``; without any it was seen."""
        unseen = self.unseen(address, content)
        leaving_out = () if unseen[AROUND] else (AROUND,)
        found = run_axe(copy, self.axe_source, rules=rules, leaving_out=leaving_out)
        if not found:
            for part in (*unseen[MAIN], *unseen[AROUND]):
                part.touch()
        return found

    def unseen(self, address: str, content: str) -> dict[str, list[Path]]:
        """Return, of a page and of what stands around it, the files of the parts that were not seen yet.

        Both are seen anew in each size and contrast, which the page's first tag names.
        """
        before, opening, rest = content.partition("<main")
        inside, _, after = rest.partition("</main>")
        looks, path = before.partition("<head")[0], ROW_NUMBER.sub("0", urlsplit(address).path)
        pieces = {MAIN: (path, looks + inside), AROUND: ("", before + after)}
        if not opening:
            pieces = {MAIN: (path, content), AROUND: ("", "")}
        files = {
            piece: [self.seen / _digest(place, *sorted(parts_of(looks)), part) for part in parts_of(text)]
            for piece, (place, text) in pieces.items()
        }
        return {piece: [part for part in parts if not part.exists()] for piece, parts in files.items()}

    def copy(self, page: Page, content: str) -> Page:
        """Show what ``page`` shows, with its cookies and in its size, and return the page that shows it."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        if origin != self.origin:
            self.page.goto(f"{origin}/healthz")
            self.origin = origin
        self.page.context.clear_cookies()
        self.page.context.add_cookies(
            [{"name": each["name"], "value": each["value"], "url": origin} for each in page.context.cookies()]
        )
        if self.page.viewport_size != page.viewport_size:
            assert page.viewport_size is not None
            self.page.set_viewport_size(page.viewport_size)
        self.page.evaluate(SHOW, content)
        return self.page


def _digest(*names: str) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def run_axe(
    page: Page, axe_source: str, *, rules: Iterable[str] = (), leaving_out: Iterable[str] = ()
) -> list[str]:
    """Return what axe finds by all its rules, or by ``rules`` only, without what ``leaving_out`` selects."""
    named = list(rules)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe_source)
    result: dict[str, Any] = page.evaluate(
        """([left_out, options]) => axe.run({ exclude: left_out }, options)""",
        [
            [[selector] for selector in leaving_out],
            {
                "resultTypes": ["violations"],
                "runOnly": {"type": "rule", "values": named}
                if named
                else {"type": "tag", "values": AXE_TAGS},
                "checks": AXE_CHECKS,
                "preload": {"assets": ["media"]},  # no rule of ours asks what the style sheets say
            },
        ],
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def measure_overflow(page: Page) -> int:
    """Return by how many px a page is wider than its window."""
    return int(
        page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


class Phone:
    """A page that is looked at after every step: axe, nothing cut, no error in its console."""

    def __init__(self, page: Page, eye: Eye) -> None:
        self.page = page
        self.eye = eye
        self.errors: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        # Chromium writes each refused form (422) and busy answer (503) to the console by itself.
        if kind == "error" and "Failed to load resource" not in text:
            self.errors.append(text)

    def go(self, path: str) -> "Phone":
        """Open an address and look at the page."""
        self.page.goto(path)
        return self.look()

    def find(self, name: str, *, exact: bool = True, inside: str = "main", beside: str = "") -> Locator:
        """Return the buttons and links with this name, in a row that shows ``beside`` if given."""
        part = self.page.get_by_role(inside)  # type: ignore[arg-type] # "main" or "banner"
        if beside:
            part = part.get_by_role("listitem").filter(has_text=beside)
        return part.get_by_role("button", name=name, exact=exact).or_(
            part.get_by_role("link", name=name, exact=exact)
        )

    def press(self, name: str, *, exact: bool = True, inside: str = "main", beside: str = "") -> "Phone":
        """Press the button or link with this name and look at the page that follows."""
        self.find(name, exact=exact, inside=inside, beside=beside).first.click()
        return self.look()

    def open_place(self, name: str) -> "Phone":
        """Press one of the places at the top."""
        return self.press(name, inside="banner")

    def open_newest_notice(self, sentence: str) -> "Phone":
        """Open the notices, read that the newest says so, and go where it leads."""
        self.press("알림", exact=False, inside="banner")
        newest = self.page.get_by_role("main").get_by_role("listitem").first
        assert sentence in re.sub(r"\s+", " ", newest.inner_text().replace("\u2060", ""))
        return self.press("보러 가기")

    def fill(self, label: str, text: str, *, exact: bool = False) -> "Phone":
        """Write into the field with this label."""
        self.page.get_by_label(label, exact=exact).first.fill(text)
        return self

    def choose(self, words: str, *, exact: bool = False) -> "Phone":
        """Press the radio or tick with these words."""
        self.page.get_by_label(words, exact=exact).first.check()
        return self

    def select(self, label: str, words: str) -> "Phone":
        """Choose these words from the list with this label."""
        self.page.get_by_label(label, exact=True).select_option(label=words)
        return self

    def holds(self, label: str) -> str:
        """Return what the field with this label holds."""
        return self.page.get_by_label(label, exact=True).input_value()

    @property
    def heading(self) -> str:
        """Return the page's main heading."""
        return self.page.get_by_role("heading", level=1).inner_text()

    def sees(self, words: str) -> bool:
        """Tell whether the page shows these words."""
        shown = (
            self.page.locator("body").inner_text().replace("\u2060", "")
        )  # the joiner that keeps a date whole
        return words in re.sub(r"\s+", " ", shown)

    def look(self) -> "Phone":
        """Fail if the page has an accessibility fault, is wider than the phone, or wrote an error."""
        self.page.wait_for_load_state("load")  # half a page has no end to look at
        found = self.eye.look(self.page)
        assert found == [], f"{self.page.url}: {found}"
        too_wide = measure_overflow(self.page)
        assert too_wide <= 0, f"{self.page.url} is {too_wide} px too wide"
        assert self.errors == []
        return self
