"""From the code on a paper to the step."""

import pytest

from portal.courses.catalogue import Catalogue
from tests.conftest import Browser

FEE = "/courses/small/first/?step=fee#here"


@pytest.fixture
def code(small: Catalogue) -> str:
    return small.place("small", "first", "fee").code


def test_the_address_of_a_qr_code_opens_the_step(client: Browser, code: str) -> None:
    for path in (f"/c/{code}", f"/c/{code[:3]}-{code[3:]}", f"/c/{code[:3]} {code[3:]}"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, FEE)


def test_a_typed_code_opens_the_step_however_it_is_typed(client: Browser, code: str) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)

    for typed in (code, f" {code[:3]} {code[3:]} ", wide, f"http://localhost/c/{code}"):
        assert client.get("/c/", query_string={"code": typed}).headers["Location"] == FEE


def test_the_page_with_one_field_is_linked_from_the_courses(client: Browser) -> None:
    assert 'href="/c/"' in client.get("/courses/").text
    page = client.get("/c/").text
    assert page.count('name="code"') == 1
    assert 'aria-current="page">배우기' in page


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ("", 422, "번호를 적어 주세요"),
        ("12345", 404, "숫자가 5개만 적혔어요"),
        ("1234567", 404, "숫자가 7개 적혔어요"),
        ("가나다", 404, "숫자 여섯 개예요"),
        ("100000", 404, "이 번호로 찾은 단계가 없어요"),
        ("<script>", 404, "숫자 여섯 개예요"),
        ("9" * 150, 404, "모두 여섯 개예요"),
        ("9" * 300, 422, ""),
    ],
)
def test_an_unknown_code_is_a_plain_sentence(client: Browser, typed: str, status: int, sentence: str) -> None:
    answer = client.get("/c/", query_string={"code": typed})

    assert answer.status_code == status
    assert sentence in answer.text
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_an_unknown_address_keeps_what_was_typed(client: Browser) -> None:
    answer = client.get("/c/100000")

    assert answer.status_code == 404
    assert 'value="100000"' in answer.text
