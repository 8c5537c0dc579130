"""How often something may be asked for: a count in Redis that forgets by itself.

A page that is only read writes no row, so its limit cannot be one. Without Redis there is no limit: a portal
that answers too much is better than one that answers nothing.
"""

import hashlib
import hmac
import logging

from redis.exceptions import RedisError

from portal.core import queue, settings
from portal.core.errors import TooManyError

log = logging.getLogger(__name__)


def check(what: str, who: str, *, most: int, within_s: int) -> None:
    """Count one more; raise TooManyError when there were ``most`` of them within the time already."""
    secret = settings.current().secret_key.encode()
    key = f"pace:{what}:{hmac.new(secret, who.encode(), hashlib.sha256).hexdigest()}"
    try:
        count = int(queue.redis().incr(key))
        if count == 1:
            queue.redis().expire(key, within_s)
    except RedisError:
        log.warning("no limit on %s: Redis does not answer", what)
        return
    if count > most:
        raise TooManyError("짧은 사이에 여러 번 찾았어요. 1분만 쉬었다가 다시 찾아 주세요.")
