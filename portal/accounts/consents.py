"""The texts people agree to when they join. Each carries its version; a consent names the one on the page."""

from functools import lru_cache
from pathlib import Path

from portal.accounts.models import ConsentKind
from portal.core.dated_text import DatedText, read_dated_text


@lru_cache(maxsize=4)
def read_texts(folder: Path) -> dict[ConsentKind, DatedText]:
    """Return the texts in ``folder``, one file for each kind. Raises OSError, KeyError or TOMLDecodeError."""
    return {kind: read_dated_text(folder / f"{kind.value}.md") for kind in ConsentKind}
