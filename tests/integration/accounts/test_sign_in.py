import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import codes, limits, operations, queries
from portal.accounts.models import Consent, ConsentKind, OneTimeCode, RoleGrant, SignIn, SignInFailure, User
from portal.core import clock, db, passwords
from portal.core.errors import TooManyError
from portal.core.roles import Role
from tests.conftest import Browser
from tests.factories import make_user

PASSWORD = "바다 자전거 옥수수"


@pytest.fixture
def browser(isolated: Flask) -> Browser:
    return Browser(isolated)


def is_in(browser: Browser) -> bool:
    return browser.get("/account/").status_code == 200


def sent_code(app: Flask) -> str:
    """Return the six digits of the newest message that left the house."""
    folder: Path = app.extensions["portal_settings"].data_dir / "outbox"
    newest = max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    text = newest.read_text(encoding="utf-8")
    if newest.suffix == ".eml":
        message = email.message_from_bytes(newest.read_bytes(), policy=email.policy.default)
        text = str(message.get_content())
    return text.split("들어가기 숫자 ")[1][:6]


def with_password(session: Session, **columns: Any) -> User:
    user = make_user(session, **columns)
    user.password_hash = passwords.hash_password(PASSWORD)
    session.commit()
    return user


def test_the_right_password_opens_the_account_and_the_password_is_kept_as_argon2id(
    browser: Browser, session: Session
) -> None:
    user = with_password(session)

    answer = browser.send("/account/sign-in", {"identifier": user.phone, "password": PASSWORD})

    assert answer.status_code == 302
    assert is_in(browser)
    assert user.password_hash is not None
    assert user.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "typed", ["010 1234 5678", "+82 10-1234-5678", "０１０－１２３４－５６７８", "01012345678"]
)
def test_a_telephone_number_may_be_typed_in_any_usual_way(
    browser: Browser, session: Session, typed: str
) -> None:
    user = with_password(session)
    user.phone = "01012345678"
    session.commit()

    browser.send("/account/sign-in", {"identifier": typed, "password": PASSWORD})

    assert is_in(browser)


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer_and_keep_what_was_typed(
    browser: Browser, session: Session
) -> None:
    user = with_password(session)

    wrong = browser.send("/account/sign-in", {"identifier": user.phone, "password": "다른 비밀번호예요"})
    unknown = browser.send(
        "/account/sign-in", {"identifier": "010-9999-9999", "password": "다른 비밀번호예요"}
    )

    assert wrong.status_code == unknown.status_code == 422
    assert "맞지 않아요" in wrong.text
    assert wrong.text.replace(str(user.phone), "X") == unknown.text.replace("010-9999-9999", "X")
    assert f'value="{user.phone}"' in wrong.text
    assert "다른 비밀번호예요" not in wrong.text


def test_an_account_is_stopped_after_some_failures_even_for_the_right_password(
    browser: Browser, session: Session
) -> None:
    user = with_password(session)
    for _ in range(limits.PER_ACCOUNT_AND_ADDRESS):
        browser.send("/account/sign-in", {"identifier": user.phone, "password": "아니에요 아니에요"})

    answer = browser.send("/account/sign-in", {"identifier": user.phone, "password": PASSWORD})

    assert answer.status_code == 429
    assert "15분 뒤에" in answer.text
    assert not is_in(browser)


def test_the_owner_still_comes_in_from_elsewhere_while_a_stranger_is_stopped(
    browser: Browser, session: Session
) -> None:
    user = with_password(session)
    for _ in range(limits.PER_ACCOUNT_AND_ADDRESS):
        browser.send("/account/sign-in", {"identifier": user.phone, "password": "아니에요 아니에요"})

    answer = browser.send(
        "/account/sign-in",
        {"identifier": user.phone, "password": PASSWORD},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )

    assert answer.status_code == 302


def test_a_classroom_behind_one_address_is_not_locked_out(browser: Browser, session: Session) -> None:
    now = clock.now()
    for person in range(30):
        for _ in range(limits.PER_ACCOUNT_AND_ADDRESS - 1):
            limits.note_failure(session, identifier=f"010{person:08d}", address="127.0.0.1", now=now)
    user = with_password(session)

    answer = browser.send("/account/sign-in", {"identifier": user.phone, "password": PASSWORD})

    assert answer.status_code == 302


def test_one_address_is_stopped_when_it_tries_very_many_accounts(session: Session) -> None:
    now = clock.now()
    for person in range(limits.PER_ADDRESS):
        limits.note_failure(session, identifier=f"010{person:08d}", address="198.51.100.7", now=now)
    session.flush()

    with pytest.raises(TooManyError):
        limits.check(session, identifier="01000000000", address="198.51.100.7", now=now)
    limits.check(session, identifier="01000000000", address="198.51.100.8", now=now)
    limits.check(session, identifier="01000000000", address="198.51.100.7", now=now + limits.WINDOW)


def test_old_failures_are_forgotten(session: Session) -> None:
    now = clock.now()
    limits.note_failure(session, identifier="a", address="b", now=now - limits.KEPT - timedelta(minutes=1))
    session.flush()

    limits.note_failure(session, identifier="c", address="d", now=now)

    assert session.scalars(select(SignInFailure.at)).all() == [now]


def test_a_weaker_hash_is_renewed_at_sign_in(browser: Browser, session: Session) -> None:
    user = make_user(session)
    user.password_hash = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    session.commit()

    browser.send("/account/sign-in", {"identifier": user.phone, "password": PASSWORD})

    session.refresh(user)
    assert "m=19456,t=2,p=1" in str(user.password_hash)


def test_a_code_by_text_message_opens_the_account(
    browser: Browser, session: Session, isolated: Flask
) -> None:
    user = make_user(session)
    session.commit()

    asked = browser.send("/account/sign-in", {"identifier": user.phone})
    code = sent_code(isolated)
    answer = browser.send("/account/code", {"code": f"{code[:3]} {code[3:]}"})

    assert asked.headers["Location"].startswith("/account/code")
    assert answer.status_code == 302
    assert is_in(browser)


def test_a_code_goes_by_mail_to_those_who_come_in_by_mail(
    browser: Browser, session: Session, isolated: Flask
) -> None:
    user = make_user(session)
    user.phone, user.email = None, "sunja@example.com"
    session.commit()

    browser.send("/account/sign-in", {"identifier": " SunJa@Example.com "})
    browser.send("/account/code", {"code": sent_code(isolated)})

    assert is_in(browser)


def test_a_code_opens_nothing_in_another_browser(isolated: Flask, session: Session, browser: Browser) -> None:
    user = make_user(session)
    session.commit()
    browser.send("/account/sign-in", {"identifier": user.phone})
    other = Browser(isolated)

    answer = other.send("/account/code", {"code": sent_code(isolated)})

    assert answer.status_code == 422
    assert not is_in(other)


def test_a_code_is_used_up_by_five_wrong_tries(browser: Browser, session: Session, isolated: Flask) -> None:
    user = make_user(session)
    session.commit()
    browser.send("/account/sign-in", {"identifier": user.phone})
    code = sent_code(isolated)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert browser.send("/account/code", {"code": wrong}).status_code == 422

    answer = browser.send("/account/code", {"code": code})

    assert answer.status_code == 422
    assert "새 숫자를 받아" in answer.text


def test_a_code_works_once_and_for_five_minutes(browser: Browser, session: Session, isolated: Flask) -> None:
    user = make_user(session)
    session.commit()
    browser.send("/account/sign-in", {"identifier": user.phone})
    code = sent_code(isolated)
    row = session.scalars(select(OneTimeCode)).one()
    assert row.expires_at - row.created_at == timedelta(minutes=5)
    row.expires_at = clock.now() - timedelta(seconds=1)
    session.commit()

    assert browser.send("/account/code", {"code": code}).status_code == 422
    row.expires_at = clock.now() + timedelta(minutes=1)
    session.commit()
    assert browser.send("/account/code", {"code": code}).status_code == 302
    browser.send("/account/sign-out")
    assert browser.send("/account/code", {"code": code}).status_code == 422


def test_codes_are_kept_as_hmac_only_and_five_an_hour(
    browser: Browser, session: Session, isolated: Flask
) -> None:
    user = make_user(session)
    session.commit()
    for _ in range(5):
        assert browser.send("/account/sign-in", {"identifier": user.phone}).status_code == 302
    code = sent_code(isolated)

    refused = browser.send("/account/sign-in", {"identifier": user.phone})

    assert refused.status_code == 429
    assert all(code not in str(row.code_hmac) for row in session.scalars(select(OneTimeCode)))


def test_asking_for_a_code_looks_the_same_for_an_unknown_number(isolated: Flask, session: Session) -> None:
    user = make_user(session)
    session.commit()
    known, unknown = Browser(isolated), Browser(isolated)

    first = known.send("/account/sign-in", {"identifier": user.phone}, follow_redirects=True)
    second = unknown.send("/account/sign-in", {"identifier": "010-8888-7777"}, follow_redirects=True)

    assert first.status_code == second.status_code == 200
    assert first.text.replace(f"010-****-{str(user.phone)[-4:]}", "X") == second.text.replace(
        "010-****-7777", "X"
    )


def test_signing_up_proves_the_number_and_records_the_version_of_each_consent(
    browser: Browser, session: Session, isolated: Flask
) -> None:
    form = {"name": "김순자", "identifier": "010-2222-3333", "terms": "y", "privacy": "y"}

    browser.send("/account/sign-up", form)
    assert session.scalar(select(User).where(User.phone == "01022223333")) is None
    browser.send("/account/code", {"code": sent_code(isolated)})

    assert is_in(browser)
    user = session.scalars(select(User).where(User.phone == "01022223333")).one()
    given = {row.kind: row.version for row in session.scalars(select(Consent)) if row.user_id == user.id}
    assert given == {ConsentKind.TERMS: "2026-11-21", ConsentKind.PRIVACY: "2026-11-22"}


def test_who_has_just_joined_is_welcomed_once(browser: Browser, isolated: Flask) -> None:
    form = {"name": "김순자", "identifier": "010-2222-3333", "terms": "y", "privacy": "y"}
    browser.send("/account/sign-up", form)

    answer = browser.send("/account/code", {"code": sent_code(isolated)}, follow_redirects=True)

    assert "가입했어요. 반가워요, 사장님." in answer.text
    assert "가입했어요" not in browser.get("/").text


@pytest.mark.parametrize("is_demo", [True, False])
def test_the_code_stands_on_the_page_in_the_demo_only(
    browser: Browser, isolated: Flask, session: Session, is_demo: bool
) -> None:
    user = with_password(session)
    isolated.extensions["portal_settings"] = replace(isolated.extensions["portal_settings"], is_demo=is_demo)

    browser.send("/account/sign-in", {"identifier": user.phone})
    code = sent_code(isolated)

    for _ in range(2):
        assert (f"{code[:3]} {code[3:]}" in browser.get("/account/code").text) is is_demo


def test_signing_up_with_a_password_lets_it_open_the_account_later(
    browser: Browser, isolated: Flask, session: Session
) -> None:
    form = {
        "name": "김순자",
        "identifier": "010-2222-3333",
        "password": PASSWORD,
        "terms": "y",
        "privacy": "y",
    }
    browser.send("/account/sign-up", form)
    browser.send("/account/code", {"code": sent_code(isolated)})
    other = Browser(isolated)

    other.send("/account/sign-in", {"identifier": "01022223333", "password": PASSWORD})

    assert is_in(other)


def test_signing_up_with_a_number_already_here_makes_no_second_account_and_tells_nobody(
    browser: Browser, session: Session
) -> None:
    user = with_password(session)
    form = {"name": "다른 사람", "identifier": user.phone, "terms": "y", "privacy": "y"}

    answer = browser.send("/account/sign-up", form, follow_redirects=True)
    browser.send("/account/code", {"code": "000000"})

    assert "받은 숫자를 적어 주세요" in answer.text
    assert not is_in(browser)
    assert len(session.scalars(select(User).where(User.phone == user.phone)).all()) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"terms": ""}, "이용 약속에 동의해야"),
        ({"privacy": ""}, "동의해야 가입할 수 있어요"),
        ({"name": ""}, "이름을 적어 주세요"),
        ({"name": "김"}, "2자부터"),
        ({"identifier": "12345"}, "휴대전화 번호나 이메일"),
        ({"identifier": "a@b\r\nBcc: x@y.z"}, "휴대전화 번호나 이메일"),
        ({"password": "12345678"}, "쉽게 맞힐 수 있는"),
        ({"password": "짧아요"}, "8자 이상으로"),
        ({"password": "jangteo sunja 1959!"}, "장터배움이 들어간"),
        ({"password": "mine is 01022223333"}, "전화번호"),
    ],
)
def test_a_sign_up_with_something_missing_says_what_and_keeps_the_rest(
    browser: Browser, session: Session, change: dict[str, str], sentence: str
) -> None:
    form = {"name": "김순자", "identifier": "010-2222-3333", "terms": "y", "privacy": "y", **change}

    answer = browser.send("/account/sign-up", {key: value for key, value in form.items() if value})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "김순자" in answer.text or "name" in change
    assert session.scalars(select(OneTimeCode)).all() == []


def test_a_sign_up_tells_all_that_is_wrong_at_once(browser: Browser) -> None:
    answer = browser.send("/account/sign-up", {"identifier": "010-0000", "password": "1234", "terms": "y"})

    assert "네 군데만 고쳐 주세요" in answer.text
    for sentence in (
        "이름을 적어",
        "번호나 이메일 주소를 다시",
        "8자 이상으로 적어 주세요.",
        "모으고 쓰는 데 동의해야",
    ):
        assert answer.text.count(sentence) >= 2, sentence  # above, and beside its field


def test_signing_out_is_a_post_and_ends_the_session_on_the_server(
    sign_in: Callable[[User], Browser], session: Session
) -> None:
    browser = sign_in(make_user(session))
    stolen = browser.get_cookie("portal")
    assert stolen is not None

    assert browser.get("/account/sign-out").status_code == 405
    browser.send("/account/sign-out")

    assert not is_in(browser)
    browser.set_cookie("portal", stolen.value)
    assert not is_in(browser)


def test_a_new_password_ends_every_other_device_and_keeps_this_one(
    sign_in: Callable[[User], Browser], session: Session
) -> None:
    user = make_user(session)
    here, elsewhere = sign_in(user), sign_in(user)

    answer = here.send("/account/password", {"password": PASSWORD})

    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)


def test_changing_the_password_needs_the_one_until_now(
    sign_in: Callable[[User], Browser], session: Session
) -> None:
    user = with_password(session)
    browser = sign_in(user)

    refused = browser.send("/account/password", {"current": "아니에요", "password": "다른 새 비밀번호 문장"})

    assert refused.status_code == 422
    assert "지금 쓰는 비밀번호가 맞지 않아요" in refused.text


def test_who_forgot_the_password_makes_a_new_one_right_after_a_code(
    browser: Browser, session: Session, isolated: Flask
) -> None:
    user = with_password(session)
    browser.send("/account/sign-in", {"identifier": user.phone})
    browser.send("/account/code", {"code": sent_code(isolated)})
    new = {"password": "다른 새 비밀번호 문장"}

    page = browser.get("/account/password").text
    row = session.scalars(select(SignIn).where(SignIn.user_id == user.id, SignIn.by_code)).one()
    row.created_at = clock.now() - timedelta(minutes=11)
    session.commit()
    late = browser.send("/account/password", new)
    row.created_at = clock.now() - timedelta(minutes=9)
    session.commit()
    answer = browser.send("/account/password", new)

    assert 'name="current"' not in page
    assert late.status_code == 422
    assert 'name="current"' in late.text
    assert "10분 동안은 묻지 않아요" in late.text
    assert answer.status_code == 302
    session.refresh(user)
    assert operations.knows_password(user, new["password"])


def test_the_session_survives_a_new_start_of_the_app(
    isolated: Flask, sign_in: Callable[[User], Browser], session: Session
) -> None:
    browser = sign_in(make_user(session))
    cookie = browser.get_cookie("portal")
    assert cookie is not None

    again = Browser(isolated)
    again.set_cookie("portal", cookie.value)

    assert is_in(again)


def test_a_session_ends_after_ninety_days(session: Session) -> None:
    user = make_user(session)
    token = operations.open_sign_in(session, user, device="", now=clock.now() - timedelta(days=91))
    session.commit()

    row = session.scalars(select(SignIn).where(SignIn.token_hash == operations.hash_token(token))).one()
    assert row.expires_at < clock.now()


def test_a_person_sees_and_ends_only_their_own_devices(
    sign_in: Callable[[User], Browser], session: Session
) -> None:
    mine, theirs = make_user(session), make_user(session)
    browser, other = sign_in(mine), sign_in(theirs)
    foreign = session.scalars(select(SignIn).where(SignIn.user_id == theirs.id)).one()

    answer = browser.send(f"/account/devices/{foreign.id}/end")

    assert answer.status_code == 404
    assert is_in(other)


def test_the_text_size_follows_the_account_to_another_device(
    sign_in: Callable[[User], Browser], session: Session
) -> None:
    user = make_user(session)
    phone, tablet = sign_in(user), sign_in(user)

    phone.send("/account/display", {"text": "5", "next": "/"})
    phone.send("/account/display", {"contrast": "high", "next": "/"})

    assert 'data-text="5"' in tablet.get("/account/").text
    assert 'data-contrast="high"' in tablet.get("/account/").text


def test_a_visitor_keeps_the_text_size_in_a_cookie_and_takes_it_into_a_new_account(
    browser: Browser, isolated: Flask, session: Session
) -> None:
    browser.send("/account/display", {"text": "4", "next": "/account/sign-in"})
    assert 'data-text="4"' in browser.get("/account/sign-in").text

    form = {"name": "김순자", "identifier": "010-2222-3333", "terms": "y", "privacy": "y"}
    browser.send("/account/sign-up", form)
    browser.send("/account/code", {"code": sent_code(isolated)})

    assert session.scalars(select(User.text_size).where(User.phone == "01022223333")).one() == "4"


@pytest.mark.parametrize("value", ["9", "", "<script>", "2.high"])
def test_an_odd_text_size_changes_nothing(browser: Browser, value: str) -> None:
    browser.send("/account/display", {"text": value, "next": "/account/sign-in"})

    assert 'data-text="2"' in browser.get("/account/sign-in").text


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "\thttps://evil.example",
    ],
)
def test_after_signing_in_nobody_is_sent_to_another_site(
    browser: Browser, session: Session, target: str
) -> None:
    user = with_password(session)

    answer = browser.send(
        "/account/sign-in", {"identifier": user.phone, "password": PASSWORD, "next": target}
    )

    assert answer.headers["Location"] == "/"


def test_the_profile_can_be_changed_and_news_withdrawn(
    sign_in: Callable[[User], Browser], session: Session
) -> None:
    user = make_user(session)
    browser = sign_in(user)

    browser.send("/account/", {"name": "김순자", "shop_name": "순자네 반찬", "region": "seoul", "news": "y"})
    browser.send("/account/", {"name": "김순자", "shop_name": "순자네 반찬", "region": "seoul"})

    session.refresh(user)
    assert (user.name, user.shop_name, user.region) == ("김순자", "순자네 반찬", "seoul")
    consent = session.scalars(select(Consent).where(Consent.user_id == user.id)).one()
    assert consent.kind == ConsentKind.NEWS
    assert consent.withdrawn_at is not None


def test_nothing_but_the_forms_own_fields_is_taken(
    sign_in: Callable[[User], Browser], session: Session
) -> None:
    user = make_user(session)
    browser = sign_in(user)

    browser.send(
        "/account/", {"name": "김순자", "region": "", "id": "1", "phone": "01099998888", "roles": "operator"}
    )

    session.refresh(user)
    assert user.phone != "01099998888"
    granted = session.scalars(select(RoleGrant.role).where(RoleGrant.user_id == user.id)).all()
    assert granted == [Role.MERCHANT]


def test_a_form_without_its_token_is_refused(browser: Browser, session: Session) -> None:
    user = with_password(session)

    answer = browser.post("/account/sign-in", data={"identifier": user.phone, "password": PASSWORD})

    assert answer.status_code == 422
    assert not is_in(browser)


def test_one_place_cannot_send_codes_to_many_strangers(isolated: Flask, session: Session) -> None:
    for number in range(codes.PER_ADDRESS):
        answer = Browser(isolated).send("/account/sign-in", {"identifier": f"0108{number:07d}"})
        assert answer.status_code == 302

    refused = Browser(isolated).send("/account/sign-in", {"identifier": "010-7777-7777"})

    assert refused.status_code == 429


def test_a_stranger_elsewhere_does_not_keep_an_owner_from_a_code(isolated: Flask, session: Session) -> None:
    user = make_user(session)
    for _ in range(codes.PER_NUMBER_AND_ADDRESS + 1):
        stranger = Browser(isolated)
        stranger.send(
            "/account/sign-in", {"identifier": user.phone}, environ_base={"REMOTE_ADDR": "203.0.113.9"}
        )

    answer = Browser(isolated).send("/account/sign-in", {"identifier": user.phone})

    assert answer.status_code == 302


def test_a_double_press_on_the_code_comes_in_both_times(
    browser: Browser, session: Session, isolated: Flask
) -> None:
    user = make_user(session)
    browser.send("/account/sign-in", {"identifier": user.phone})
    code = sent_code(isolated)
    with browser.session_transaction() as kept:
        before = dict(kept)

    first = browser.send("/account/code", {"code": code})
    with browser.session_transaction() as kept:
        kept.clear()
        kept.update(before)
    second = browser.send("/account/code", {"code": code})

    assert (first.status_code, second.status_code) == (302, 302)


@pytest.mark.parametrize(
    "name", ["김\n순자", "\u200b\u200b\u200b", "김\u202e자순", "😀😀😀", "1234", "--", "<b>김</b>"]
)
def test_a_name_is_letters(browser: Browser, session: Session, name: str) -> None:
    form = {"name": name, "identifier": "010-2222-3333", "terms": "y", "privacy": "y"}

    assert browser.send("/account/sign-up", form).status_code == 422


@pytest.mark.parametrize("name", ["김순자", "남궁 영희", "Nguyễn Thị Hương", "O’Brien", "J. R. Kim", "김·이"])
def test_real_names_are_taken(browser: Browser, session: Session, name: str) -> None:
    form = {"name": name, "identifier": "010-2222-3333", "terms": "y", "privacy": "y"}

    assert browser.send("/account/sign-up", form).status_code == 302


def test_a_password_made_to_be_slow_to_judge_is_judged_by_its_beginning() -> None:
    slow = ("1|7!4@({[<69$5+8302%" * 4)[:72]

    passwords.check_strength(slow, own_words=[])
    assert passwords.JUDGED_CHARS <= 24


def test_saving_the_profile_eight_times_at_once_gives_one_consent(
    app: Flask, committed: Session, race: Callable[[list[Callable[[], object]]], list[object]]
) -> None:
    user_id = make_user(committed).id
    committed.commit()

    def agree() -> None:
        with db.transaction() as session:
            user = queries.get_user(session, user_id)
            operations.set_news_consent(session, user, version="2026-11-21", now=clock.now())

    assert race([agree] * 8) == [None] * 8
    assert len(committed.scalars(select(Consent).where(Consent.user_id == user_id)).all()) == 1


def test_proving_one_number_on_eight_devices_at_once_makes_one_account(
    app: Flask, committed: Session, race: Callable[[list[Callable[[], object]]], list[object]]
) -> None:
    def join() -> int:
        with db.transaction() as session:
            user = operations.sign_up(
                session,
                identifier="01022223333",
                name="김순자",
                password_hash=None,
                consents={ConsentKind.TERMS: "2026-11-21"},
                display=("2", "normal"),
                now=clock.now(),
            )
            return user.id

    ids = race([join] * 8)

    assert len(set(map(str, ids))) == 1, ids
    assert len(committed.scalars(select(User).where(User.phone == "01022223333")).all()) == 1
