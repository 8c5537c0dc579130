"""The printed code of a step: six digits, easy to read, to say by telephone and to type on a number pad.

It is worked out from the ids of the course, the lesson and the step, and from nothing else: titles and order
may change and the paper in a drawer still leads back. Two steps with one code keep the content from loading;
the newer one then takes another id.
"""

import hashlib
import re
import unicodedata

LENGTH = 6
_FIRST = 10 ** (LENGTH - 1)
_LOOKALIKES = str.maketrans("OoIl|", "00111")
_BETWEEN = re.compile(r"[\s\-_.,·‐-―−]")


def code_of(*ids: str) -> str:
    """Return the code of a step by its ids; the first digit is never 0."""
    digest = hashlib.sha256("/".join(ids).encode()).digest()
    return str(_FIRST + int.from_bytes(digest[:8], "big") % (9 * _FIRST))


def normalise(typed: str) -> str:
    """Return what was typed as bare digits: full-width digits, spaces, hyphens and O for 0 are mended.

    A whole pasted address is cut down to its code.
    """
    text = unicodedata.normalize("NFKC", typed).rpartition("/c/")[2].strip().rstrip("/")
    return _BETWEEN.sub("", text.translate(_LOOKALIKES))


def is_well_formed(code: str) -> bool:
    """Tell whether a normalised code can be one of ours."""
    return len(code) == LENGTH and code.isascii() and code.isdigit() and code[0] != "0"


def shown(code: str) -> str:
    """Return the code in two groups, as it is printed and read out."""
    return f"{code[:3]} {code[3:]}"
