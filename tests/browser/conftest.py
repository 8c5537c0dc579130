"""A live portal, a phone-sized Chromium with scripts on and off, and an eye on every page it passes."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from rq import SimpleWorker
from werkzeug.serving import make_server

from portal.core import queue
from portal.core.db import Base
from tests.conftest import BurstWorker, make_app, make_settings
from tests.servers import find_chromium

PHONE = {"width": 360, "height": 740}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_AAA_CONTRAST = "color-contrast-enhanced"
NO_BROWSER = "No Chromium: run `sudo apt-get install -y chromium`, or set PORTAL_CHROMIUM=/path/to/chrome."


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
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
    app = make_app(settings)
    Base.metadata.create_all(app.extensions["portal_db"].engine)
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Portal(app, url)
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["portal_db"].engine.dispose()
    app.extensions["portal_redis"].flushall()
    app.extensions["portal_redis"].close()


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
        """Run what is queued, as the worker would."""
        with self.app.app_context():
            worker = BurstWorker([queue.rq_queue()], connection=queue.redis(), serializer="json")
            assert isinstance(worker, SimpleWorker)
            worker.app = self.app
            worker.work(burst=True, logging_level="CRITICAL")


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def open_phone(
    chromium: Browser, portal: Portal, scripts: bool, axe_source: str
) -> Iterator[Callable[[], "Phone"]]:
    """Return a function that opens a fresh phone-sized browser."""
    contexts: list[BrowserContext] = []

    def open_page(*, scripts: bool) -> Page:
        context = chromium.new_context(
            base_url=portal.url,
            viewport=PHONE,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            locale="ko-KR",
            timezone_id="Asia/Seoul",
            service_workers="block",
        )
        contexts.append(context)
        return context.new_page()

    def open_phone() -> Phone:
        page = open_page(scripts=scripts)
        return Phone(page, axe_source, eye=page if scripts else open_page(scripts=True))

    yield open_phone
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


class Phone:
    """A page that is looked at after every step: axe, nothing cut, no error in its console."""

    def __init__(self, page: Page, axe_source: str, *, eye: Page) -> None:
        self.page = page
        self.axe_source = axe_source
        #: The page axe runs in. Axe cannot run where scripts are off, so then it is shown a copy elsewhere.
        self.eye = eye
        self.errors: list[str] = []
        page.set_default_timeout(15_000)
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

    def press(self, name: str, *, exact: bool = True) -> "Phone":
        """Press the button or link with this name and look at the page that follows."""
        main = self.page.locator("main")
        target = main.get_by_role("button", name=name, exact=exact).or_(
            main.get_by_role("link", name=name, exact=exact)
        )
        target.first.click()
        self.page.wait_for_load_state("load")
        return self.look()

    def fill(self, label: str, text: str) -> "Phone":
        """Write into the field with this label."""
        self.page.get_by_label(label).first.fill(text)
        return self

    def choose(self, words: str) -> "Phone":
        """Press the radio or tick with these words."""
        self.page.get_by_label(words).first.check()
        return self

    def sees(self, words: str) -> bool:
        """Tell whether the page shows these words."""
        return words in re.sub(r"\s+", " ", self.page.locator("body").inner_text())

    def look(self) -> "Phone":
        """Fail if the page has an accessibility fault, is wider than the phone, or wrote an error."""
        if self.eye is not self.page:
            self._show_copy()
        found = self._axe()
        assert found == [], f"{self.page.url}: {found}"
        too_wide = self.eye.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, f"{self.page.url} is {too_wide} px too wide"
        assert self.errors == []
        return self

    def _show_copy(self) -> None:
        address, content = self.page.url, self.page.content()
        self.eye.unroute_all()
        self.eye.route("**/*.js*", lambda route: route.abort())
        self.eye.route(address, lambda route: route.fulfill(body=content, content_type="text/html"))
        self.eye.goto(address)

    def _axe(self) -> list[str]:
        self.eye.evaluate(self.axe_source)
        result: dict[str, Any] = self.eye.evaluate(
            """(options) => axe.run(document, options)""",
            {
                "resultTypes": ["violations"],
                "runOnly": {"type": "tag", "values": AXE_TAGS},
                "rules": {AXE_AAA_CONTRAST: {"enabled": True}},
            },
        )
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]
