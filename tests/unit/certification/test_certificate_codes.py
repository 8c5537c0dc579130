import pytest

from portal.certification import codes

CODE = "3141592653589793238462"
CODE += f"{98 - int(CODE) * 100 % 97:02d}"


def test_a_new_code_has_24_digits_and_can_be_told_from_a_slip() -> None:
    made = {codes.make() for _ in range(200)}

    assert len(made) == 200
    assert all(codes.is_well_formed(code) and code[0] != "0" for code in made)


@pytest.mark.parametrize(
    "typed",
    [
        " ".join(CODE[at : at + 4] for at in range(0, 24, 4)),
        "-".join(CODE[at : at + 4] for at in range(0, 24, 4)),
        "".join(chr(ord(digit) + 0xFEE0) for digit in CODE),
        CODE.replace("1", "l"),
        CODE.replace("1", "I"),
        f"  {CODE}\n",
        f"https://jangteo.example/v/{CODE}",
        f"https://jangteo.example/v/{CODE}/",
        f"{CODE[:12]}–{CODE[12:]}",
    ],
)
def test_what_people_type_is_read_as_the_code(typed: str) -> None:
    assert codes.normalise(typed) == CODE


def test_the_letter_o_is_read_as_nought() -> None:
    assert codes.normalise("O1o2") == "0102"


def test_every_single_wrong_digit_is_noticed() -> None:
    wrong = [
        CODE[:at] + digit + CODE[at + 1 :] for at in range(24) for digit in "0123456789" if digit != CODE[at]
    ]

    assert not any(codes.is_well_formed(each) for each in wrong)


def test_every_swap_of_neighbours_is_noticed() -> None:
    swapped = [
        CODE[:at] + CODE[at + 1] + CODE[at] + CODE[at + 2 :] for at in range(23) if CODE[at] != CODE[at + 1]
    ]

    assert not any(codes.is_well_formed(each) for each in swapped)


@pytest.mark.parametrize("odd", ["", "1", CODE + "1", CODE[:-1], "x" * 24, "٣" * 24, "²" * 24])
def test_anything_else_is_no_code(odd: str) -> None:
    assert not codes.is_well_formed(odd)


def test_a_code_is_shown_in_six_groups_of_four() -> None:
    assert codes.shown(CODE) == "3141 5926 5358 9793 2384 62" + CODE[-2:]
