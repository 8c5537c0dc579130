"""A video in a lesson: what the page, the paper and the page without a network show, and what is refused."""

import base64
import re
import shutil
import struct
from pathlib import Path

import pytest

from bin.film import element, number, write_webm
from portal.core.settings import ROOT
from portal.courses import catalogue, publishing
from portal.courses.lesson_file import Step
from portal.courses.problems import ContentError
from portal.courses.webm import BadWebmError, Film, read_film

LESSON = "lessons/small/first/lesson.md"
FILM = "lessons/small/first/videos/wipe.webm"
CAPTIONS = "lessons/small/first/videos/wipe.ko.vtt"
POSTER = "lessons/small/first/videos/wipe.webp"
BLOCK = '!!! video "렌즈 닦기"\n    videos/wipe.webm\n'
SECONDS = 12.0
VTT = """WEBVTT

00:00.000 --> 00:05.500
렌즈를 천으로
닦아요.

00:00:05.500 --> 00:00:12.000
이제 또렷해요.
"""
PICTURE = base64.b64encode(b"a picture").decode()


def make_film(seconds: float = SECONDS) -> bytes:
    return write_webm(64, seconds, [(0, True, PICTURE), (100, False, PICTURE), (5000, True, PICTURE)])


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Return a copy of the small course with a video in its first step."""
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "tests" / "content", folder)
    shutil.copytree(ROOT / "content" / "listing_rules", folder / "listing_rules")
    for rules in (ROOT / "content").glob("*_rules.toml"):
        shutil.copy(rules, folder)
    (folder / FILM).parent.mkdir()
    (folder / FILM).write_bytes(make_film())
    (folder / CAPTIONS).write_text(VTT, encoding="utf-8")
    rewrite(folder / LESSON, "!!! remember", f"{BLOCK}\n!!! remember")
    return folder


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def first_step(content: Path) -> Step:
    return catalogue.load(content).place("small", "first", "fee").step


def refusals(content: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        catalogue.load(content)
    return str(caught.value).splitlines()


def line_of(content: Path, words: str) -> int:
    text = (content / LESSON).read_text(encoding="utf-8")
    return text[: text.index(words)].count("\n") + 1


def test_a_video_waits_to_be_pressed_and_carries_korean_captions(content: Path) -> None:
    html = str(first_step(content).html)

    player, track = re.findall(r"<video [^>]*>|<track [^>]*>", html)
    assert "controls" in player
    assert 'preload="none"' in player
    assert 'width="64"' in player
    assert 'height="64"' in player
    assert "autoplay" not in player
    assert "poster" not in player
    assert all(part in track for part in ("default", 'kind="captions"', 'srclang="ko"', "wipe.ko.vtt"))


def test_it_says_how_long_it_is_and_that_it_has_no_sound(content: Path) -> None:
    html = str(first_step(content).html)

    assert "렌즈 닦기</strong>12초 걸려요. 소리 없는 영상이에요.</figcaption>" in html


def test_the_script_under_it_is_made_of_its_captions(content: Path) -> None:
    rewrite(content / CAPTIONS, "이제 또렷해요.", "고친 말이에요.")

    html = str(first_step(content).html)

    script = html[html.index("영상을 글로 읽기") :]
    assert "<p>렌즈를 천으로 닦아요.</p><p>고친 말이에요.</p>" in script


def test_where_nothing_plays_the_script_stands_by_itself(content: Path) -> None:
    still = str(first_step(content).still_html)

    assert "<video" not in still
    assert "<h3>글로 읽는 영상: 렌즈 닦기</h3><p>렌즈를 천으로 닦아요.</p>" in still


@pytest.mark.parametrize("name", [FILM, CAPTIONS, POSTER])
def test_an_edit_of_any_of_its_files_gives_another_address_and_another_version(
    content: Path, name: str
) -> None:
    before = first_step(content)
    if name == FILM:
        (content / name).write_bytes(make_film(13))
    elif name == CAPTIONS:
        rewrite(content / name, "또렷해요", "선명해요")
    else:
        (content / name).write_bytes(b"a poster")

    after = first_step(content)

    assert after.videos[0].address(".webm") != before.videos[0].address(".webm")
    assert after.content_hash != before.content_hash
    assert ("poster=" in after.html) is (name == POSTER)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (FILM, "there is no video 'videos/wipe.webm'"),
        (CAPTIONS, "there is no file of captions 'videos/wipe.ko.vtt'"),
    ],
)
def test_a_missing_file_is_told_where_the_lesson_names_it(content: Path, name: str, sentence: str) -> None:
    (content / name).unlink()

    assert refusals(content) == [f"content/{LESSON}:{line_of(content, 'videos/wipe')}: {sentence}"]


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        ("videos/wipe.webm", "videos/a.mp4", "videos/a.mp4", "a video is videos/name.webm beside the lesson"),
        ("videos/wipe.webm", "../wipe.webm", "../wipe", "a video is videos/name.webm beside the lesson"),
        ("    videos/wipe.webm\n", "", "!!! video", "a video has one indented line"),
        ("wipe.webm\n", "wipe.webm\n    그리고 글\n", "!!! video", "a video has one indented line"),
        ('!!! video "렌즈 닦기"', "!!! video", "!!! video", "this block is not known"),
    ],
)  # fmt: skip
def test_a_block_written_wrongly_is_told_with_its_line(
    content: Path, old: str, new: str, at: str, sentence: str
) -> None:
    rewrite(content / LESSON, old, new)

    assert any(
        each.startswith(f"content/{LESSON}:{line_of(content, at)}: {sentence}") for each in refusals(content)
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("WEBVTT", "WEBVT", 1, "captions begin with the line WEBVTT"),
        ("WEBVTT\n", "WEBVTT", 2, "an empty line stands below WEBVTT"),
        ("00:00.000 -->", "00:00 -->", 3, "a caption begins with its times"),
        ("00:00.000 -->", "00:00,000 -->", 3, "a caption begins with its times"),
        ("00:05.500\n", "00:01.400\n", 3, "the caption stays 1.4 seconds; at least 1.5 are needed"),
        ("00:05.500\n", "00:06.500\n", 7, "the caption begins before the one above it ends"),
        ("이제 또렷해요.\n", "", 7, "the caption has no words"),
        ("이제", "<b>이제</b>", 7, "a caption is plain words"),
        ("이제", "가" * 80, 7, "a caption of 86 characters; at most 80 can be read"),
        ("00:00:12.000", "00:00:13.000", 7, "the caption ends after the video (12.0 seconds)"),
    ],
)
def test_captions_nobody_could_read_are_told_with_their_line(
    content: Path, old: str, new: str, line: int, sentence: str
) -> None:
    rewrite(content / CAPTIONS, old, new)

    assert any(each.startswith(f"content/{CAPTIONS}:{line}: {sentence}") for each in refusals(content))


def test_captions_without_a_caption_are_refused(content: Path) -> None:
    (content / CAPTIONS).write_text("WEBVTT\n", encoding="utf-8")

    assert refusals(content) == [f"content/{CAPTIONS}:1: there is no caption in it"]


def test_a_video_too_large_for_a_phone_is_refused(content: Path) -> None:
    (content / FILM).write_bytes(make_film() + bytes(3_000_000))

    assert [each for each in refusals(content) if each.startswith(f"content/{FILM}:1: the video has 3,000,")]


@pytest.mark.parametrize(
    ("film", "sentence"),
    [
        (b"GIF89a", "this is not a WebM file"),
        (b"", "this is not a WebM file"),
        (make_film()[:70], "only a part of one"),
        (make_film().replace(b"V_VP9", b"V_AV1"), "the picture must be VP8 or VP9"),
        (make_film().replace(b"\x44\x89", b"\x4d\x80"), "does not say how long it is"),
    ],
)
def test_a_file_no_phone_could_play_is_refused(content: Path, film: bytes, sentence: str) -> None:
    (content / FILM).write_bytes(film)

    assert [each for each in refusals(content) if each.startswith(f"content/{FILM}:1: ") and sentence in each]


def test_a_film_tells_its_size_and_length() -> None:
    assert read_film(make_film()) == Film(64, 64, SECONDS, has_sound=False)


def test_sound_is_heard_of() -> None:
    picture = element("ae", element("83", number(1)), element("86", b"V_VP8"))
    sound = element("ae", element("83", number(2)))
    info = element("1549a966", element("4489", struct.pack(">f", 2000)))
    segment = element("18538067", info, element("1654ae6b", sound, picture))

    assert read_film(element("1a45dfa3") + segment).has_sound
    with pytest.raises(BadWebmError, match="no picture"):
        read_film(element("1a45dfa3") + element("18538067", info, element("1654ae6b", sound)))


def test_our_own_films_are_short_and_slow_enough_to_read() -> None:
    lessons = [lesson for course in publishing.load(ROOT / "content").courses for lesson in course.lessons]
    videos = [video for lesson in lessons for video in lesson.videos]

    assert [video.name for video in videos] == ["steady"]
    for video in videos:
        assert video.film.seconds <= 60
        assert all(caption.end - caption.start >= 5 for caption in video.captions)
