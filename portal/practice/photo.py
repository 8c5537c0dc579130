"""One picture of goods, measured: nothing is guessed about what is in it.

The limits are ours, after what sellers' guides share: square, a thousand pixels, daylight, sharp, a quiet
background. They are chosen to let a good telephone picture pass, not to judge taste.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from PIL import Image, ImageFilter, ImageOps, ImageStat

from portal.core.i18n import gettext as _
from portal.core.i18n import noted, translated
from portal.practice import translation, typed
from portal.practice.field import Field
from portal.practice.outcome import Answer, AnswerError, BadPractice, Line, Outcome, UnreadableError, judge
from portal.practice.table import Table

MEASURED_PX = 512
"""The long side of the copy that is measured, so that every camera is held to the same."""
NARROWEST_PX = 16
SHORT_SIDE_PX = 1000
UNEVEN_PERCENT = 3
"""How much longer one side of a square may be."""
DARK, BRIGHT = 85, 238
"""Of 255, the mean of all pixels."""
SHARP = 60
"""Variance of the Laplacian; below it edges are soft."""
BORDER_PERCENT = 14
"""Of each side, the strip in which the background is looked at."""
EDGE = 16
"""Of 255, the difference to the next pixel that makes an edge."""
BUSY_PERCENT = 5
"""Of the pixels of the strip that lie on an edge."""

_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


@dataclass(frozen=True)
class Photo:
    """What is to be photographed, and what the picture is held against."""

    question: str
    hints: tuple[str, ...]
    checks: tuple[str, ...]

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        return self.question

    def form_fields(self, _seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form."""
        return (
            Field(
                "photo", _("사진"), _("찍어 둔 사진을 고르거나 지금 찍어 주세요. 나만 볼 수 있어요."), "file"
            ),
        )

    def check(self, answer: Answer, _seed: str) -> Outcome:
        """Judge what `measure` found: everything to put right at once, since another picture takes a walk."""
        return judge({"photo": lambda: _judge(self, answer)})

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return what a good picture measures."""
        return {
            "photo": "0" * 64,
            "width": "1200",
            "height": "1200",
            "brightness": "170",
            "sharpness": "400",
            "busy": "1",
        }

    def solution(self, _seed: str) -> tuple[Line, ...]:
        """Say how such a picture is taken."""
        named = [CHECKS[check] for check in self.checks]
        return tuple(Line(translated(check.label), translated(check.how)) for check in named)


@dataclass(frozen=True)
class Check:
    """One thing a picture is held against: what is wrong, empty if nothing, and how it is put right."""

    label: str
    how: str
    judge: Callable[[Mapping[str, int]], str]


def _square(found: Mapping[str, int]) -> str:
    long, short = max(found["width"], found["height"]), min(found["width"], found["height"])
    if long * 100 <= short * (100 + UNEVEN_PERCENT):
        return ""
    return _("사진이 길쭉해요.") if found["height"] > found["width"] else _("사진이 옆으로 넓어요.")


def _pixels(found: Mapping[str, int]) -> str:
    short = min(found["width"], found["height"])
    return "" if short >= SHORT_SIDE_PX else _("사진이 작아요(짧은 쪽 %(pixels)s픽셀).", pixels=f"{short:,}")


def _brightness(found: Mapping[str, int]) -> str:
    if found["brightness"] < DARK:
        return _("사진이 어두워요.")
    return _("사진이 너무 하얘요.") if found["brightness"] > BRIGHT else ""


def _blur(found: Mapping[str, int]) -> str:
    return "" if found["sharpness"] >= SHARP else _("사진이 흐려요.")


def _background(found: Mapping[str, int]) -> str:
    return "" if found["busy"] <= BUSY_PERCENT else _("배경이 복잡해요.")


CHECKS: Mapping[str, Check] = {
    "square": Check(noted("네모"), noted("카메라에서 ‘1:1’을 고르거나, 찍은 사진을 네모로 잘라요."), _square),
    "pixels": Check(
        noted("크기"), noted("보내 받은 사진 말고, 휴대전화로 찍은 원래 사진을 골라요."), _pixels
    ),
    "brightness": Check(
        noted("밝기"),
        noted("낮에 창가에서, 불을 끄고 찍어요. 해가 바로 들면 얇은 천으로 가려요."),
        _brightness,
    ),
    "blur": Check(
        noted("또렷함"), noted("렌즈를 닦고, 두 손으로 잡고, 물건을 한 번 눌러 초점을 맞춰요."), _blur
    ),
    "background": Check(
        noted("배경"), noted("하얀 종이나 한 가지 색 천을 깔고, 둘레의 물건을 치워요."), _background
    ),
}


def read(values: Mapping[str, object]) -> Photo:
    """Read an authored table; raises BadPractice."""
    table = Table(values)
    table.allow("kind", "question", "hints", "checks")
    checks = table.texts("checks") or tuple(CHECKS)
    for check in checks:
        if check not in CHECKS:
            raise BadPractice(f"'checks' names '{check}'; the checks are {', '.join(CHECKS)}")
    return Photo(table.text("question"), table.texts("hints"), checks)


def translate(photo: Photo, words: Table) -> Photo:
    """Give the task other words; raises BadPractice where they do not fit."""
    words.allow("question", "hints")
    return replace(photo, question=words.text("question"), hints=translation.hints(photo.hints, words))


def measure(content: bytes, width: int, height: int) -> dict[str, str]:
    """Return what can be measured of a cleaned picture that was ``width`` by ``height`` pixels.

    Brightness is 0 to 255, sharpness the variance of the Laplacian, and how busy the strip at the border is,
    a percent.
    """
    with Image.open(io.BytesIO(content)) as picture:
        grey = picture.convert("L")
    grey.thumbnail((MEASURED_PX, MEASURED_PX))
    if min(grey.size) < NARROWEST_PX:  # nothing to look at; its shape is told
        grey = grey.resize((NARROWEST_PX, NARROWEST_PX))
    # Stretched first, so that a dark picture is not called soft; the filter leaves the border as it was.
    edges = ImageOps.crop(ImageOps.autocontrast(grey, cutoff=1).filter(_LAPLACIAN), border=2)
    sharpness = ImageStat.Stat(edges).var[0]
    return {
        "width": str(width),
        "height": str(height),
        "brightness": str(round(ImageStat.Stat(grey).mean[0])),
        "sharpness": str(round(sharpness)),
        "busy": str(_busy_percent(grey)),
    }


def _busy_percent(grey: Image.Image) -> int:
    """Return how much of the strip along the border lies on edges, fine texture smoothed."""
    edges = grey.filter(ImageFilter.GaussianBlur(1.5)).filter(ImageFilter.FIND_EDGES)
    edges = edges.point(lambda value: 255 if value > EDGE else 0)
    strip = Image.new("L", edges.size, 255)
    across, down = edges.width * BORDER_PERCENT // 100, edges.height * BORDER_PERCENT // 100
    strip.paste(0, (across, down, edges.width - across, edges.height - down))
    strip.paste(0, (0, 0, edges.width, 2))  # the filter has no neighbours at the very edge
    strip.paste(0, (0, edges.height - 2, edges.width, edges.height))
    strip.paste(0, (0, 0, 2, edges.height))
    strip.paste(0, (edges.width - 2, 0, edges.width, edges.height))
    return round(ImageStat.Stat(edges, strip).mean[0] * 100 / 255)


def _judge(photo: Photo, answer: Answer) -> str:
    if not typed.text(answer, "photo"):
        raise UnreadableError(_("아직 사진이 없어요. 사진을 한 장 골라 주세요."))
    found = {
        key: _whole(answer.get(key, "")) for key in ("width", "height", "brightness", "sharpness", "busy")
    }
    wrong = [(CHECKS[check], said) for check in photo.checks if (said := CHECKS[check].judge(found))]
    if wrong:
        raise AnswerError(" ".join(f"{said} {translated(check.how)}" for check, said in wrong))
    good = ", ".join(translated(CHECKS[check].label) for check in photo.checks)
    return _("좋아요! %(good)s 모두 괜찮아요.", good=good)


def _whole(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
