"""The printed code of a step: six digits, easy to read, to say by telephone and to type on a number pad.

It is worked out from the ids of the course, the lesson and the step, and from nothing else: titles and order
may change and the paper in a drawer still leads back. Two steps with one code keep the content from loading;
the newer one then takes another id.

A paper of somebody's own (their plan) has a code that begins with 0, which no step's does: the number of what
it is about and a check digit by ISO 7064 MOD 11,10, which catches every single wrong digit. It is no secret:
the page it leads to asks who is there.
"""

import hashlib
import re
import unicodedata

LENGTH = 6
OWN_DIGITS_MOST = 9
"""Of the number in a code of one's own; every column of ids holds as many."""
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


def own_code(number: int) -> str:
    """Return the code of something of somebody's own by its number: six digits, more past 9,999."""
    digits = f"0{number:04d}"
    return digits + _check_digit(digits)


def find_own(code: str) -> int | None:
    """Return the number in a normalised code of one's own; None for a slip and for the code of a step."""
    if not is_like_own(code) or _check_digit(code[:-1]) != code[-1]:
        return None
    return int(code[1:-1]) or None


def is_like_own(code: str) -> bool:
    """Tell whether a normalised code was meant as one of one's own: it begins with 0 and is long enough."""
    is_long_enough = LENGTH <= len(code) <= OWN_DIGITS_MOST + 2
    return is_long_enough and code.isascii() and code.isdigit() and code[0] == "0"


def _check_digit(digits: str) -> str:
    rest = 10
    for digit in digits:
        rest = ((rest + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - rest) % 10)
