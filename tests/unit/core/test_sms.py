"""A text message fits its form, and no letter a telephone lacks is lost without a trace."""

import pytest

from portal.core import sms
from portal.core.sms import SmsForm


@pytest.mark.parametrize(
    ("text", "form"),
    [("가" * 45, SmsForm.SHORT), ("가" * 45 + "a", SmsForm.LONG), ("a" * 90, SmsForm.SHORT)],
)
def test_ninety_bytes_are_short_and_one_more_is_long(text: str, form: SmsForm) -> None:
    message = sms.write(text, subject="[장터배움] 약속")

    assert message.form is form
    assert message.text == text
    assert message.subject == ("[장터배움] 약속" if form is SmsForm.LONG else "")


def test_a_long_message_is_cut_between_letters_at_2000_bytes_and_its_subject_at_40() -> None:
    message = sms.write("a" + "가" * 1200, subject="나" * 30)

    assert message.text == "a" + "가" * 998 + "…"
    assert sms.size_bytes(message.text) <= 2000
    assert message.subject == "나" * 19 + "…"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("‘사진이 뚜렷해요…’", "‘사진이 뚜렷해요…’"),
        ("똠방각하", "똠방각하"),  # no EUC-KR of 1987, but every telephone
        ("배송 — 내일", "배송 - 내일"),
        ("값 5₩", "값 5￦"),
        ("김치 🥬 좋아요 👍🏽", "김치 ? 좋아요 ??"),
        ("가\N{ZERO WIDTH JOINER}나", "가나"),
        ("café", "cafe"),
        ("한글", "한글"),
        ("① ㈜ ㎏", "① ㈜ ㎏"),
    ],
)
def test_letters_telephones_lack_are_replaced(written: str, sent: str) -> None:
    assert sms.sendable(written) == sent
    sms.sendable(written).encode("cp949")
