"""The drawn pictures of the practice store, read from ``content/listing_rules/pictures.toml``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal.practice.outcome import BadPractice
from portal.practice.source import Source, read_source
from portal.practice.table import Table

USES = ("main", "more", "none")


@dataclass(frozen=True)
class Picture:
    """One drawing, what is on it in words, where it fits, and what is said to a right and a wrong choice."""

    drawing: str
    description: str
    use: str
    praise: str
    because: str


def read_pictures(
    values: Mapping[str, object], draw: Callable[[str], str]
) -> tuple[Mapping[str, tuple[Picture, ...]], tuple[Source, ...]]:
    """Read the sets of pictures and where their rules are from; ``draw`` gives the SVG of a file by its name.

    Raises BadPractice.
    """
    sets = {key: _read_set(Table(values).table(key), draw) for key in values}
    return sets, tuple(read_source(key, Table(values).table(key)) for key in values)


def _read_set(table: Table, draw: Callable[[str], str]) -> tuple[Picture, ...]:
    table.allow("source", "checked_on", "verified", "pictures")
    pictures = tuple(_read_picture(each, draw) for each in table.tables("pictures"))
    if [picture.use for picture in pictures].count("main") != 1:
        raise BadPractice(f"'{table.at('pictures')}' must hold exactly one with use = \"main\"")
    return pictures


def _read_picture(table: Table, draw: Callable[[str], str]) -> Picture:
    table.allow("file", "description", "use", "praise", "because")
    use = table.text("use")
    if use not in USES:
        raise BadPractice(f"'{table.at('use')}' must be one of {', '.join(USES)}, not {use!r}")
    return Picture(
        draw(table.identifier("file")),
        table.text("description"),
        use,
        table.text("praise"),
        table.text("because"),
    )
