"""Processor time of the pages opened most, and of the question every signed-in request asks.

    .venv/bin/python benchmarks/pages.py [times, 200]

Each page is opened in turn, so that a busy machine slows all alike. The last line compares the question who
is signed in as it is kept with the same question put together anew for each request.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts import queries
from portal.accounts.models import SignIn, User
from portal.accounts.operations import hash_token
from portal.core import clock, db
from portal.core.db import Base
from portal.core.settings import Settings
from portal.factory import create_app
from tests import factories

PAGES = ("/", "/courses/first-sale/settlement/", "/community/", "/account/")
WARM_UP = 5


def make_app(folder: Path) -> Flask:
    """Return the portal on an empty SQLite."""
    app = create_app(
        Settings(
            secret_key="b" * 40,
            database_url=f"sqlite:///{folder}/portal.db",
            redis_url="unix:///nowhere",
            data_dir=folder,
            storage_dir=folder,
            public_url="http://localhost",
        )
    )
    Base.metadata.create_all(app.extensions["portal_db"].engine)
    return app


def measure(calls: dict[str, Callable[[], object]], times: int) -> dict[str, float]:
    """Return the median milliseconds of processor time of each call, all called in turn."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(WARM_UP + times):
        for name, call in calls.items():
            began = time.process_time()
            call()
            if turn >= WARM_UP:
                taken[name].append((time.process_time() - began) * 1000)
    return {name: statistics.median(each) for name, each in taken.items()}


def find_anew(session: Session, token_hash: str) -> User | None:
    """Ask as `queries.find_signed_in` does, with a statement put together for this one time."""
    statement = (
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(SignIn.token_hash == token_hash, SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
        .options(joinedload(User.grants))
    )
    return session.scalars(statement).unique().one_or_none()


def main() -> int:
    """Measure everything once; 1 if a page does not open."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder))
        with app.app_context():
            with db.transaction() as session:
                user = factories.make_user(session)
                token = factories.make_sign_in(session, user)
                user_id = user.id
            browser = app.test_client()
            with browser.session_transaction() as kept:
                kept["sign_in"], kept["_user_id"] = token, str(user_id)
        statuses = {path: browser.get(path).status_code for path in PAGES}
        if set(statuses.values()) != {200}:
            print(statuses, file=sys.stderr)
            return 1
        for path, median in measure({path: partial(browser.get, path) for path in PAGES}, times).items():
            print(f"{path:35} {median:6.2f} ms")
        with app.app_context():
            token_hash = hash_token(token)
            asked = measure(
                {
                    "kept": lambda: queries.find_signed_in(
                        db.session(), token_hash=token_hash, now=clock.now()
                    ),
                    "anew": lambda: find_anew(db.session(), token_hash),
                },
                times * 5,
            )
        print(f"who is signed in: kept {asked['kept']:.2f} ms, {asked['kept'] / asked['anew']:.2f} of anew")
        app.extensions["portal_db"].engine.dispose()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
