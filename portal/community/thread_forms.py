"""Shapes of what is sent from the pages of one thread."""

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.community.forms import TEXT_MAX_CHARS, TITLE_CHARS, PublicTextForm
from portal.web.form import Form

EDITED_MAX_CHARS = 6000
"""A question is put together from two texts."""
_NO_TEXT = "적은 글이 없어요. 한 문장이라도 적어 주세요."
_TOO_LONG = f"글이 길어요. {EDITED_MAX_CHARS:,}자까지 적을 수 있어요."
_TITLE = [DataRequired("제목을 한 줄로 적어 주세요."), TITLE_CHARS]


class EditForm(PublicTextForm):
    """The words of a post, anew."""

    text = TextAreaField(
        "글",
        [
            DataRequired(_NO_TEXT),
            Length(max=EDITED_MAX_CHARS, message=_TOO_LONG),
        ],
    )
    #: When the words were changed last, as the page knew.
    seen = HiddenField()


class EditThreadForm(EditForm):
    """The title and the words of a thread, anew; a question with a picture may have a title alone."""

    title = StringField("제목", _TITLE)
    text = TextAreaField("글", [Length(max=EDITED_MAX_CHARS, message=_TOO_LONG)])

    def require_words(self, *, has_photo: bool) -> bool:
        """Ask for words unless a picture stands for them; return whether the form may go on."""
        if not has_photo and not self.text.data:
            self.status = 422
            self.text.errors = [_NO_TEXT]
        return not self.errors


class CopyForm(Form):
    """What everybody may read of a private question."""

    title = StringField("제목", _TITLE)
    text = TextAreaField("질문", [DataRequired(_NO_TEXT), Length(max=EDITED_MAX_CHARS)])
    answer = TextAreaField("답", [DataRequired(_NO_TEXT), Length(max=TEXT_MAX_CHARS)])
