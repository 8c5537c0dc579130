"""Shapes of asking to look again at an exam, and of the answer."""

import re

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from portal.core.errors import DomainError
from portal.web.form import Form, SelectChoice

MAX_CHARS = 1000
_CHANGE = re.compile(r"(\d{1,3})\s*[:=번]\s*(\d{1,3})점?")


class ExamAppealForm(Form):
    """What somebody wants looked at again."""

    text = TextAreaField(
        "무엇을 다시 봐 드릴까요?",
        [
            InputRequired("무엇을 다시 봐 주면 좋을지 적어 주세요."),
            Length(max=MAX_CHARS, message="1,000자보다 짧게 적어 주세요."),
        ],
        description="몇 번 문제인지, 왜 그렇게 생각하시는지 적어 주세요.",
    )


class ExamAnswerForm(Form):
    """What an examiner says, and the points they set."""

    verdict = RadioField(
        "어떻게 볼까요?",
        [InputRequired("하나를 골라 주세요.")],
        choices=[SelectChoice("upheld", "받아들여요"), SelectChoice("dismissed", "그대로 둬요")],
    )
    points = StringField(
        "고칠 점수",
        [Optional(), Length(max=200, message="200자보다 짧게 적어 주세요.")],
        description="받아들일 때 적어요. 문제 번호와 새 점수예요. 예: 3번 5점, 7번 5점",
    )
    answer = TextAreaField(
        "답",
        [
            InputRequired("어떻게 보았는지 답을 적어 주세요."),
            Length(max=MAX_CHARS, message="1,000자보다 짧게 적어 주세요."),
        ],
        description="신청하신 분이 읽어요. 까닭을 쉽게 적어 주세요.",
    )

    def changes(self) -> dict[int, int]:
        """Return the points set, by question number. Raises DomainError for what cannot be read."""
        parts = [part.strip() for part in re.split(r"[,\n·]", self.points.data or "") if part.strip()]
        found = {}
        for part in parts:
            match = _CHANGE.fullmatch(part)
            if match is None:
                raise DomainError("‘3번 5점’처럼 적어 주세요.", field="points")
            found[int(match.group(1))] = int(match.group(2))
        return found
