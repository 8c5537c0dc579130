"""One product page of the practice store."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from portal.practice.field import Field
from portal.practice.outcome import Answer, BadPractice, Line, Outcome, judge
from portal.practice.store import (
    basics,
    delivery,
    details,
    notice,
    options,
    origin,
    pictures,
    preview,
    returns,
    safety,
)
from portal.practice.store.page import Page, Section
from portal.practice.store.preview import Preview
from portal.practice.store.story import SECTIONS, Story, read_story
from portal.practice.store_rules import Rules
from portal.practice.table import Table, require_unique

_SECTIONS: Mapping[str, Section] = {
    "goods": basics.SECTION,
    "details": details.SECTION,
    "options": options.SECTION,
    "pictures": pictures.SECTION,
    "notice": notice.SECTION,
    "origin": origin.SECTION,
    "safety": safety.SECTION,
    "delivery": delivery.SECTION,
    "returns": returns.SECTION,
}
#: What a practice without ``sections`` asks for, under no headings.
_OLDEST = ("goods", "delivery", "returns")


@dataclass(frozen=True)
class Listing:
    """A story, what it sells, an answer that passes, and the rules of the store."""

    story: str
    hints: tuple[str, ...]
    goods: Story
    reference: Mapping[str, str]
    #: What stands on the page already: the reference answer for the sections that are not asked for.
    given: Mapping[str, str]
    rules: Rules

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        return self.story

    def form_fields(self, _seed: str, answer: Answer) -> tuple[Field, ...]:
        """Describe the form, in the order of the page; a fitting category opens the fields of its notice."""
        page = self._page(answer)
        return tuple(
            replace(field, section=section.title) if page.is_whole else field
            for section in self._asked
            for field in section.form_fields(page)
        )

    def check(self, answer: Answer, _seed: str) -> Outcome:
        """Judge a page: one remark for every field that can be judged, advice or a word of praise."""
        page = self._page(answer)
        return judge({name: check for each in self._asked for name, check in each.checks(page).items()})

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return an answer that passes."""
        return {name: value for name, value in self.reference.items() if name not in self.given}

    def solution(self, seed: str) -> tuple[Line, ...]:
        """Show a page that passes, field by field."""
        return tuple(
            Line(field.label, field.shown(self.reference[field.name]))
            for field in self.form_fields(seed, self.reference)
            if field.name in self.reference
        )

    def preview(self, answer: Answer) -> Preview:
        """Return the page as a buyer would see it."""
        return preview.draw(self._page(answer), tuple(_SECTIONS.values()))

    @property
    def _asked(self) -> tuple[Section, ...]:
        return tuple(_SECTIONS[name] for name in SECTIONS if name in (self.goods.sections or _OLDEST))

    def _page(self, answer: Answer) -> Page:
        return Page(self.rules, self.goods, {**answer, **self.given})


def read(values: Mapping[str, object], rules: Rules) -> Listing:
    """Read an authored table and try its reference answer; raises BadPractice."""
    table = Table(values)
    table.allow("kind", "story", "hints", "sections", "goods", "reference")
    goods = read_story(_read_sections(table), table.table("goods"), rules)
    written = table.table("reference")
    reference = {key: written.text(key) for key in written.values}
    listing = Listing(table.text("story"), table.texts("hints"), goods, reference, {}, rules)
    written.allow(*_known_fields(listing))
    asked = {field.name for field in listing.form_fields("", reference)}
    listing = replace(listing, given={name: value for name, value in reference.items() if name not in asked})
    _try(listing, written)
    return listing


def _read_sections(table: Table) -> tuple[str, ...]:
    sections = table.texts("sections")
    if "sections" in table.values and not sections:
        raise BadPractice("'sections' must not be empty; leave it out for the oldest form")
    for section in sections:
        if section not in SECTIONS:
            raise BadPractice(f"'sections' names '{section}'; the sections are {', '.join(SECTIONS)}")
    require_unique(sections, "sections")
    return sections


def _known_fields(listing: Listing) -> tuple[str, ...]:
    """Return the fields of every section, asked for or not."""
    page = listing._page(listing.reference)
    sections = _SECTIONS.values() if page.is_whole else listing._asked
    return tuple(field.name for section in sections for field in section.form_fields(page))


def _try(listing: Listing, reference: Table) -> None:
    """Raise BadPractice unless every field of the reference answer passes, asked for or given."""
    page = listing._page(listing.reference)
    checks = {name: check for each in _SECTIONS.values() for name, check in each.checks(page).items()}
    asked = {name for each in listing._asked for name in each.checks(page)}
    needed = {name: check for name, check in checks.items() if name in asked or name in listing.given}
    for remark in judge(needed).remarks:
        if not remark.good:
            raise BadPractice(f"'{reference.at(remark.field)}' does not pass: {remark.sentence}")
