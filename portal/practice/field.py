"""The shape of a practice's form, so that one template can draw any kind."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "money", "count", "select", "radio"]


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
