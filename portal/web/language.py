"""Which language a page speaks: the visitor's where the page has it, and what is Korean marked as Korean.

A view that can speak English says so with `in_english`. Every other page stays Korean, whole, inside a shell
that speaks the visitor's language and says in one line that the page does not.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request, session
from flask_login import current_user
from markupsafe import Markup, escape

from portal.core import english, i18n, korean
from portal.core.i18n import ENGLISH, KOREAN, LANGUAGES, noted
from portal.web.plain import is_page_plain

View = TypeVar("View", bound=Callable[..., Any])

SESSION_KEY = "language"
#: What is the same for everybody, and must not ask the database who somebody is.
_SPEECHLESS = {
    *("static", "videos.file"),
    *("web.healthz", "web.readyz", "web.service_worker", "web.offline"),
}


def in_english(view: View) -> View:
    """Declare that everything the view shows can be English."""
    cast(Any, view).speaks_english = True
    return view


def init_app(app: Flask) -> None:
    """Let every request speak its language, and templates with it."""
    app.before_request(_begin)
    app.teardown_request(_end)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    cast(Any, app.jinja_env).install_gettext_callables(i18n.translated, _no_plural, newstyle=True)
    app.jinja_env.globals.update(speak=i18n.speak, language=i18n.language, script_sentences=script_sentences)
    app.jinja_env.filters.update(translated=i18n.translated, with_korean=with_korean)


def visitor_language() -> str:
    """Return the language the visitor chose: with the account, else in this browser, else Korean."""
    chosen = chosen_language()
    if not is_page_plain() and current_user.is_authenticated:
        chosen = current_user.language or chosen
    return chosen if chosen in LANGUAGES else KOREAN


def chosen_language() -> str | None:
    """Return the language chosen in this browser, if one was."""
    return session.get(SESSION_KEY)


def choose_language(language: str) -> None:
    """Keep the language in this browser."""
    session[SESSION_KEY] = language


def _page_language(visitors: str) -> str:
    """Return the language of this request's page: the visitor's if its view speaks it."""
    view = current_app.view_functions.get(request.endpoint or "")
    return visitors if view is None or getattr(view, "speaks_english", False) else KOREAN


def with_korean(words: Any) -> Any:
    """Return ``words`` with what is Korean in them marked so, where the page speaks another language."""
    if i18n.language() == KOREAN or not isinstance(words, str) or isinstance(words, Markup):
        return words
    return Markup(korean.HANGUL.sub(_mark, str(escape(words))))  # noqa: S704 - escaped, then marked


def script_sentences(language: str) -> dict[str, str]:
    """Return what the script says, in a language, by its Korean."""
    return {each: i18n.catalog(language).get(each, each) for each in _SCRIPT}


#: What portal.js may say.
_SCRIPT = (
    noted("여기까지 저장했어요"),
    noted("인터넷이 끊겨서 이 기기에만 두었어요"),
    noted("인터넷이 끊겨서 보내지 못했어요. 적은 것은 이 기기에 있어요. 인터넷이 이어지면 다시 눌러 주세요."),
    noted("인터넷이 이어졌어요. 이제 다시 눌러 주세요."),
    noted("다른 기기에서 더 적으셨어요. 새로 열어 주세요."),
    noted("아직 저장하지 못했어요. 잠시 뒤에 다시 해 볼게요"),
    noted("이 기기에만 있는 답이 %(count)s개 있어요. 인터넷이 이어지면 저장해 드려요."),
    noted("인터넷이 끊겼을 때 적은 답을 저장했어요. 그 단계에서 이어서 하시면 돼요."),
    noted("인터넷이 끊겼을 때 이 기기에서 적던 답이 있어요."),
    noted("적던 답 다시 넣기"),
    noted("소리로 듣기"),
    noted("천천히 듣기"),
    noted("멈추기"),
    noted("이 기기에 한국어 목소리가 없어요. 휴대전화 설정에서 ‘글자 읽어 주기’를 켜 주세요."),
)


def _mark(found: Any) -> str:
    return f'<span lang="ko">{found[0]}</span>'


def _no_plural(one: str, _many: str, _number: int) -> str:
    """Sentences of ours have one form (docs/style.md)."""
    return i18n.translated(one)


def _begin() -> None:
    i18n.speak(KOREAN)
    if request.endpoint not in _SPEECHLESS:
        i18n.speak(_page_language(visitor_language()))


def _end(_error: BaseException | None) -> None:
    i18n.speak(KOREAN)


#: What says a day, an hour or an amount, in each language.
SAYS = {KOREAN: korean, ENGLISH: english}
