"""What a mentor tells for the matching, and what every shop is told of it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.accounts.models import MentorProfile, User
from portal.accounts.vocabulary import Region
from portal.core import db
from portal.mentoring.models import MatchProfile, MentorChannel, MentorRegion
from portal.mentoring.vocabulary import Channel, Manner


@dataclass(frozen=True)
class Told:
    """What a mentor tells on the form."""

    regions: Collection[Region]
    channels: Collection[Channel]
    market: str
    sells_services: bool
    services: str
    manner: Manner | None
    speaks_english: bool


def find_profile(session: Session, mentor: User) -> MatchProfile | None:
    """Return what the mentor has told, with regions and channels."""
    return session.scalar(
        select(MatchProfile)
        .where(MatchProfile.mentor_id == mentor.id)
        .options(selectinload(MatchProfile.regions), selectinload(MatchProfile.channels))
    )


def save_profile(session: Session, mentor: User, told: Told) -> MatchProfile:
    """Keep what the mentor tells; a second press keeps the same. Holds the mentor's profile.

    Raises NotFoundError for those who are no mentor.
    """
    db.lock(session, MentorProfile, mentor.id)
    profile = find_profile(session, mentor)
    if profile is None:
        profile = MatchProfile(mentor_id=mentor.id, regions=[], channels=[])
        session.add(profile)
    profile.market, profile.manner = told.market, told.manner
    profile.sells_services, profile.speaks_english = told.sells_services, told.speaks_english
    profile.services = told.services if told.sells_services else ""
    kept = {row.region: row for row in profile.regions}
    profile.regions = [kept.get(region) or MentorRegion(region=region) for region in told.regions]
    sold = {row.channel: row for row in profile.channels}
    profile.channels = [sold.get(channel) or MentorChannel(channel=channel) for channel in told.channels]
    return profile
