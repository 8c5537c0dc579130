"""The base of every form: shapes of input only; `show_refusal` puts a rule's refusal beside its field."""

import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import wtforms
from flask import request
from wtforms.fields import choices

from portal.core.errors import DomainError
from portal.core.i18n import gettext as _
from portal.core.i18n import noted, translated
from portal.web.errors import status_of

#: One option of a select or radio; newer than the types that are known of the library.
SelectChoice = choices.SelectChoice  # type: ignore[attr-defined]


def tidy(text: str | None) -> str | None:
    """Compose Hangul (names from Macs come apart), drop NUL and outer spaces."""
    return unicodedata.normalize("NFC", text).replace("\x00", "").strip() if isinstance(text, str) else text


#: What WTForms itself says, for a page altered in the browser or a field without words of its own.
_KOREAN = {
    "This field is required.": noted("이 칸을 채워 주세요."),
    "Not a valid choice.": noted("보이는 것 가운데에서 골라 주세요."),
    "Not a valid choice": noted("보이는 것 가운데에서 골라 주세요."),
    "'%(value)s' is not a valid choice for this field.": noted("보이는 것 가운데에서 골라 주세요."),
    "'%(value)s' are not valid choices for this field.": noted("보이는 것 가운데에서 골라 주세요."),
    "Invalid Choice: could not coerce.": noted("보이는 것 가운데에서 골라 주세요."),
    "Invalid choice(s): one or more data inputs could not be coerced.": noted(
        "보이는 것 가운데에서 골라 주세요."
    ),
    "Not a valid integer value.": noted("소수점 없이 숫자로 적어 주세요. 예: 3"),
    "Not a valid decimal value.": noted("숫자로 적어 주세요. 예: 3"),
    "Not a valid float value.": noted("숫자로 적어 주세요. 예: 3"),
    "Not a valid date value.": noted("날짜를 다시 골라 주세요."),
    "Not a valid time value.": noted("시각을 다시 골라 주세요."),
    "Not a valid datetime value.": noted("날짜와 시각을 다시 골라 주세요."),
    "Invalid input.": noted("적은 것을 다시 봐 주세요."),
}


class OwnMessages:
    """The messages of WTForms in our words, in the shape it asks for."""

    def gettext(self, message: str) -> str:
        """Return ``message`` in our words, in the language spoken."""
        return translated(_KOREAN.get(message, message))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the sentence for ``number``; ours have one form."""
        return self.gettext(singular if number == 1 else plural)


_KEY = re.compile(r"[\w-]{16,64}\Z", re.ASCII)


class KeyField(wtforms.HiddenField):
    """A key for one showing of a form: a second press sends the same one, so that it makes one row.

    A key that is missing, or is none of ours, is replaced by a fresh one.
    """

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Take the key that was sent, or make one."""
        super().process(*args, **kwargs)
        if not _KEY.match(self.data or ""):
            self.data = secrets.token_urlsafe(16)


class DayField(wtforms.DateField):
    """A date, typed by hand where a telephone has no calendar for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["format"] = ["%Y-%m-%d", "%Y.%m.%d", "%Y. %m. %d", "%Y. %m. %d.", "%Y/%m/%d", "%Y%m%d"]
        super().__init__(*args, **kwargs)
        # The form macros choose the control by the class's name.
        self.type = "DateField"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Say in Korean how a date is written."""
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError as error:
            raise ValueError(_("날짜를 2026-11-26처럼 적어 주세요.")) from error


@contextmanager
def as_a_shape() -> Iterator[None]:
    """Turn a rule's refusal into one of the field being validated, so that it is told with all the others."""
    try:
        yield
    except DomainError as error:
        raise wtforms.ValidationError(error.message) from error


class Form(wtforms.Form):
    """A form that knows whether it was sent, and the status of its page."""

    status = 200

    class Meta:
        """Every text is tidied before it is checked, and every refusal is in our words."""

        def get_translations(self, form: Any) -> OwnMessages:
            """Give the fields our words."""
            return OwnMessages()

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            """Give text fields the `tidy` filter."""
            if issubclass(unbound_field.field_class, wtforms.StringField) and not issubclass(
                unbound_field.field_class, wtforms.PasswordField
            ):
                unbound_field.kwargs.setdefault("filters", [tidy])
            return unbound_field.bind(form=form, **options)

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        """Fill the fields. Where nothing was sent they show what stands: no box is unticked by looking."""
        super().process(formdata or None, *args, **kwargs)

    def submitted(self) -> bool:
        """Tell whether the form was sent and is well shaped; a badly shaped one answers 422."""
        if request.method != "POST":
            return False
        if self.validate():
            return True
        self.status = 422
        return False

    @contextmanager
    def show_refusal(self) -> Iterator[None]:
        """Put a DomainError of the block beside its field, or above the form, and keep its status."""
        try:
            yield
        except DomainError as error:
            self.refuse(error)

    def clear_errors(self) -> None:
        """Forget what is wrong: the form is not sent yet, only kept."""
        self.status, self.form_errors = 200, []
        for field in self._fields.values():
            field.errors = []

    def refuse(self, error: DomainError) -> None:
        """Show ``error`` on this form."""
        self.status = status_of(error)
        if error.field in self._fields:
            field = self._fields[error.field]
            field.errors = [*field.errors, error.message]
        else:
            self.form_errors.append(error.message)
