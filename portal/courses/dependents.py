"""What rests on a fact or on a set of rules: steps of lessons, and answers lifted into them.

A step rests on the facts it shows and on the rules its practice checks with. Each has a hash, so that a
change is seen by comparing two; what depends on it is then listed, lesson by lesson.
"""

import hashlib
from collections.abc import Iterator, Mapping

from portal.courses.catalogue import Catalogue, Place
from portal.courses.facts import Fact
from portal.practice.copy import Copy
from portal.practice.cue_sheet import CueSheet
from portal.practice.listing import Listing
from portal.practice.reply import Reply

RULES_OF = {
    Listing: "listing_rules",
    Copy: "copy_rules",
    CueSheet: "copy_rules",
    Reply: "reply_rules",
}
"""Which rules below content/ each kind of practice checks with."""
RULES_NAMES = {
    "listing_rules": "연습 가게의 규칙",
    "copy_rules": "광고에 쓰는 말의 규칙",
    "reply_rules": "손님에게 답하는 규칙",
}


def hash_of(fact: Fact) -> str:
    """Return a hash of what a fact says: its value, day and source."""
    said = "\n".join(
        (fact.value, str(fact.number), fact.as_of.isoformat(), fact.source, str(fact.is_verified))
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def hashes(catalogue: Catalogue) -> dict[str, str]:
    """Return the hash of every fact and every set of rules, by its id."""
    return {**{fact.id: hash_of(fact) for fact in catalogue.facts}, **catalogue.rules}


def rests_on(place: Place) -> tuple[str, ...]:
    """Return the ids of the facts and rules a step rests on."""
    rules = [name for kind, name in RULES_OF.items() if isinstance(place.step.practice, kind)]
    return (*(fact.id for fact in place.step.facts), *rules)


def list_places(catalogue: Catalogue, key: str) -> list[Place]:
    """Return the steps that rest on a fact or a set of rules, in the order they are taught."""
    return [place for course in catalogue.courses for place in course.places if key in rests_on(place)]


def name_of(catalogue: Catalogue, key: str) -> str:
    """Return what a fact or a set of rules is called; its id where there is none any more."""
    names = {fact.id: fact.label for fact in catalogue.facts} | RULES_NAMES
    return names.get(key, key)


def list_changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the ids whose hash is another than before, or that are gone."""
    return sorted(key for key, value in before.items() if after.get(key) != value)


def report_changes(before: Catalogue, after: Catalogue) -> Iterator[str]:
    """Give a line for each changed fact or set of rules, and one for each step that rests on it."""
    for key in list_changed(hashes(before), hashes(after)):
        yield f"{key} changed ({name_of(after, key)}):"
        places = list_places(after, key)
        yield from (
            f"  content/lessons/{place.course.id}/{place.lesson.id}: {place.step.id}" for place in places
        )
        if not places:
            yield "  no step uses it"
