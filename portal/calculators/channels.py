"""What a channel takes and when it pays, as content/fees tells it; every number is a fact."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from portal.calculators.paydays import After, Counts, Part, Stage, Way
from portal.calculators.settlement import Base, Charge
from portal.courses.facts import Fact, find_fact
from portal.courses.lesson_file import ID
from portal.courses.problems import Problems
from portal.courses.toml_file import Keys, read_toml

MOST_ORDER = 99


@dataclass(frozen=True)
class Rate:
    """One of the rates of a fee; which one holds depends on the shop, the goods or the buyer's way in."""

    id: str
    label: str
    fact: Fact
    is_vat_included: bool

    @property
    def share(self) -> Fraction:
        """Return the rate as a share of 1."""
        return Fraction(self.fact.number or 0) / 100


@dataclass(frozen=True)
class Fee:
    """One line a channel takes off. A typed fee is an amount the shop owner knows herself."""

    id: str
    label: str
    about: str
    base: Base
    rates: tuple[Rate, ...]
    #: What is asked to know the rate or the amount; empty where there is one rate for all.
    asks: str
    hint: str
    is_typed: bool

    def charge(self, rate_id: str | None) -> Charge:
        """Return the fee at one of its rates; the first unless named."""
        rate = next((rate for rate in self.rates if rate.id == rate_id), self.rates[0])
        return Charge(
            self.label,
            self.about,
            self.base,
            rate.share,
            is_vat_included=rate.is_vat_included,
            fact=rate.fact,
        )

    def typed_charge(self, amount: int) -> Charge:
        """Return the fee at an amount somebody typed, without VAT."""
        return Charge(self.label, self.about, self.base, Fraction(0), amount=amount, is_vat_included=False)


@dataclass(frozen=True)
class Channel:
    """A place to sell on: its fees and its ways of paying."""

    id: str
    label: str
    order: int
    fees: tuple[Fee, ...]
    ways: tuple[Way, ...]
    #: What else to know, as facts.
    also: tuple[Fact, ...]

    @property
    def facts(self) -> Iterator[Fact]:
        """Return every fact this channel is worked out from."""
        for fee in self.fees:
            yield from (rate.fact for rate in fee.rates)
        for way in self.ways:
            yield from way.facts
        yield from self.also


def read_channels(folder: Path, facts: Mapping[str, Fact], problems: Problems) -> tuple[Channel, ...]:
    """Read every channel below ``folder``, in the order the files ask for."""
    channels = [_read_channel(path, facts, problems) for path in sorted(folder.glob("*.toml"))]
    if not channels:
        problems.add(folder, 1, "there is no channel")
    return tuple(sorted((each for each in channels if each), key=lambda each: (each.order, each.id)))


def _read_channel(path: Path, facts: Mapping[str, Fact], problems: Problems) -> Channel | None:
    file = read_toml(path, problems)
    if file is None:
        return None
    if not ID.fullmatch(path.stem):
        problems.add(path, 1, f"'{path.stem}' is no id: lower-case letters, digits and hyphens")
    keys = Keys(file, problems)
    keys.allow("label", "order", "confirm_after", "also", "fees", "ways")
    confirm_after = find_fact(keys, "confirm_after", facts) if keys.has("confirm_after") else None
    fees = tuple(_read_fee(each, facts) for each in keys.tables("fees"))
    _require_unique(keys, "fees", [fee.id for fee in fees])
    return Channel(
        path.stem,
        keys.text("label"),
        keys.whole("order", least=1, most=MOST_ORDER),
        fees,
        tuple(
            _read_way(each, facts, confirm_after)
            for each in (keys.tables("ways") if keys.has("ways") else ())
        ),
        _read_also(keys, facts),
    )


def _read_also(keys: Keys, facts: Mapping[str, Fact]) -> tuple[Fact, ...]:
    fact_ids = keys.texts("also") if keys.has("also") else ()
    for fact_id in fact_ids:
        if fact_id not in facts:
            keys.wrong("also", f"the fact '{fact_id}' is not in content/facts")
    return tuple(facts[fact_id] for fact_id in fact_ids if fact_id in facts)


def _read_fee(keys: Keys, facts: Mapping[str, Fact]) -> Fee:
    keys.allow("id", "label", "about", "base", "asks", "hint", "typed", "rates")
    is_typed = keys.has("typed") and keys.flag("typed")
    if is_typed == keys.has("rates"):
        keys.wrong("id", "a fee has either 'rates' or 'typed = true'")
    rates = tuple(_read_rate(each, facts) for each in (keys.tables("rates") if keys.has("rates") else ()))
    _require_unique(keys, "id", [rate.id for rate in rates])
    is_asked = is_typed or len(rates) > 1
    if keys.has("asks") and not is_asked:
        keys.wrong("asks", "a fee with one rate asks nothing")
    return Fee(
        _read_id(keys),
        keys.text("label"),
        keys.text("about"),
        Base.GOODS if is_typed else Base(keys.one_of("base", *Base)),
        rates,
        keys.text("asks") if is_asked else "",
        keys.text("hint") if keys.has("hint") else "",
        is_typed,
    )


def _read_rate(keys: Keys, facts: Mapping[str, Fact]) -> Rate:
    keys.allow("id", "label", "fact", "vat_included")
    return Rate(_read_id(keys), keys.text("label"), find_fact(keys, "fact", facts), keys.flag("vat_included"))


def _read_way(keys: Keys, facts: Mapping[str, Fact], confirm_after: Fact | None) -> Way:
    keys.allow("id", "label", "about", "counted_from", "parts")
    parts = tuple(_read_part(each, facts) for each in keys.tables("parts"))
    if sum(part.percent for part in parts) != 100:
        keys.wrong("id", "the 'percent' of all parts must come to 100")
    return Way(
        _read_id(keys),
        keys.text("label"),
        keys.text("about"),
        Stage(keys.one_of("counted_from", Stage.CONFIRMED, Stage.SENT)),
        parts,
        confirm_after,
    )


def _read_part(keys: Keys, facts: Mapping[str, Fact]) -> Part:
    keys.allow("percent", "counts", "after", "fact")
    return Part(
        keys.whole("percent", least=1, most=100),
        Counts(keys.one_of("counts", *Counts)),
        After(keys.one_of("after", *After)),
        find_fact(keys, "fact", facts),
    )


def _read_id(keys: Keys) -> str:
    written = keys.text("id")
    if written and not ID.fullmatch(written):
        keys.wrong("id", f"'{written}' is no id: lower-case letters, digits and hyphens")
    return written


def _require_unique(keys: Keys, key: str, ids: list[str]) -> None:
    for each in sorted({each for each in ids if ids.count(each) > 1}):
        keys.wrong(key, f"the id '{each}' comes twice")
