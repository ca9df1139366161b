"""Texts of codes that all have agreed on: numbers of banks, books, cars and cards, with their check digits.

None is that of a real thing: banks, cards and countries have numbers that they keep for tests, or the rest is
at random.
"""

import base64
from collections.abc import Callable, Mapping

from eqkit.answers.generating.attempts import Attempt

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_OF_VINS = "0123456789" + _LETTERS
_VIN_VALUES = dict(zip(_LETTERS, "12345678123457923456789", strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def digits(attempt: Attempt, length: int) -> str:
    """Return decimal digits."""
    return "".join(attempt.pick("0123456789") for _ in range(length))


def hexadecimal(length: int) -> Callable[[Attempt], str]:
    """Return a maker of hexadecimal digits, as a hash has them."""
    return lambda attempt: f"{attempt.below(1 << 4 * length):0{length}x}"


def iban(attempt: Attempt) -> str:
    """Return the number of a German bank account (ISO 13616), whose check digits follow from ISO 7064."""
    account = digits(attempt, 18)
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def bic(attempt: Attempt) -> str:
    """Return the code of a bank (ISO 9362); a 0 at its eighth place says that it is for tests."""
    return "".join(attempt.pick(_LETTERS) for _ in range(4)) + attempt.pick(("DE", "FR", "GB", "US")) + "M0"


def ean13(attempt: Attempt, start: str = "40") -> str:
    """Return the number of an article (GTIN-13), with its check digit."""
    body = start + digits(attempt, 12 - len(start))
    total = sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(body))
    return f"{body}{-total % 10}"


def isbn13(attempt: Attempt) -> str:
    """Return the number of a book (ISO 2108)."""
    return ean13(attempt, "978")


def isbn10(attempt: Attempt) -> str:
    """Return the number of a book as it was until 2006, whose check digit may be an X."""
    body = digits(attempt, 9)
    check = -sum((10 - at) * int(digit) for at, digit in enumerate(body)) % 11
    return body + "0123456789X"[check]


def card_number(attempt: Attempt) -> str:
    """Return the number of a card that the schemes keep for tests."""
    return attempt.pick(("4111111111111111", "4242424242424242", "5555555555554444", "2223003122003222"))


def imei(attempt: Attempt) -> str:
    """Return the number of a phone, with the check digit of Luhn (ISO/IEC 7812)."""
    body = "35" + digits(attempt, 12)
    doubled = (int(digit) * (1, 2)[at % 2] for at, digit in enumerate(body))
    return f"{body}{-sum(sum(divmod(each, 10)) for each in doubled) % 10}"


def vin(attempt: Attempt) -> str:
    """Return the number of a vehicle (ISO 3779), with its check digit at the ninth place (49 CFR 565)."""
    drawn = [attempt.pick(_OF_VINS) for _ in range(17)]
    values = [int(_VIN_VALUES.get(each, each)) for each in drawn]
    rest = sum(value * weight for value, weight in zip(values, _VIN_WEIGHTS, strict=True)) % 11
    drawn[8] = "0123456789X"[rest]
    return "".join(drawn)


def plate(attempt: Attempt) -> str:
    """Return what stands on a number plate."""
    return f"{''.join(attempt.pick(_LETTERS) for _ in range(3))}-{digits(attempt, 4)}"


def mac_address(attempt: Attempt) -> str:
    """Return the address of a network card, of those that nobody is given (RFC 9542 2.1.4)."""
    return f"00:00:5e:00:53:{attempt.below(256):02x}"


def json_web_token(attempt: Attempt) -> str:
    """Return a token (RFC 7519) whose header and claims can be read, and whose signature fits no key."""
    parts = ('{"alg":"HS256","typ":"JWT"}', f'{{"sub":"{digits(attempt, 6)}","iat":1735689600}}')
    texts = [base64.urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in parts]
    signature = attempt.below(1 << 256).to_bytes(32, "big")
    return ".".join([*texts, base64.urlsafe_b64encode(signature).decode().rstrip("=")])


CODES: Mapping[str, Callable[[Attempt], str]] = {
    "iban": iban, "bic": bic, "swift": bic, "swiftcode": bic, "biccode": bic,
    "isbn": isbn13, "isbn13": isbn13, "isbn10": isbn10, "ean": ean13, "ean13": ean13, "gtin": ean13,
    "gtin13": ean13, "barcode": ean13, "cardnumber": card_number, "creditcard": card_number,
    "last4": lambda attempt: digits(attempt, 4), "cvc": lambda attempt: digits(attempt, 3),
    "cvv": lambda attempt: digits(attempt, 3), "imei": imei, "vin": vin, "licenseplate": plate,
    "licenceplate": plate, "platenumber": plate, "numberplate": plate, "macaddress": mac_address,
    "md5": hexadecimal(32), "sha1": hexadecimal(40), "sha256": hexadecimal(64), "sha512": hexadecimal(128),
    "jwt": json_web_token, "idtoken": json_web_token,
}  # fmt: skip
"""The makers of codes, by the last one or two words of a name."""
