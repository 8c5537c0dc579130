"""Shapes of what candidates and staff write on the way to a qualification."""

from collections.abc import Sequence

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.certification.ledger import Outcome
from portal.certification.qualification_models import LedgerKind
from portal.web.form import Form, SelectChoice

MAX_CHARS = 500
_TOO_LONG = f"{MAX_CHARS}자보다 짧게 적어 주세요."
DECISIONS = {
    LedgerKind.WAIVED: ("하지 않아도 되게 하기", "이 항목은 다 한 것으로 봐요."),
    LedgerKind.REJECTED: ("다시 하게 하기", "됐다고 적힌 것을 거두어요. 새로 해내면 다시 적혀요."),
    LedgerKind.REOPENED: ("다시 열기", "앞서 정한 것을 거두고 처음부터 다시 봐요."),
}
OUTCOMES = {
    Outcome.REOPEN: ("받아들이고 다시 열기", "해낸 것이 있으면 바로 다시 적혀요."),
    Outcome.WAIVE: ("받아들이고 면제하기", "이 항목은 하지 않아도 돼요."),
    Outcome.NONE: ("그대로 두기", "답만 알려 드려요."),
}


class DecideForm(Form):
    """What staff decide about a requirement, and why."""

    kind = RadioField("어떻게 할까요?", [InputRequired("하나를 골라 주세요.")])
    reason = TextAreaField(
        "까닭",
        [DataRequired("까닭을 적어 주세요."), Length(max=MAX_CHARS, message=_TOO_LONG)],
        description="받는 분이 읽어요. 무엇을 보고 정했는지 적어 주세요.",
    )

    def offer(self, choices: Sequence[LedgerKind]) -> None:
        """Offer what the requirement's lines allow."""
        self.kind.choices = [
            SelectChoice(each.value, DECISIONS[each][0], render_kw={"hint": DECISIONS[each][1]})
            for each in choices
        ]
        if len(choices) == 1 and not self.kind.data:
            self.kind.data = choices[0].value


class MoveForm(Form):
    """Which newer rules somebody goes over to, and why."""

    number = SelectField("어느 기준으로 옮길까요?", coerce=int)
    reason = TextAreaField(
        "까닭",
        [DataRequired("까닭을 적어 주세요."), Length(max=MAX_CHARS, message=_TOO_LONG)],
        description="받는 분이 읽어요.",
    )


class AppealForm(Form):
    """What to look at again."""

    text = TextAreaField(
        "무엇을 다시 볼까요?",
        [
            DataRequired("무엇을 다시 봐 주면 좋을지 적어 주세요."),
            Length(max=MAX_CHARS, message=_TOO_LONG),
        ],
        description="언제 무엇을 했는지 적어 주시면 빨리 볼 수 있어요.",
    )


class AnswerForm(Form):
    """How staff answer an appeal about a requirement."""

    outcome = RadioField(
        "어떻게 할까요?",
        [InputRequired("하나를 골라 주세요.")],
        choices=[
            SelectChoice(each.value, label, render_kw={"hint": hint})
            for each, (label, hint) in OUTCOMES.items()
        ],
    )
    answer = TextAreaField(
        "답",
        [DataRequired("어떻게 보았는지 답을 적어 주세요."), Length(max=MAX_CHARS, message=_TOO_LONG)],
        description="신청한 분이 읽어요.",
    )
