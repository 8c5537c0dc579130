"""The words of an item as a page or a paper shows them."""

from markupsafe import Markup

from portal.core.markdown import render_item


def item_html(text: str) -> Markup:
    """Return safe HTML of a question or a case; nothing for none."""
    return Markup(render_item(text)) if text else Markup()  # noqa: S704 - cleaned by render_item
