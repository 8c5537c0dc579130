"""Where notices about offers lead, for pages and for jobs, which have no request to lean on."""

from flask import current_app

from portal.mentoring.offers import Paths


def current() -> Paths:
    """Return the current app's paths."""
    urls = current_app.url_map.bind("")
    return Paths(
        offer=lambda offer_id: urls.build("offers.offer", {"offer_id": offer_id}),
        engagement=lambda row_id: urls.build("mentoring.engagement", {"engagement_id": row_id}),
        home=urls.build("mentoring.index"),
        needs=urls.build("mentoring.needs"),
        own_state=urls.build("mentor_state.own_state"),
    )
