"""What comes of the answers: points by axis, the route, why; and what changed since another time."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from portal.diagnosis.questions import Axis, NextStep, Questionnaire


@dataclass(frozen=True)
class Score:
    """The points on one axis."""

    axis: str
    label: str
    points: int
    most: int
    bar: int
    sentence: str

    @property
    def is_above(self) -> bool:
        """Tell whether it is enough."""
        return self.points >= self.bar


@dataclass(frozen=True)
class Reason:
    """One sentence of the result and the answer that caused it."""

    axis: str
    question: str
    asked: str
    said: str
    points: int
    most: int
    sentence: str


@dataclass(frozen=True)
class Result:
    """A prescription as it was given: later edits of the questions change nothing in it."""

    route: str
    label: str
    lead: str
    mentor: str
    steps: tuple[NextStep, ...]
    scores: tuple[Score, ...]
    reasons: tuple[Reason, ...]

    def gaps(self, axis: str) -> list[Reason]:
        """Return what is not at its most on an axis, the most to gain first."""
        own = [reason for reason in self.reasons if reason.axis == axis and reason.points < reason.most]
        return sorted(own, key=lambda reason: reason.points - reason.most)

    def strengths(self, axis: str) -> list[Reason]:
        """Return what is at its most on an axis."""
        return [reason for reason in self.reasons if reason.axis == axis and reason.points == reason.most]

    def to_json(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return asdict(self)


@dataclass(frozen=True)
class Change:
    """What changed from one time to the next, in the questions both had."""

    scores: tuple[tuple[Score, Score], ...]
    better: tuple[tuple[Reason, Reason], ...]
    worse: tuple[tuple[Reason, Reason], ...]
    #: The route of the time before, if it was another one.
    route_before: str
    #: Questions only one of the two had.
    other_questions: int


def judge(questionnaire: Questionnaire, answers: Mapping[str, str]) -> Result:
    """Return the result of answers that answer everything."""
    reasons = []
    for question in questionnaire.questions:
        answer = question.answer(answers.get(question.id))
        if answer is None:
            raise ValueError(f"The question {question.id} is not answered.")
        reasons.append(
            Reason(
                question.axis,
                question.id,
                question.text,
                answer.text,
                answer.points,
                question.most,
                answer.sentence,
            )
        )
    scores = tuple(_score(axis, reasons) for axis in questionnaire.axes)
    above = frozenset(score.axis for score in scores if score.is_above)
    route = next(route for route in questionnaire.routes if route.above == above)
    return Result(route.id, route.label, route.lead, route.mentor, route.steps, scores, tuple(reasons))


def _score(axis: Axis, reasons: list[Reason]) -> Score:
    own = [reason for reason in reasons if reason.axis == axis.id]
    points = sum(reason.points for reason in own)
    sentence = axis.above if points >= axis.bar else axis.below
    return Score(axis.id, axis.label, points, sum(reason.most for reason in own), axis.bar, sentence)


def from_json(kept: Mapping[str, Any]) -> Result:
    """Return a result from what was kept of it."""
    return Result(
        kept["route"],
        kept["label"],
        kept["lead"],
        kept["mentor"],
        tuple(NextStep(**step) for step in kept["steps"]),
        tuple(Score(**score) for score in kept["scores"]),
        tuple(Reason(**reason) for reason in kept["reasons"]),
    )


def compare(before: Result, now: Result) -> Change:
    """Return what changed between two results."""
    then = {reason.question: reason for reason in before.reasons}
    both = [(then[reason.question], reason) for reason in now.reasons if reason.question in then]
    axes = {score.axis: score for score in before.scores}
    return Change(
        tuple((axes[score.axis], score) for score in now.scores if score.axis in axes),
        tuple((old, new) for old, new in both if new.points > old.points),
        tuple((old, new) for old, new in both if new.points < old.points),
        before.label if before.route != now.route else "",
        len(before.reasons) + len(now.reasons) - 2 * len(both),
    )
