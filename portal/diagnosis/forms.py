"""What a page of questions sends: one answer for each."""

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import RadioField, StringField
from wtforms.validators import AnyOf, InputRequired

from portal.diagnosis.questions import Question
from portal.web.form import Form, SelectChoice

PREFIX = "answer_"
"""So that no question is named like something a form has itself."""


class PageForm(Form):
    """The answers of one page, and which button was pressed."""

    do = StringField(default="next")

    @property
    def is_leaving(self) -> bool:
        """Tell whether the rest is left for another day."""
        return self.do.data == "leave"

    @property
    def fields(self) -> list[Any]:
        """Return the questions' fields in their order."""
        return [field for field in self if field.type == "RadioField"]

    def given(self) -> dict[str, str]:
        """Return the answers that were chosen and that there are, by question."""
        return {
            field.name.removeprefix(PREFIX): field.data
            for field in self.fields
            if field.data in {choice.value for choice in field.iter_choices()}
        }


def page_form(questions: Iterable[Question], sent: MultiDict[str, str], kept: Mapping[str, str]) -> PageForm:
    """Return the form of a page with what was sent, or else what was kept."""
    fields = {
        PREFIX + question.id: RadioField(
            question.text,
            [
                InputRequired("하나를 골라 주세요."),
                AnyOf([answer.id for answer in question.answers], "하나를 골라 주세요."),
            ],
            choices=[SelectChoice(answer.id, answer.text) for answer in question.answers],
            validate_choice=False,
            description=question.hint,
        )
        for question in questions
    }
    kind: type[PageForm] = type("QuestionsForm", (PageForm,), fields)
    return kind(sent, data={PREFIX + question: answer for question, answer in kept.items()})
