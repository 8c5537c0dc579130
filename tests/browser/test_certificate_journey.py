"""A course is completed, two people issue the certificate, anybody can check it, and one takes it back."""

import hashlib
import re

import pytest

from portal.accounts.models import User
from portal.core.roles import Role
from portal.courses import catalogue
from tests import factories
from tests.browser.conftest import COURSE, OpenPhone, Phone, Portal, complete_steps

pytestmark = pytest.mark.browser
REASON = "다른 사람이 대신 배웠어요."


def make_graduate(portal: Portal, name: str) -> User:
    with portal.transaction() as session:
        learner = factories.make_user(session, name=name)
        complete_steps(session, learner, catalogue.current().course(COURSE).places)
    return learner


def download(phone: Phone) -> bytes:
    with phone.page.expect_download() as started:
        phone.find("수료증 내려받기").click()
    return started.value.path().read_bytes()


def read_code(phone: Phone) -> str:
    """Return the number printed under the certificate, without its spaces."""
    shown = phone.page.get_by_role("definition").filter(has_text=re.compile(r"^\s*(\d{4} ){5}\d{4}\s*$"))
    return shown.inner_text().replace(" ", "")


def ask_machine(phone: Phone, code: str) -> dict[str, str]:
    """Return what the verification says to a program."""
    answer = phone.page.request.get(f"/v/{code}", headers={"Accept": "application/json"})
    assert answer.ok
    return dict(answer.json())


def test_a_certificate_is_issued_by_two_checked_by_anybody_and_revoked(
    portal: Portal, open_phone: OpenPhone, scripts: bool
) -> None:
    holder = make_graduate(portal, "최은영" if scripts else "오금자")
    with portal.transaction() as session:
        proposer = factories.make_user(session, Role.TRAINER, name="이수민")
        approver = factories.make_user(session, Role.TRAINER, name="한지우")
    second = open_phone(approver)

    propose_and_be_kept_from_approving(open_phone(proposer), holder)
    approve(second, holder)
    portal.run_jobs()

    hers = open_phone(holder).go("/").open_newest_notice("수료증이 나왔어요. 내려받아 보세요.")
    document, code = download(hers), read_code(hers)
    assert document.startswith(b"%PDF")
    stranger = open_phone()
    check_by_typing(stranger, code)
    assert stranger.heading == "유효"
    assert not stranger.sees(holder.name)
    told = ask_machine(stranger, code)
    assert (told["status"], told["pdf_sha256"]) == ("active", hashlib.sha256(document).hexdigest())

    revoke(second)
    assert stranger.go(f"/v/{code}").heading == "취소됨"
    assert not stranger.sees(REASON)
    assert ask_machine(stranger, code)["status"] == "revoked"
    assert hers.open_newest_notice("수료증이 취소됐어요.").sees(REASON)


def propose_and_be_kept_from_approving(phone: Phone, holder: User) -> None:
    phone.go("/").press("발급 제안하기", beside=holder.name)
    assert phone.sees("제안했어요. 다른 분이 승인하면 수료증이 나와요.")
    assert phone.find("승인하기").count() == 0
    assert phone.go("/").sees("내가 제안한 것은 다른 분이 승인해요.")


def approve(phone: Phone, holder: User) -> None:
    phone.go("/").press("살펴보고 승인하기", beside=holder.name).press("승인하기")
    assert phone.sees("승인했어요. 수료증을 만들고, 다 되면 받는 분께 알려 드려요.")
    assert phone.sees("수료증을 만들고 있어요")


def check_by_typing(phone: Phone, code: str) -> None:
    phone.go("/").press("수료증 확인하기")
    phone.fill("확인 번호", f"{code[:12]} {code[12:]}").press("확인하기")


def revoke(phone: Phone) -> None:
    phone.page.reload()
    phone.press("취소하기").press("취소하기")
    assert phone.sees("취소하는 까닭을 적어 주세요.")
    phone.choose("부정한 방법으로 받았어요").fill("취소하는 까닭", REASON).press("취소하기")
    assert phone.sees("취소했어요. 받은 분께 알려 드리고, 확인 화면에도 취소로 나와요.")


def test_a_number_with_a_slip_is_told_apart(open_phone: OpenPhone) -> None:
    stranger = open_phone().go("/v/")

    stranger.fill("확인 번호", "1234 5678 9012 3456 7890 1234").press("확인하기")

    assert stranger.sees("적힌 번호에 맞지 않는 숫자가 있어요. 종이의 번호와 하나씩 맞춰 봐 주세요.")
    assert stranger.holds("확인 번호") == "1234 5678 9012 3456 7890 1234"
