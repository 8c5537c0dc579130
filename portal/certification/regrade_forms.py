"""Shape of a proposal to mark an item anew."""

from collections.abc import Mapping
from typing import Any

from wtforms import RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from portal.web.form import Form, SelectChoice

REASON_MAX_CHARS = 500
TEXT_MAX_CHARS = 400
CHOSEN, TYPED = {"choice", "multiple", "true_false"}, {"short", "numeric"}
CHANGE = SelectChoice("key", "맞는 답을 고쳐요")
EVERYONE = SelectChoice("everyone", "모두에게 점수를 줘요")


class RegradeForm(Form):
    """What is right instead, and why."""

    how = RadioField(
        "어떻게 할까요?", [InputRequired("어떻게 할지 하나 골라 주세요.")], choices=[CHANGE, EVERYONE]
    )
    chosen = SelectMultipleField(
        "맞는 답", [Optional()], choices=[], description="여럿을 고르면 그 가운데 하나만 골라도 맞아요."
    )
    typed = TextAreaField(
        "맞는 답",
        [Optional(), Length(max=TEXT_MAX_CHARS, message="400자보다 짧게 적어 주세요.")],
        description="맞는 답이 여럿이면 한 줄에 하나씩 적어 주세요.",
    )
    reason = TextAreaField(
        "까닭",
        [
            InputRequired("왜 다시 채점하는지 적어 주세요."),
            Length(max=REASON_MAX_CHARS, message="500자보다 짧게 적어 주세요."),
        ],
        description="승인하는 분이 읽고, 기록에 남아요.",
    )

    def fit(self, kind: str, content: Mapping[str, Any]) -> None:
        """Ask in the way in which the item is answered."""
        if kind in CHOSEN:
            self.chosen.choices = [(each["key"], each["text"]) for each in content["choices"]]
            del self.typed
            if kind == "multiple":
                self.chosen.description = "맞는 것을 모두 골라 주세요."
        else:
            del self.chosen
            if kind not in TYPED:
                del self.typed
                self.how.choices = [EVERYONE]

    def key(self, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was chosen, in the shape of the item's key."""
        if self.how.data == "everyone":
            return {"everyone": True}
        if kind in CHOSEN:
            return {"key": sorted(self.chosen.data or [])}
        lines = [line.strip() for line in (self.typed.data or "").splitlines() if line.strip()]
        if kind == "numeric":
            tolerance = next((each["tolerance"] for each in content["key"]), "0")
            return {"key": [{"value": line.replace(",", ""), "tolerance": tolerance} for line in lines]}
        return {"key": lines}
