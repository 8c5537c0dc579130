"""Shapes of what the two people of an engagement agree on and say about it."""

from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from portal.web.form import Form

TEXT_MAX_CHARS = 500


class EndForm(Form):
    """Why an engagement ends, for those who want to say."""

    reason = TextAreaField(
        "끝내는 까닭",
        [Optional(), Length(max=TEXT_MAX_CHARS, message=f"{TEXT_MAX_CHARS}자까지 적어 주세요.")],
        description="적지 않아도 돼요. 운영자만 읽어요.",
    )
