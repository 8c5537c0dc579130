"""The calculators as people meet them: by their address, without an account, with what was typed kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask

from portal.calculators.fee_tables import FeeTables
from portal.core import clock
from portal.core.clock import KST
from tests.conftest import Browser

PAGES = ("settlement", "paydays", "price", "simplified-vat")


def ask(client: Browser, page: str, **typed: object) -> tuple[int, str]:
    """Return the status and the page for what was typed, spaces that may not break made plain."""
    answer = client.get(f"/calculators/{page}/?{urlencode(typed)}")
    text = answer.text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")
    return answer.status_code, " ".join(text.split())


def test_the_four_are_listed_and_open_to_everybody(client: Browser, count_queries: Callable[[], int]) -> None:
    count_queries()
    page = client.get("/calculators/").text

    for each in PAGES:
        assert f'href="/calculators/{each}/"' in page
        assert client.get(f"/calculators/{each}/").status_code == 200
    assert count_queries() == 0


def test_a_sale_is_settled_line_by_line(client: Browser) -> None:
    status, page = ask(
        client, "settlement", channel="smartstore", price="3만원", shipping="3,000원", cost="１４０００",
        box="800", courier="3천 300", tax="general",
    )  # fmt: skip

    assert status == 200
    for words in (
        "33,000원 × 1.98% (1원 아래 0.4원은 버려요)",
        "31,447원",
        "13,347원",
        "1,213원",
        "12,134원",
    ):
        assert words in page
    assert 'value="3만원"' in page


def test_a_choice_of_the_channel_is_taken(client: Browser) -> None:
    _, page = ask(client, "settlement", price="30000", shipping="3000", fee_sales="link")

    assert "32,047원" in page


def test_bad_input_is_told_beside_its_field_and_kept(client: Browser) -> None:
    status, page = ask(
        client, "settlement", price="많이", quantity="0", shipping="-1", cost="1.5", box="1,00",
        courier="9" * 30, tax="x",
    )  # fmt: skip

    assert status == 422
    for words in (
        "12000처럼 숫자로 적어 주세요.",
        "1개부터 10,000개까지",
        "빼기 표시를 지워 주세요",
        "소수점은 쓰지 않아요",
        "쉼표 자리를",
        "너무 길어요",
        "보이는 것 가운데에서 골라 주세요.",
        'value="많이"',
    ):
        assert words in page
    assert "정말 남는 돈</span>" not in page


@pytest.mark.parametrize(
    ("page", "typed", "words"),
    [
        ("settlement", {"price": ""}, "하나에 얼마에 파는지"),
        ("price", {"cost": "100", "wanted": ""}, "남기고 싶은 만큼"),
        ("price", {"cost": "100", "wanted": "91"}, "90% 아래로"),
        ("price", {"cost": "100", "wanted": "90"}, "이만큼 남기는 값은 없어요"),
        ("simplified-vat", {"sales": "100", "cards": "101"}, "판 돈보다 많아요"),
        ("paydays", {"day_1": ""}, "주문을 하나는 적어 주세요"),
        ("paydays", {"day_1": "2026-11-24"}, "들어올 돈을 적어 주세요"),
        ("paydays", {"day_1": "", "won_1": "100"}, "날짜를 적어 주세요"),
        ("paydays", {"day_1": "언젠가", "won_1": "100"}, "날짜를 2026-11-26처럼"),
        ("paydays", {"day_1": "1890-01-01", "won_1": "100"}, "2020년부터 2040년"),
        (
            "paydays",
            {"day_1": "2026-11-24", "won_1": "1", "day_2": "2030-01-02", "won_2": "1"},
            "두 해 넘게 벌어져",
        ),
        ("paydays", {"day_1": "2026-11-24", "won_1": "1", "cost_day": "32"}, "1일부터 31일까지"),
        ("paydays", {"way": "smartstore-fast", "day_1": "", "stage": "confirmed"}, "골라 주세요"),
    ],
)  # fmt: skip
def test_each_refusal_says_what_to_do(client: Browser, page: str, typed: dict[str, str], words: str) -> None:
    answer = client.get(f"/calculators/{page}/?{urlencode(typed)}")

    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize("address", ["settlement/?channel=moon", "price/?channel=moon", "paydays/?way=moon"])
def test_an_unknown_channel_is_not_found(client: Browser, address: str) -> None:
    assert client.get(f"/calculators/{address}").status_code == 404


def test_odd_numbers_of_rows_are_no_failure(client: Browser) -> None:
    for rows in ("-5", "9999999", "x", ""):
        assert client.get(f"/calculators/paydays/?rows={rows}&more=1").status_code == 200


def test_the_coupang_weeks_of_december_come_on_their_days(client: Browser) -> None:
    status, page = ask(
        client, "paydays", way="coupang-week", stage="confirmed", day_1="2024-12-09", won_1="29,403원",
        cost_won="3만", cost_day="10",
    )  # fmt: skip

    assert status == 200
    for words in ("2025년 1월 7일(화)", "20,582원", "2025년 2월 3일(월)", "8,821원", "이 모자라요"):
        assert words in page


def test_a_row_can_be_added_with_what_was_typed_kept(client: Browser) -> None:
    status, page = ask(client, "paydays", day_1="2026-11-24", won_1="만", rows="3", more="1")

    assert status == 200
    assert 'name="won_6"' in page
    assert 'value="만"' in page
    assert "군데만 고쳐" not in page


def test_a_price_and_a_year_come_out(client: Browser) -> None:
    _, price = ask(client, "price", cost="14000", box="800", courier="3300", wanted="20%", goods="taxed")
    _, year = ask(
        client, "simplified-vat", trade="retail", sales="6000만", invoices="3500만", cards="4000만원"
    )

    assert "27,455원" in price
    assert "27,500원" in price
    assert "205,000원" in year


def test_a_rate_in_doubt_is_marked_beside_its_line(client: Browser) -> None:
    _, sure = ask(client, "settlement", price="100")
    _, unsure = ask(client, "settlement", channel="coupang", price="100")

    assert "확인 필요</span>" not in sure or _today() > date(2026, 12, 31)
    assert "확인 필요</span>" in unsure
    assert "확인하지 못한 내용이에요" in unsure


def test_a_rate_past_its_review_is_marked_with_the_day(isolated: Flask, client: Browser) -> None:
    kept: FeeTables = isolated.extensions["portal_fee_tables"]
    past = _today() - timedelta(days=1)
    naver = kept.channels[0]
    rate = naver.fees[0].rates[0]
    old = replace(rate, fact=replace(rate.fact, review_by=past))
    fee = replace(naver.fees[0], rates=(old, *naver.fees[0].rates[1:]))
    changed = replace(naver, fees=(fee, *naver.fees[1:]))
    isolated.extensions["portal_fee_tables"] = replace(kept, channels=(changed, *kept.channels[1:]))

    _, page = ask(client, "settlement", price="100")
    isolated.extensions["portal_fee_tables"] = kept

    assert "다시 확인할 날이 지났어요" in page
    assert f"{past.year}년 {past.month}월 {past.day}일" in page


def test_the_check_of_the_lessons_counts_the_fee_tables(isolated: Flask) -> None:
    result = isolated.test_cli_runner().invoke(args=["lessons", "check"])

    assert "4 channels, 5 ways of being paid" in result.output


def _today() -> date:
    return clock.now().astimezone(KST).date()
