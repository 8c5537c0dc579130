"""What did not leave the house, to be counted on the desk of operators."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from portal.core.pending import Counted, counted
from portal.messages import queries
from portal.messages.models import Delivery


def of_jobs(now: datetime) -> Iterator[Counted]:
    """Yield what counts the messages somebody should look after."""
    yield counted("job:messages", select(Delivery).where(queries.is_stuck(now)), None)
