"""The base of every form: shapes of input only; `show_refusal` puts a rule's refusal beside its field."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import wtforms
from flask import request

from portal.core.errors import DomainError
from portal.web.errors import status_of


def tidy(text: str | None) -> str | None:
    """Compose Hangul (names from Macs come apart), drop NUL and outer spaces."""
    return unicodedata.normalize("NFC", text).replace("\x00", "").strip() if isinstance(text, str) else text


class Form(wtforms.Form):
    """A form that knows whether it was sent, and the status of its page."""

    status = 200

    class Meta:
        """Every text is tidied before it is checked."""

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            """Give text fields the `tidy` filter."""
            if issubclass(unbound_field.field_class, wtforms.StringField) and not issubclass(
                unbound_field.field_class, wtforms.PasswordField
            ):
                unbound_field.kwargs.setdefault("filters", [tidy])
            return unbound_field.bind(form=form, **options)

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

    def refuse(self, error: DomainError) -> None:
        """Show ``error`` on this form."""
        self.status = status_of(error)
        if error.field in self._fields:
            field = self._fields[error.field]
            field.errors = [*field.errors, error.message]
        else:
            self.form_errors.append(error.message)
