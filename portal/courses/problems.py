"""What is wrong with the content, and where: collected first, told together."""

from dataclasses import dataclass
from pathlib import Path

import click


@dataclass(frozen=True, order=True)
class Problem:
    """One sentence about one line of one file."""

    path: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


class ContentError(click.ClickException):
    """The content does not pass; ``problems`` holds everything that is wrong.

    A click exception, because `flask lessons check` has no app to run in when the content is broken: the
    command line then prints the sentences and ends with 1, and any other way of starting shows them too.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems

    def __str__(self) -> str:
        return self.message

    def show(self, file: object = None) -> None:
        """Print one line for each problem."""
        click.echo(self.message, err=True)
        click.echo(f"The content does not pass: {len(self.problems)} problems.", err=True)


class Problems:
    """Collects problems, which refuse a start, and advice, which does not."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._problems: set[Problem] = set()
        self._advice: set[Problem] = set()

    def add(self, path: Path, line: int, sentence: str) -> None:
        """Note something that must be put right."""
        self._problems.add(Problem(self._name(path), line, sentence))

    def advise(self, path: Path, line: int, sentence: str) -> None:
        """Note something that could be better."""
        self._advice.add(Problem(self._name(path), line, sentence))

    def apart(self) -> "Problems":
        """Return a collection of its own for something that may be left out."""
        return Problems(self._root)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing must be put right."""
        return not self._problems

    def take(self, other: "Problems", *, as_advice: bool) -> None:
        """Take over what another collection holds; as advice where nobody is kept from starting by it."""
        self._advice |= other._advice
        if as_advice:
            self._advice |= other._problems
        else:
            self._problems |= other._problems

    @property
    def advice(self) -> tuple[Problem, ...]:
        """Return the advice in the order of the files."""
        return tuple(sorted(self._advice))

    def require_none(self) -> None:
        """Raise ContentError if anything must be put right."""
        if self._problems:
            raise ContentError(tuple(sorted(self._problems)))

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self._root.parent)) if path.is_relative_to(self._root) else str(path)
