"""The practices of docs/lessons.md and the real rules of the practice store."""

import copy
import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal.core.personal_numbers import find_numbers
from portal.practice import listing, number, store_rules
from portal.practice.copy_rules import CopyRules, read_copy_rules
from portal.practice.kinds import Sources
from portal.practice.listing import Listing
from portal.practice.number import Number
from portal.practice.reply_rules import ReplyRules, read_reply_rules
from portal.practice.store_rules import Rules

ROOT = Path(__file__).resolve().parents[3]

#: Percents of domain.md §3.4: 주문관리 with VAT; 판매수수료 2.73 % and 0.91 %, each with 10 % VAT added.
RATES = {
    "naver.order_fee_small": Decimal("1.98"),
    "naver.sales_fee_search_with_vat": Decimal("3.003"),
    "naver.sales_fee_link_with_vat": Decimal("1.001"),
}


@pytest.fixture(scope="session")
def rates() -> Callable[[str], Decimal]:
    return RATES.__getitem__


@pytest.fixture(scope="session")
def rules_table() -> dict[str, Any]:
    path = ROOT / "content/listing_rules/practice-store.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def notices_table() -> dict[str, Any]:
    path = ROOT / "content/listing_rules/notices.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def pictures_table() -> dict[str, Any]:
    path = ROOT / "content/listing_rules/pictures.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def documented() -> dict[str, Any]:
    """Every practice table that docs/lessons.md shows, by the name of its step."""
    blocks = (ROOT / "docs/lessons.md").read_text(encoding="utf-8").split("```toml\n")[1:]
    tables: dict[str, Any] = {}
    for block in blocks:
        found = tomllib.loads(block.split("```")[0])
        tables |= {name: table for name, table in found.items() if name.startswith("practice-")}
    return tables


@pytest.fixture(scope="session")
def rules(
    rules_table: dict[str, Any], notices_table: dict[str, Any], pictures_table: dict[str, Any]
) -> Rules:
    rules = store_rules.add_notices(store_rules.read_rules(rules_table), notices_table)
    return store_rules.add_pictures(rules, pictures_table, "<svg>{}</svg>".format)


@pytest.fixture(scope="session")
def copy_rules(rules: Rules) -> CopyRules:
    name_words = {"superlatives": rules.name.superlatives, "health_claims": rules.name.health_claims}
    table = tomllib.loads((ROOT / "content/copy_rules.toml").read_text(encoding="utf-8"))
    return read_copy_rules(table, name_words)


@pytest.fixture(scope="session")
def reply_rules() -> ReplyRules:
    return read_reply_rules(tomllib.loads((ROOT / "content/reply_rules.toml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def sources(
    rates: Callable[[str], Decimal], rules: Rules, copy_rules: CopyRules, reply_rules: ReplyRules
) -> Sources:
    return Sources(rates=rates, store=rules, copy=copy_rules, reply=reply_rules, find_numbers=find_numbers)


@pytest.fixture
def told(documented: dict[str, Any], rules: Rules) -> Listing:
    """The listing of the authors' guide: its story says how much is sold and who pays for delivery."""
    return listing.read(documented["practice-listing"], rules)


@pytest.fixture
def kimchi(documented: dict[str, Any], rules: Rules) -> Listing:
    """The same goods under a story that leaves the weight and the way of delivery open."""
    table = copy.deepcopy(documented["practice-listing"])
    table["goods"]["words"] = ["김치"]
    del table["goods"]["delivery"]
    return listing.read(table, rules)


@pytest.fixture
def settlement(documented: dict[str, Any], rates: Callable[[str], Decimal]) -> Number:
    return number.read(documented["practice-settlement"], rates)
