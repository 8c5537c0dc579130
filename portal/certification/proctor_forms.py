"""What a proctor did, and why."""

from wtforms import IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.certification.marking_models import IncidentKind, ProctorAct
from portal.certification.proctoring import LONGEST_CAUSE, MOST_MINUTES
from portal.web.form import Form, SelectChoice

ACTS = {
    ProctorAct.NOTED: "적어 두기",
    ProctorAct.AUTHORISED: "본인을 확인했어요",
    ProctorAct.PAUSED: "시간을 멈춰요",
    ProctorAct.RESUMED: "다시 시작해요",
    ProctorAct.EXTENDED: "시간을 늘려요",
    ProctorAct.ENDED: "시험을 끝내요",
    ProctorAct.VOIDED: "무효로 해요",
}
KINDS = {
    IncidentKind.ENVIRONMENT: "시험장",
    IncidentKind.PERSON: "응시한 분",
    IncidentKind.STAFF: "진행하는 사람",
    IncidentKind.TECHNICAL: "기기나 인터넷",
}


class NoteForm(Form):
    """What happened in the room."""

    kind = RadioField(
        "무엇 때문인가요?",
        [InputRequired("무엇 때문인지 골라 주세요.")],
        choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()],
    )
    cause = TextAreaField(
        "무슨 일이 있었나요?",
        [
            InputRequired("무슨 일인지 적어 주세요."),
            Length(max=LONGEST_CAUSE, message=f"{LONGEST_CAUSE}자보다 짧게 적어 주세요."),
        ],
        description="나중에 다른 분이 읽어도 알 수 있게 적어 주세요.",
    )


class ActForm(NoteForm):
    """What a proctor does about one attempt."""

    what = SelectField(
        "무엇을 할까요?",
        [InputRequired("무엇을 할지 골라 주세요.")],
        choices=[SelectChoice(act.value, words) for act, words in ACTS.items()],
    )
    minutes = IntegerField(
        "늘리는 시간",
        [Optional(), NumberRange(1, MOST_MINUTES, f"1분에서 {MOST_MINUTES}분까지 늘릴 수 있어요.")],
        description="시간을 늘릴 때만 적어요.",
    )
