"""Texts that have a pattern beside a format, a name or another pattern."""

import re

import pytest

from eqkit.answers.generating.attempts import Attempt, Manner
from eqkit.answers.generating.texts import codes
from eqkit.contract.document import Json
from tests.answers.generating.documents import POINTER, generator_of

BESIDE_FORMATS = {
    ("email", "@acme\\.com$"): r"[a-z]+\.[a-z]+@acme\.com",
    ("email", "^support\\+"): r"support\+[a-z]+\.[a-z]+@example\.com",
    ("hostname", "\\.internal$"): r"[a-z.]+\.internal",
    ("hostname", "^api\\."): r"api\.example\.com",
    ("uri", "\\.png$"): r"https://example\.com/.+\.png",
    ("uri", "^http://"): r"http://example\.com/.+",
    ("uri", "^ftp://[a-z]+"): r"ftp://[a-z]+",
    ("uri", ".+/v[0-1](\\.[0-9]+)*/?$"): r"https:.+/v[01](\.[0-9]+)*/?",
    ("uri-reference", "^/v1/"): r"/v1/[a-z]+/.+",
    ("date-time", "\\+02:00$"): r".+T.+\+02:00",
    ("date-time", "^1999-12"): r"1999-12-.+Z",
    ("date", "^19\\d\\d-"): r"19\d\d-\d\d-\d\d",
    ("date", "-01$"): r"2024-\d\d-01",
    ("time", "^09:"): r"09:\d\d:\d\dZ",
    ("duration", "^PT"): r"PT\d+H",
    ("ipv4", "^10\\."): r"10\.0\.2\.\d+",
    ("ipv6", "^fe80:"): r"fe80:db8:.+",
    ("uuid", "^00000000-"): r"00000000-[0-9a-f-]+",
    ("", "\\.pdf$"): r"[a-z]+ [a-z]+\.pdf",
}
"""Patterns of a part of a text alone, beside a format, and how the whole text looks."""


@pytest.mark.parametrize(("given", "wanted"), BESIDE_FORMATS.items(), ids=str)
def test_a_pattern_of_a_part_is_met_within_a_natural_text(given: tuple[str, str], wanted: str) -> None:
    """A pattern is not anchored (JSON Schema Validation 6.3.3), and holds together with a format."""
    name, pattern = given
    generator = generator_of({"type": "string", "pattern": pattern, **({"format": name} if name else {})})
    for seed in range(8):
        assert re.fullmatch(wanted, generator.value(POINTER, seed))


TOGETHER: list[list[str]] = [
    ["[A-Z]", "[0-9]", "[!@#$]"],
    ["^[A-Za-z0-9!]*$", "[A-Z]", "[0-9]", "!"],
    ["^[A-Z]", "[0-9]$"],
    ["^abc", "xyz$"],
    ["^.{8,}$", "[A-Z]", "[a-z]", "[0-9]"],
]


@pytest.mark.parametrize("bounds", [{}, {"minLength": 8, "maxLength": 10}, {"minLength": 40}], ids=str)
@pytest.mark.parametrize("patterns", TOGETHER, ids=str)
def test_patterns_are_met_together(patterns: list[str], bounds: dict[str, Json]) -> None:
    """Each of `allOf` counts; rules for passwords are most often one pattern for each kind of character."""
    schema = {"type": "string", "allOf": [{"pattern": each} for each in patterns], **bounds}
    generator = generator_of(schema)
    for seed in range(8):
        text = generator.value(POINTER, seed)
        assert all(re.search(each, text) for each in patterns)
        assert bounds.get("minLength", 0) <= len(text) <= bounds.get("maxLength", 1000)


def _luhn(number: str) -> int:
    return sum(sum(divmod(int(each) * (1 + at % 2), 10)) for at, each in enumerate(number[::-1])) % 10


def _weighted(number: str, weights: tuple[int, ...]) -> int:
    digits = [10 if each == "X" else int(each) for each in number]
    return sum(each * weights[at % len(weights)] for at, each in enumerate(digits))


@pytest.mark.parametrize("seed", range(20))
def test_codes_have_their_check_digits(seed: int) -> None:
    """ISO 7064 (IBAN), GS1 (GTIN), ISO 2108 (ISBN), ISO/IEC 7812 (cards, phones), 49 CFR 565 (vehicles)."""

    def made(name: str) -> str:
        return codes.CODES[name](Attempt(seed, Manner()))

    account = made("iban")
    assert int("".join(str(int(each, 36)) for each in account[4:] + account[:4])) % 97 == 1
    for name in ("ean13", "isbn13"):
        assert len(made(name)) == 13
        assert _weighted(made(name), (1, 3)) % 10 == 0
    assert _weighted(made("isbn10"), tuple(range(10, 0, -1))) % 11 == 0
    assert _luhn(made("cardnumber")) == 0
    assert _luhn(made("imei")) == 0
    vehicle = made("vin")
    assert re.fullmatch(r"[0-9A-HJ-NPR-Z]{8}[0-9X][0-9A-HJ-NPR-Z]{8}", vehicle)
    values = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    total = sum(int(values.get(each, each)) * by for each, by in zip(vehicle, weights, strict=True) if by)
    assert "0123456789X"[total % 11] == vehicle[8]
