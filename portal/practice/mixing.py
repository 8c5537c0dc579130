"""Drawing by the seed of a try: the same for the same try, something else for the next."""

import hashlib
from math import factorial
from typing import TypeVar

Each = TypeVar("Each")


def place(seed: str, name: str, size: int) -> int:
    """Return a place below ``size``.

    A seed that ends in the try's count, such as ``ann/order/2``, gives another place than the try before it
    wherever there is more than one.
    """
    stem = seed.rstrip("0123456789")
    count = int(seed[len(stem) :][-9:] or 0)
    digest = hashlib.sha256(f"{stem}|{name}".encode("utf-8", "surrogatepass")).digest()
    start, stride = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big")
    return (start + count * (1 + stride % max(size - 1, 1))) % size


def mixed(each: tuple[Each, ...], seed: str) -> tuple[Each, ...]:
    """Return these in another order than their own, and another than in the try before."""
    left, orders = list(each), factorial(len(each))
    number = 1 + place(seed, "mixed", orders - 1)  # number 0 is the order they came in
    taken = []
    while left:
        orders //= len(left)
        at, number = divmod(number, orders)
        taken.append(left.pop(at))
    return tuple(taken)
