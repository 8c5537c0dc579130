"""A public question for search engines (schema.org QAPage), with the names a signed-out reader sees."""

import html
from typing import Any

import nh3

from portal.community.queries import AnswerLine, QuestionPage


def qa_page(page: QuestionPage, *, address: str) -> dict[str, Any] | None:
    """Return a question with its answers as data, or None if nobody has answered yet.

    ``page`` is what a signed-out reader sees, so that the data says nothing else.
    """
    answers = [line for line in page.answers if not line.is_follow_up]
    if not answers:
        return None
    question: dict[str, Any] = {
        "@type": "Question",
        "name": page.title,
        "text": _plain(page.text_html) or page.title,
        "dateCreated": page.created_at.isoformat(),
        "author": {"@type": "Person", "name": page.asker},
        "answerCount": len(answers),
        "suggestedAnswer": [_answer(line, address) for line in answers if not line.is_accepted],
    }
    for line in answers:
        if line.is_accepted:
            question["acceptedAnswer"] = _answer(line, address)
    return {"@context": "https://schema.org", "@type": "QAPage", "mainEntity": question}


def _answer(line: AnswerLine, address: str) -> dict[str, Any]:
    return {
        "@type": "Answer",
        "text": _plain(line.text_html),
        "dateCreated": line.created_at.isoformat(),
        "url": f"{address}#answer-{line.id}",
        "author": {"@type": "Person", "name": line.author},
    }


def _plain(text_html: str) -> str:
    return html.unescape(nh3.clean(text_html, tags=set())).strip()
