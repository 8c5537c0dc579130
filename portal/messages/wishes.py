"""What a person wants to be told, where and when, put together from their rows and the usual."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.messages.hours import USUAL_HOURS, Hours
from portal.messages.vocabulary import Channel, Kind, Pace, usual_pace


@dataclass(frozen=True)
class Wishes:
    """How one person is reached."""

    phone: str | None
    email: str | None
    hours: Hours = USUAL_HOURS
    #: Only what differs from the usual.
    chosen: Mapping[tuple[Kind, Channel], Pace] = field(default_factory=dict)
    #: Consent to news stands.
    has_news: bool = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels there is an address for."""
        addresses = {Channel.SMS: self.phone, Channel.EMAIL: self.email}
        return tuple(channel for channel, address in addresses.items() if address)

    def address(self, channel: Channel) -> str:
        """Return where a channel leads, empty if nowhere."""
        return (self.phone if channel is Channel.SMS else self.email) or ""

    def pace(self, kind: Kind, channel: Channel) -> Pace:
        """Return how soon a notice of this kind leaves on this channel."""
        if channel not in self.channels or (kind is Kind.NEWS and not self.has_news):
            return Pace.NEVER
        usual = usual_pace(kind, channel, has_phone=bool(self.phone))
        return self.chosen.get((kind, channel), usual)
