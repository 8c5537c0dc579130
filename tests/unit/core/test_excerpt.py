from portal.core.excerpt import excerpt, mark


def shown(pieces: tuple[tuple[str, bool], ...]) -> str:
    return "".join(f"[{text}]" if is_marked else text for text, is_marked in pieces)


def test_what_was_asked_for_is_marked_however_it_is_spaced_and_cased() -> None:
    assert shown(mark("스마트 스토어와 QR코드", ["스마트스토어", "qr코드"])) == "[스마트 스토어]와 [QR코드]"
    assert shown(mark("인정 산골", ["정산"])) == "인정 산골"
    assert shown(mark("그대로", [])) == "그대로"


def test_an_excerpt_shows_the_surroundings_of_the_first_text_that_has_it() -> None:
    long = "앞말 " * 60 + "정산은 언제 되나요 " + "뒷말 " * 60

    text = shown(excerpt(["없는 글", long], ["정산"]))

    assert text.startswith("… ")
    assert text.endswith(" …")
    assert "[정산]은 언제" in text
    assert len(text) < 200


def test_an_excerpt_without_a_mark_begins_at_the_beginning() -> None:
    assert shown(excerpt(["짧은 글이에요."], ["정산"])) == "짧은 글이에요."
    assert shown(excerpt([], ["정산"])) == ""


def test_signs_of_markdown_are_left_out() -> None:
    assert shown(excerpt(["**정산**은 [여기](https://a.example)에서"], ["정산"])) == "[정산] 은 여기 에서"
