"""Shapes of reports, decisions and of the boxes that cover a picture."""

import re
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, NumberRange, Optional

from portal.accounts.vocabulary import TOPIC_NAMES
from portal.core.errors import DomainError
from portal.core.pictures import Box
from portal.web.form import Form, SelectChoice

WORDS_MAX_CHARS = 300
_WHICH = "보이는 것 가운데에서 하나를 골라 주세요."
_TOO_LONG = f"{WORDS_MAX_CHARS}자까지 적을 수 있어요."
_OUTSIDE = "0부터 100까지의 숫자로 적어 주세요."
LONG_SIDE, SHORT_SIDE = 8, 6
"""How many boxes a picture's long and its short side have: few enough that each is easy to press."""


class _ReasonForm(Form):
    """A form with one line that somebody else reads."""

    reason = TextAreaField("까닭", [Length(max=WORDS_MAX_CHARS, message=_TOO_LONG)])


class ReportForm(Form):
    """What is wrong with a text."""

    reason = RadioField("무엇이 잘못됐나요", [InputRequired("무엇이 잘못됐는지 골라 주세요.")])
    words = TextAreaField(
        "더 알려 줄 말",
        [Length(max=WORDS_MAX_CHARS, message=_TOO_LONG)],
        description="한 줄이어도 돼요. 글을 쓴 분께는 보이지 않아요.",
    )

    def __init__(self, *args: Any, reasons: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = [SelectChoice(value, name) for value, name in reasons.items()]


class ObjectionForm(Form):
    """Why a hidden text should be looked at again."""

    words = TextAreaField(
        "하고 싶은 말",
        [
            DataRequired("왜 다시 봐야 하는지 한 줄 적어 주세요."),
            Length(max=WORDS_MAX_CHARS, message=_TOO_LONG),
        ],
    )


class DecisionForm(_ReasonForm):
    """What a moderator decides about a text that waits."""

    state = RadioField("어떻게 할까요", [InputRequired("어떻게 할지 골라 주세요.")])
    #: Which state of the text was looked at.
    stamp = HiddenField()

    def __init__(self, *args: Any, states: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state.choices = [SelectChoice(value, name) for value, name in states.items()]
        self.reason.description = "가릴 때는 꼭 적어 주세요. 글을 쓴 분께 그대로 보여요."


class HideForm(_ReasonForm):
    """Why a text is hidden or shown again."""


class MoveForm(_ReasonForm):
    """Where a thread goes."""

    board = RadioField("어디로 옮길까요", [InputRequired("옮길 곳을 골라 주세요.")])
    topic = RadioField(
        "무엇에 관한 질문인가요",
        [Optional(), AnyOf([topic.value for topic in TOPIC_NAMES], _WHICH)],
        choices=[SelectChoice(topic.value, name) for topic, name in TOPIC_NAMES.items()],
        validate_choice=False,
        description="질문으로 옮길 때만 골라 주세요.",
    )

    def __init__(self, *args: Any, boards: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.board.choices = [SelectChoice(value, name) for value, name in boards.items()]


class MergeForm(_ReasonForm):
    """Which thread another one goes into."""

    into = StringField(
        "합칠 글의 주소",
        [DataRequired("합칠 글의 주소를 붙여 넣어 주세요.")],
        description="합칠 글을 열고 주소를 복사해 붙여 넣어 주세요. 예: /community/questions/12/",
    )

    def into_id(self) -> int:
        """Return the id in the address; 0 for none, which no row has."""
        found = re.search(r"(\d{1,9})\D*\Z", self.into.data or "")
        return int(found[1]) if found else 0


class SplitForm(_ReasonForm):
    """Which posts become a thread of their own, and its title."""

    posts = SelectMultipleField("나눌 글", coerce=int)
    title = StringField(
        "새 글의 제목",
        [
            DataRequired("새 글의 제목을 적어 주세요."),
            Length(4, 60, "4자부터 60자까지 한 줄로 적어 주세요."),
        ],
    )

    def __init__(self, *args: Any, posts: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posts.choices = [SelectChoice(key, words) for key, words in posts.items()]


class CoverForm(Form):
    """Which parts of a picture to cover: boxes of a grid, or a part in percent."""

    boxes = SelectMultipleField("가릴 칸", validate_choice=False)
    left = IntegerField("왼쪽에서", [Optional(), NumberRange(0, 100, _OUTSIDE)])
    top = IntegerField("위에서", [Optional(), NumberRange(0, 100, _OUTSIDE)])
    right = IntegerField("왼쪽에서 (끝)", [Optional(), NumberRange(0, 100, _OUTSIDE)])
    bottom = IntegerField("위에서 (끝)", [Optional(), NumberRange(0, 100, _OUTSIDE)])

    def chosen(self, *, columns: int, rows: int) -> list[Box]:
        """Return the parts to cover. Raises DomainError for one beside the picture or half told."""
        found = [_box(value, columns=columns, rows=rows) for value in self.boxes.data or []]
        edges = [self.left.data, self.top.data, self.right.data, self.bottom.data]
        told = [edge for edge in edges if edge is not None]
        if len(told) == len(edges):
            found.append(Box(*told))
        elif told:
            raise DomainError("숫자로 가리려면 네 칸을 모두 적어 주세요.", field="left")
        return found


def _box(value: str, *, columns: int, rows: int) -> Box:
    """Return the box that ``row-column`` names, counted from 1, in percent and never too small."""
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", value)
    row, column = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (1 <= row <= rows and 1 <= column <= columns):
        raise DomainError("사진 위의 칸 가운데에서 골라 주세요.")
    return Box(
        left=(column - 1) * 100 // columns,
        top=(row - 1) * 100 // rows,
        right=-(-column * 100 // columns),
        bottom=-(-row * 100 // rows),
    )
