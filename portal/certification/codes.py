"""The verification code: digits only, since people read it out by telephone and type it on a number pad.

22 random digits (72.9 bits: nobody finds one by trying) and two check digits by ISO 7064 MOD 97-10, which
catches every single wrong digit, every swap of neighbours and 99.3 % of swapped groups, so that a slip is
told apart from a paper nobody issued.
"""

import re
import secrets
import unicodedata

LENGTH = 24
GROUP = 4
_RANDOM_DIGITS = LENGTH - 2
_LOOKALIKES = str.maketrans("OoIl|", "00111")
_BETWEEN = re.compile(r"[\s\-_.,·‐-―−]")


def make() -> str:
    """Return a new code; its first digit is never 0, which spreadsheets would drop."""
    first = 10 ** (_RANDOM_DIGITS - 1)
    body = str(first + secrets.randbelow(9 * first))
    return f"{body}{98 - int(body) * 100 % 97:02d}"


def normalise(typed: str) -> str:
    """Return what was typed as a code is stored: full-width digits, spaces, hyphens and O for 0 are mended.

    A whole pasted address is cut down to its code.
    """
    text = unicodedata.normalize("NFKC", typed).rpartition("/v/")[2].strip().rstrip("/")
    return _BETWEEN.sub("", text.translate(_LOOKALIKES))


def is_well_formed(code: str) -> bool:
    """Tell whether a normalised code can have been made by `make`."""
    return len(code) == LENGTH and code.isascii() and code.isdigit() and int(code) % 97 == 1


def shown(code: str) -> str:
    """Return the code in groups of four, as it is printed and read out."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))
