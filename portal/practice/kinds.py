"""The door to every kind of practice: read one, draw its form, check an answer.

``seed`` names one try. Only a number practice looks at it; see ``number.draw``.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from portal.practice import choice, listing, number
from portal.practice.choice import Choice
from portal.practice.field import Field
from portal.practice.listing import Listing
from portal.practice.number import Line, Number
from portal.practice.outcome import Answer, BadPractice, Outcome
from portal.practice.store_rules import Rules

Practice = Choice | Number | Listing


def read(table: Mapping[str, object], *, rates: Callable[[str], Decimal], rules: Rules) -> Practice:
    """Read an authored table by its ``kind``; raises BadPractice."""
    match table.get("kind"):
        case "choice":
            return choice.read(table)
        case "number":
            return number.read(table, rates)
        case "listing":
            return listing.read(table, rules)
        case other:
            raise BadPractice(f"'kind' must be choice, number or listing, not {other!r}")


def question(practice: Practice, seed: str) -> str:
    """Say what is asked in this try."""
    match practice:
        case Choice():
            return practice.question
        case Number():
            return number.question(practice, number.draw(practice, seed))
        case Listing():
            return practice.story


def hints(practice: Practice) -> tuple[str, ...]:
    """Return the hints, the gentlest first."""
    return practice.hints


def form_fields(practice: Practice) -> tuple[Field, ...]:
    """Describe the form, in the order of the page."""
    match practice:
        case Choice():
            return choice.form_fields(practice)
        case Number():
            return number.form_fields(practice)
        case Listing():
            return listing.form_fields(practice)


def fields(practice: Practice) -> tuple[str, ...]:
    """Name the only fields that are read from a request."""
    return tuple(field.name for field in form_fields(practice))


def check(practice: Practice, answer: Answer, seed: str) -> Outcome:
    """Judge an answer to this try."""
    match practice:
        case Choice():
            return choice.check(practice, answer)
        case Number():
            return number.check(practice, answer, number.draw(practice, seed))
        case Listing():
            return listing.check(practice, answer)


def reference_answer(practice: Practice, seed: str) -> dict[str, str]:
    """Return an answer to this try that passes."""
    match practice:
        case Choice():
            return choice.reference_answer(practice)
        case Number():
            return number.reference_answer(practice, number.draw(practice, seed))
        case Listing():
            return listing.reference_answer(practice)


def solution(practice: Practice, seed: str) -> tuple[Line, ...]:
    """Work this try out line by line; empty for kinds with nothing to work out."""
    return number.lines(practice, number.draw(practice, seed)) if isinstance(practice, Number) else ()


def shows_solution_after(practice: Practice) -> int:
    """Return how many tries come before the solution is shown; passing shows it at once."""
    return 3  # docs/lessons.md, "number"; the same for every kind until one needs another
