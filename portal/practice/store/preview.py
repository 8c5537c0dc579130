"""The finished page, as a buyer would see it."""

from dataclasses import dataclass

from portal.practice.store.page import Block, Page, Section
from portal.practice.store.pictures import main_picture
from portal.practice.typed import COUNTERS


@dataclass(frozen=True)
class Preview:
    """What a plain shop page shows; empty where nothing has been typed yet."""

    path: str
    name: str
    price: str
    stock: str
    #: The drawing of the first picture and what is on it; empty where none is chosen.
    drawing: str
    described: str
    blocks: tuple[Block, ...]


def draw(page: Page, sections: tuple[Section, ...]) -> Preview:
    """Return the finished page as far as it is filled in."""
    picture, stock = main_picture(page), page.amount("stock", COUNTERS)
    return Preview(
        path=page.rules.path_of(page.text("category")),
        name=page.text("name"),
        price=page.won("price"),
        stock=page.text("stock") if stock is None else f"{stock:,}개",
        drawing=picture.drawing if picture else "",
        described=picture.description if picture else "",
        blocks=tuple(block for section in sections for block in section.show(page)),
    )
