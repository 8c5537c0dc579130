"""Every mistake in the fee files is told with its file, its line and a sentence."""

import shutil
from pathlib import Path

import pytest

from portal.calculators import fee_tables
from portal.core.settings import ROOT
from portal.courses.facts import Fact, read_facts
from portal.courses.problems import ContentError, Problems

NAVER, COUPANG, VAT = "fees/smartstore.toml", "fees/coupang.toml", "simplified_vat.toml"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Return a copy of the fee files that a test may spoil."""
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content" / "fees", folder / "fees")
    shutil.copy(ROOT / "content" / VAT, folder / VAT)
    return folder


@pytest.fixture(scope="module")
def facts() -> tuple[Fact, ...]:
    return tuple(read_facts(ROOT / "content" / "facts", Problems(ROOT / "content")).values())


MID1, ALSO = 'fact = "naver.order_fee_mid1"', 'also = ["naver.fee_grade_times"]'
SHIPPING = 'about = "손님이 낸 배송비에 붙어요."'


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (NAVER, MID1, 'fact = "naver.none"', "the fact 'naver.none' is not in content/facts"),
        (NAVER, MID1, 'fact = "law.withdrawal_fresh"', "'law.withdrawal_fresh' has no number"),
        (NAVER, 'base = "paid"', 'base = "all"', "'fees[1].base' must be one of goods, shipping, paid"),
        (NAVER, 'id = "mid1"', 'id = "small"', "the id 'small' comes twice"),
        (NAVER, 'id = "mid1"', 'id = "Mid 1"', "'Mid 1' is no id"),
        (NAVER, 'asks = "한 해 매출"', "", "'fees[1].asks' must be a string"),
        (NAVER, "vat_included = false", "vat = false", "'fees[2].rates[1].vat' is not known here"),
        (NAVER, "percent = 100", "percent = 90", "the 'percent' of all parts must come to 100"),
        (NAVER, 'counted_from = "sent"', 'counted_from = "ordered"', "must be one of confirmed, sent"),
        (NAVER, ALSO, 'also = ["naver.nothing"]', "the fact 'naver.nothing' is not in content/facts"),
        (COUPANG, SHIPPING, SHIPPING + '\nasks = "무엇"', "a fee with one rate asks nothing"),
        (COUPANG, 'id = "coupang-month"', 'id = "coupang-week"', "the way 'coupang-week' comes twice"),
        (COUPANG, "order = 2", "order = 0", "'order' must be from 1 to 99"),
        (VAT, 'vat_rate = "simplified_vat.vat_rate"', "", "'vat_rate' must be a string"),
        (VAT, "[[trades]]", "[[trade]]", "'trade' is not known here"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_sentence(
    content: Path, facts: tuple[Fact, ...], name: str, old: str, new: str, sentence: str
) -> None:
    path = content / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        fee_tables.load(content, facts)

    told = [line for line in str(caught.value).splitlines() if sentence in line]
    assert len(told) == 1, str(caught.value)
    file, line, _ = told[0].split(":", 2)
    assert file == ("content/fees" if "comes twice" in sentence and "way" in sentence else f"content/{name}")
    assert 1 <= int(line) <= len(path.read_text(encoding="utf-8").splitlines())


def test_a_mistake_points_to_its_line(content: Path, facts: tuple[Fact, ...]) -> None:
    path = content / NAVER
    text = path.read_text(encoding="utf-8").replace("naver.sales_fee_marketing", "naver.none")
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        fee_tables.load(content, facts)

    number = 1 + text[: text.index("naver.none")].count("\n")
    assert f"content/{NAVER}:{number}:" in str(caught.value)
