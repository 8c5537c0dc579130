"""What notices say: sentences of content/messages.toml, filled in with what happened.

The rules of such a sentence stand here; `portal.courses.message_file` reads the file and tells what breaks
one, with its line, before the portal starts.
"""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app

from portal.core import korean, sms
from portal.messages.vocabulary import Kind

LONGEST_SENTENCE = 70
"""Characters, as in lessons."""
SENTENCES_MAX = 2
SENDER = "[장터배움]"
"""Who writes, before the words of every message."""

#: What the code fills in. A text may leave a value out and may not ask for another.
MESSAGES: Mapping[str, frozenset[str]] = {
    "question-asked": frozenset({"title", "by"}),
    "follow-up": frozenset({"title", "by"}),
    "question-handed-to-you": frozenset({"title", "by"}),
    "question-handed-on": frozenset({"title", "owner"}),
    "question-has-new-owner": frozenset({"title", "owner", "by"}),
    "question-late-has-new-owner": frozenset({"title", "owner", "by"}),
    "question-late": frozenset({"title"}),
    "question-waits": frozenset({"title", "by"}),
    "question-without-mentor": frozenset({"title"}),
    "mentor-paused": frozenset(),
    "answer": frozenset({"title", "author"}),
    "answer-accepted": frozenset({"title", "who"}),
    "question-solved": frozenset({"title", "who"}),
    "question-solved-for-you": frozenset({"title", "who"}),
    "question-not-solved": frozenset({"title", "by"}),
    "copy-asked": frozenset({"title"}),
    "question-waits-again": frozenset({"title", "by"}),
    "text-put-aside": frozenset({"title"}),
    "text-hidden": frozenset({"title", "reason"}),
    "text-released": frozenset({"title"}),
    "text-shown-again": frozenset({"title"}),
    "report-hidden": frozenset(),
    "report-kept": frozenset(),
    "thread-moved": frozenset({"title", "board", "reason"}),
    "thread-merged": frozenset({"title", "reason"}),
    "thread-split": frozenset({"title", "reason"}),
    "comment": frozenset({"title"}),
    "story-published": frozenset({"title"}),
    "association-joined": frozenset({"who", "association"}),
    "offer-made": frozenset({"topic", "by"}),
    "need-asked-on": frozenset(),
    "need-looked-for": frozenset(),
    "need-without-mentor": frozenset({"topic"}),
    "mentor-rests": frozenset(),
    "need-accepted": frozenset({"mentor"}),
    "visit-proposed": frozenset({"mentor"}),
    "visit-agreed": frozenset({"when", "place"}),
    "visit-other-time": frozenset({"merchant"}),
    "visit-moved-by-mentor": frozenset({"mentor", "what"}),
    "visit-moved-by-merchant": frozenset({"merchant", "what"}),
    "visit-missed": frozenset({"who", "when"}),
    "visit-missed-by-you": frozenset({"who", "when"}),
    "visit-proposed-by-number": frozenset({"mentor"}),
    "visit-reply-help": frozenset(),
    "visit-reply-past": frozenset({"when"}),
    "visit-reply-taken": frozenset({"when"}),
    "visit-reply-none-left": frozenset({"mentor"}),
    "visit-reply-agreed": frozenset({"when", "place"}),
    "visit-reply-nothing": frozenset(),
    "visit-let-go": frozenset({"what"}),
    "visit-tomorrow": frozenset({"other", "when", "place"}),
    "visit-soon": frozenset({"other", "when", "place"}),
    "appeal-made": frozenset({"who"}),
    "appeal-upheld": frozenset(),
    "appeal-declined": frozenset(),
    "visit-held": frozenset({"mentor", "when"}),
    "visit-held-with-items": frozenset({"mentor", "items"}),
    "item-sent-back": frozenset({"item", "words"}),
    "referral-asked": frozenset({"field"}),
    "referral-without-specialist": frozenset({"field"}),
    "referral-answered": frozenset({"field"}),
    "circle-joined": frozenset({"who", "circle"}),
    "circle-planned": frozenset({"circle", "when", "place"}),
    "circle-cancelled": frozenset({"circle", "when", "place"}),
    "circle-tomorrow": frozenset({"circle", "when", "place"}),
    "circle-soon": frozenset({"circle", "when", "place"}),
    "circle-held": frozenset({"circle", "when", "place"}),
    "circle-ended": frozenset({"circle"}),
    "agreement-written": frozenset({"mentor"}),
    "agreement-confirmed": frozenset({"merchant"}),
    "engagement-goes-on": frozenset({"other"}),
    "engagement-paused": frozenset({"other"}),
    "engagement-resumed": frozenset({"other"}),
    "engagement-look-again": frozenset({"other"}),
    "engagement-handed-on": frozenset({"mentor"}),
    "follow-up-week": frozenset({"merchant"}),
    "follow-up-over": frozenset({"merchant"}),
    "engagement-ended-by-mentor": frozenset({"mentor"}),
    "engagement-ended-by-office": frozenset({"other"}),
    "engagement-ended-by-merchant": frozenset({"merchant"}),
    "proofs-wait": frozenset({"count"}),
    "proof-confirmed": frozenset({"reviewer"}),
    "proof-confirmed-with-words": frozenset({"reviewer", "comment"}),
    "proof-sent-back": frozenset({"reviewer", "comment"}),
    "reply-read": frozenset({"reviewer"}),
    "reply-chosen": frozenset({"reviewer"}),
    "rehearsal-checked": frozenset({"reviewer"}),
    "phrase-removed": frozenset({"reason"}),
    "step-mended": frozenset({"answer"}),
    "step-looked-at": frozenset({"answer"}),
    "certificate-ready": frozenset({"word"}),
    "exam-place": frozenset({"exam"}),
    "exam-released": frozenset({"exam"}),
    "exam-release-held": frozenset({"exam"}),
    "exam-result-changed": frozenset({"exam"}),
    "regrade-proposed": frozenset({"exam"}),
    "calibration-with-you": frozenset({"scripts", "how"}),
    "calibration-opened": frozenset({"marker"}),
    "statement-ready": frozenset(),
    "certificate-revoked": frozenset({"word"}),
    "certificate-drifted": frozenset({"number"}),
    "certificate-declined": frozenset(),
    "certificate-batch-declined": frozenset({"batch"}),
    "candidate-moved": frozenset({"qualification"}),
    "candidate-ready": frozenset({"qualification"}),
    "requirement-decided": frozenset({"requirement"}),
    "training-log-confirmed": frozenset({"reviewer"}),
    "training-log-sent-back": frozenset({"reviewer"}),
    "portfolio-ready": frozenset(),
    "certification-appeal-filed": frozenset({"who"}),
    "certification-appeal-upheld": frozenset(),
    "certification-appeal-dismissed": frozenset(),
    "certificate-again": frozenset(),
    "certificate-ends": frozenset({"title", "day"}),
    "certificate-ended": frozenset({"title", "day"}),
    "certificate-request-declined": frozenset({"what"}),
    "certificate-work-waits": frozenset({"what"}),
    "course-opened": frozenset({"course"}),
}
#: What stands in digests, around the sentences of notices.
DIGEST_WORDS: Mapping[str, frozenset[str]] = {
    "digest-things-to-do": frozenset({"count"}),
    "digest-others": frozenset({"count"}),
    "digest-news": frozenset({"count"}),
}

_POLITE = re.compile(r"(?:요|니다)[.?!]$")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
_VARYING = {
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "과",
    "와",
    "으로",
    "로",
    "이에요",
    "예요",
    "이나",
    "나",
    "이랑",
    "랑",
}
_AFTER_PLACEHOLDER = re.compile(r"\}([가-힣]+)")


@dataclass(frozen=True)
class MessageText:
    """The words of a message with their placeholders; of digest words ``kind`` and ``asks`` mean nothing."""

    id: str
    text: str
    version: str
    sample: Mapping[str, str]
    kind: Kind
    asks: bool

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the sentence with the values in their places, on one line."""
        return _Filler().vformat(self.text, (), values)


@dataclass(frozen=True)
class Texts:
    """Every text by its id, with what `flask lessons check` says about them."""

    texts: Mapping[str, MessageText]
    advice: tuple[Any, ...] = ()

    @property
    def summary(self) -> str:
        """Return what was read, in a few words."""
        return f"{len(self.texts)} messages"

    def get(self, message: str) -> MessageText:
        """Return a text. Raises KeyError for an id nobody registered."""
        return self.texts[message]


def current() -> Texts:
    """Return the current app's texts."""
    return cast(Texts, current_app.extensions["portal_messages"])


def faults_of(text: MessageText) -> Iterator[tuple[str, str]]:
    """Give each rule the text breaks, as the key it stands at and a sentence."""
    try:
        placeholders = {name for name, _ in _placeholders(text.text)}
    except ValueError as error:
        yield "text", str(error)
        return
    known = {**MESSAGES, **DIGEST_WORDS}[text.id]
    for name in sorted(placeholders - known):
        yield "text", f"nothing fills '{{{name}}}' in; there are: {', '.join(sorted(known)) or 'none'}"
    for name in sorted(placeholders - text.sample.keys()):
        yield "sample", f"the placeholder '{{{name}}}' has no sample"
    for name in sorted(text.sample.keys() - placeholders):
        yield "sample", f"the sample '{name}' has no placeholder in the text"
    yield from _faults_of_style(text)
    if placeholders <= text.sample.keys():
        yield from _faults_of_length(text)


def advice_on(text: MessageText) -> str:
    """Return what could be better: what asks for something should fit a short text message; else empty."""
    size = sms.size_bytes(sms.sendable(f"{SENDER} {text.fill(text.sample)}"))
    if not text.asks or size <= sms.SHORT_BYTES:
        return ""
    return f"'{text.id}' takes {size} bytes; {sms.SHORT_BYTES} fit a short text message"


def _faults_of_style(text: MessageText) -> Iterator[tuple[str, str]]:
    sentences = _sentences(text.text)
    if len(sentences) > SENTENCES_MAX:
        yield "text", f"a notice is one sentence, or two short ones, not {len(sentences)}"
    for sentence in sentences:
        if not _POLITE.search(sentence):
            yield "text", f"a sentence of a notice ends politely, in 요 or 니다 and its mark: {sentence!r}"
    for particle in _AFTER_PLACEHOLDER.findall(text.text):
        if particle in _VARYING:
            yield "text", f"'{particle}' is glued to a placeholder; write {{name:이/가}} and it will fit"
    lacking = sorted({letter for letter in text.text if sms.sendable(letter) != letter})
    if lacking:
        yield "text", f"telephones have no {' '.join(lacking)}"


def _faults_of_length(text: MessageText) -> Iterator[tuple[str, str]]:
    filled = text.fill(text.sample)
    longest = max(map(len, _sentences(filled)), default=0)
    if longest > LONGEST_SENTENCE:
        yield "text", f"with its sample a sentence has {longest} characters; {LONGEST_SENTENCE} read easily"
    if sms.size_bytes(sms.sendable(filled)) > sms.LONG_BYTES:
        yield "text", f"with its sample it is longer than a text message ({sms.LONG_BYTES} bytes)"


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text; what is quoted in it belongs to the sentence around."""
    unquoted = re.sub(r"‘[^’]*’", lambda quoted: re.sub(r"[.?!]", "·", quoted.group()), text)
    return [sentence for sentence in _SENTENCE_END.split(unquoted.strip()) if sentence]


def _placeholders(text: str) -> Iterator[tuple[str, str]]:
    """Give each placeholder's name and particle. Raises ValueError for what is none of ours."""
    for _, name, particle, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if not re.fullmatch(r"[a-z][a-z_]*", name) or conversion:
            raise ValueError(f"'{{{name}}}' is no placeholder; write {{name}} or {{name:이/가}}")
        if particle and particle not in korean.PARTICLES:
            raise ValueError(f"'{particle}' is no pair of particles; there are {', '.join(korean.PARTICLES)}")
        yield name, particle or ""


class _Filler(string.Formatter):
    """Fills values in: each on one line, with the particle that its last sound asks for."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return the value, and the particle of the pair written behind its name."""
        words = " ".join(str(value).replace("\0", " ").split())
        return korean.with_particle(words, format_spec) if format_spec else words
