"""The shape of a practice's form, so that one template can draw any kind."""

from dataclasses import dataclass
from typing import Literal

from portal.practice.arithmetic import with_unit

#: ``area`` takes several lines of text, ``check`` sends "yes" or nothing, ``file`` takes a picture.
Kind = Literal["text", "area", "money", "count", "select", "radio", "check", "file"]


@dataclass(frozen=True)
class Option:
    """One thing that can be picked."""

    value: str
    text: str


@dataclass(frozen=True)
class Group:
    """Options under one heading: an ``optgroup``; the heading is empty where there is only one group."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Field:
    """One question of a form; ``options`` is empty unless its kind is select or radio."""

    name: str
    label: str
    hint: str
    kind: Kind
    unit: str = ""
    options: tuple[Group, ...] = ()
    #: Fields that follow each other with the same section stand under it as one group.
    section: str = ""
    #: The words of a button under the field that shows the page again, with the fields it opens.
    opens: str = ""
    #: A drawing above the control, SVG that was checked when it was read; the hint says what is on it.
    picture: str = ""
    #: How tall an area is.
    lines: int = 6
    #: What stands in the field before anybody typed.
    start: str = ""
    #: What has to be written here is written in this language; empty where it does not matter.
    language: str = ""

    def shown(self, value: str) -> str:
        """Return what was typed in the words of the page: an option by its text, an amount with its unit."""
        texts = {option.value: option.text for group in self.options for option in group.options}
        if self.unit and value.isascii() and value.isdigit():
            return with_unit(int(value), self.unit)
        return texts.get(value, value)
