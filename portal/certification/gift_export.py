"""Writing items as GIFT: what `gift.parse` reads again as the same items."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from portal.certification.gift import Item
from portal.certification.gift_answers import TRUE, escape, plain


def export(items: Iterable[Item]) -> str:
    """Write items with the cases they belong to, each case above the first item that names it."""
    written: list[str] = []
    told: set[str] = set()
    for item in items:
        case = item.content.get("case")
        if case and case["title"] not in told:
            told.add(case["title"])
            written.append(f"::{escape(case['title'])}::[markdown]{escape(case['text'])}")
        written.append(_item(item))
    return "\n\n".join(written) + "\n"


def _item(item: Item) -> str:
    lines = [f"// subject: {item.subject}", f"// level: {item.level}"]
    lines += [f"// {tag}: {item.content[tag]}" for tag in ("step", "why") if item.content[tag]]
    if case := item.content.get("case"):
        lines.append(f"// case: {case['title']}")
    if vary := item.content.get("vary"):
        draws = (f"{name}={least}..{most}/{step}" for name, (least, most, step) in vary.items())
        lines.append(f"// vary: {', '.join(draws)}")
    stem = escape(item.content["stem"])
    return "\n".join([*lines, f"::{escape(item.name)}::[markdown]{stem} {_answers(item)}"])


def _answers(item: Item) -> str:
    content = item.content
    match item.kind:
        case "essay":
            return "{}"
        case "numeric":
            numbers = [f"={each['value']}:{each['tolerance']}" for each in content["key"]]
            return "{#" + " ".join(numbers) + "}"
        case "short":
            return "{" + " ".join("=" + _option("=", each) for each in content["key"]) + "}"
        case "true_false":
            return _truth(content)
        case "matching":
            return _pairs(content)
        case _:
            return _choices(content)


def _choices(content: dict[str, Any]) -> str:
    rights = content["key"]
    share = "~%" + plain((Decimal(100) / len(rights)).quantize(Decimal("0.00001"))) + "%"
    lines = []
    for each in content["choices"]:
        sign = ("=" if len(rights) == 1 else share) if each["key"] in rights else "~"
        feedback = f"#{escape(each['feedback'])}" if each["feedback"] else ""
        lines.append(f"  {sign}{_option(sign, each['text'])}{feedback}")
    return "\n".join(["{", *lines, "}"])


def _option(sign: str, text: str) -> str:
    """Write a text; one that begins with % is kept from being read as a share of the points."""
    share = {"=": "%100%", "~": "%0%"}.get(sign, "") if text.startswith("%") else ""
    return share + escape(text)


def _truth(content: dict[str, Any]) -> str:
    told = {each["key"] in content["key"]: escape(each["feedback"]) for each in content["choices"]}
    feedback = f"#{told[False]}#{told[True]}" if any(told.values()) else ""
    return "{" + ("T" if content["key"] == [TRUE] else "F") + feedback + "}"


def _pairs(content: dict[str, Any]) -> str:
    option_of = {each["row"]: each["option"] for each in content["key"]}
    paired, waiting = set(option_of.values()), list(content["options"])
    lines = []
    for row in content["rows"]:
        # an option that fits nothing keeps its place among the options, and so its letter
        while waiting and waiting[0]["key"] <= option_of[row["key"]]:
            option = waiting.pop(0)
            if option["key"] not in paired:
                lines.append(f"  = -> {escape(option['text'])}")
        right = next(each["text"] for each in content["options"] if each["key"] == option_of[row["key"]])
        lines.append(f"  ={_option('=', row['text'])} -> {escape(right)}")
    lines += [f"  = -> {escape(option['text'])}" for option in waiting]
    return "\n".join(["{", *lines, "}"])
