"""Looking after offers while nobody looks."""

from portal.core import clock, db
from portal.mentoring import offer_paths, offers


def look_after(offer_id: int) -> None:
    """Let an offer nobody answers go on to the next mentor.

    Run twice, the second time does nothing. Killed before its commit it has done nothing, and the sweep finds
    the offer again.
    """
    with db.transaction() as session:
        offers.look_after(session, offer_id, paths=offer_paths.current(), now=clock.now())
