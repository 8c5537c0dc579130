"""The fee tables and tax rules the calculators work with, read from the files once when the portal starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Flask, current_app

from portal.calculators.channels import Channel, read_channels
from portal.calculators.paydays import Way
from portal.calculators.simplified_vat import Rules, read_rules
from portal.core.errors import NotFoundError
from portal.courses import publishing
from portal.courses.facts import Fact
from portal.courses.problems import ContentError, Problem, Problems


@dataclass(frozen=True)
class FeeTables:
    """Every channel, and the rules of 간이과세."""

    channels: tuple[Channel, ...]
    simplified: Rules
    advice: tuple[Problem, ...] = ()

    @property
    def summary(self) -> str:
        """Return what `flask lessons check` says."""
        return f"{len(self.channels)} channels, {len(self.ways)} ways of being paid"

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return every way of being paid."""
        return tuple(way for channel in self.channels for way in channel.ways)

    @property
    def facts(self) -> Iterator[Fact]:
        """Return every fact in use."""
        for channel in self.channels:
            yield from channel.facts
        yield from self.simplified.facts

    def channel(self, channel_id: str | None) -> Channel:
        """Return a channel, the first unless named; raises NotFoundError."""
        found = next((each for each in self.channels if channel_id in (None, each.id)), None)
        if found is None:
            raise NotFoundError("찾는 판매처가 없어요. 계산기에서 다시 골라 주세요.")
        return found

    def way(self, way_id: str | None) -> Way:
        """Return a way of being paid, the first unless named; raises NotFoundError."""
        found = next((each for each in self.ways if way_id in (None, each.id)), None)
        if found is None:
            raise NotFoundError("찾는 정산 방법이 없어요. 계산기에서 다시 골라 주세요.")
        return found


def init_app(app: Flask) -> None:
    """Let ``app`` read its fee tables whenever it reads the lessons."""
    publishing.add_reader(app, "portal_fee_tables", lambda _, folder, taught: load(folder, taught.facts))


def current() -> FeeTables:
    """Return the current app's fee tables."""
    return cast(FeeTables, current_app.extensions["portal_fee_tables"])


def load(content_dir: Path, facts: tuple[Fact, ...]) -> FeeTables:
    """Read everything the calculators need. Raises ContentError naming everything that is wrong."""
    problems, known = Problems(content_dir), {fact.id: fact for fact in facts}
    channels = read_channels(content_dir / "fees", known, problems)
    rules = read_rules(content_dir / "simplified_vat.toml", known, problems)
    way_ids = [way.id for channel in channels for way in channel.ways]
    for each in sorted({each for each in way_ids if way_ids.count(each) > 1}):
        problems.add(content_dir / "fees", 1, f"the way '{each}' comes twice")
    problems.require_none()
    if rules is None:
        raise ContentError(())
    return FeeTables(channels, rules)
