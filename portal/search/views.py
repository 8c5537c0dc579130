"""The page of results."""

import re

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me_or_nobody
from portal.accounts.vocabulary import TOPIC_NAMES
from portal.core import db, pace
from portal.core.search_index import Hit
from portal.core.search_words import Asked, ask
from portal.courses import catalogue
from portal.practice import josa
from portal.search import library, queries
from portal.search.queries import Group, Results
from portal.web.access import ANYONE, access

bp = Blueprint("search", __name__, template_folder="templates")

GROUP_NAMES = {
    Group.LESSONS: "수업",
    Group.QUESTIONS: "질문과 이야기",
    Group.WORDS: "낱말",
    Group.BOARDS: "게시판",
}
TOPICS_SHOWN = 5
WITHIN_S = 60
PER_PERSON = 60
PER_ADDRESS = 900
"""Thirty people of a classroom share an address, and each may search every other second."""
_AFTER = re.compile(r"(\d{1,2})\.(\d{1,9})", re.ASCII)


@bp.get("/search")
@access(ANYONE)
def index() -> ResponseReturnValue:
    """Show what is found in lessons, questions, words and boards."""
    asked = ask(request.args.get("q", ""), catalogue.current().synonyms)
    group = next((group for group in Group if group.value == request.args.get("group")), None)
    results = _search(asked, group) if asked.typed else None
    return render_template(
        "search/index.html",
        typed=asked.typed,
        results=results,
        group=group,
        names=GROUP_NAMES,
        hrefs={each: _path(asked.typed, each) for each in Group},
        next_href=_path(asked.typed, group, results.next) if results and results.next else "",
        all_href=_path(asked.typed),
        meant_href=_path(results.meant) if results else "",
        meant_ending=_ending(results.meant) if results else "",
        topics=[
            (name, url_for("community.board", board=topic.value), False)
            for topic, name in list(TOPIC_NAMES.items())[:TOPICS_SHOWN]
        ],
    )


def _search(asked: Asked, group: Group | None) -> Results:
    reader = me_or_nobody()
    if reader is not None:
        pace.check("search by person", str(reader.id), most=PER_PERSON, within_s=WITHIN_S)
    else:
        pace.check("search by address", request.remote_addr or "", most=PER_ADDRESS, within_s=WITHIN_S)
    session, shelves = db.session(), library.current()
    if group is not None:
        return queries.search_group(session, reader, shelves, asked, group=group, after=_after())
    results = queries.search_all(session, reader, shelves, asked)
    return queries.with_what_was_meant(session, reader, shelves, catalogue.current().synonyms, results)


def _ending(meant: str) -> str:
    """Return how the question about another word goes on after it; that word is ours, not what was typed."""
    return josa.with_object(meant).removeprefix(meant) if not meant.isascii() else " 말을"


def _after() -> Hit | None:
    """Return where this page begins; None for anything that is no such place."""
    match = _AFTER.fullmatch(request.args.get("after", ""))
    return Hit(int(match[1]), int(match[2])) if match else None


def _path(typed: str, group: Group | None = None, after: Hit | None = None) -> str:
    return url_for(
        "search.index",
        q=typed,
        group=group.value if group else None,
        after=f"{after.step}.{after.id}" if after else None,
    )
