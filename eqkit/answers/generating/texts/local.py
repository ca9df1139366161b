"""Texts of a locale: people, places and companies as they are called there, from the package Faker."""

from collections.abc import Callable
from typing import Any

from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.texts.names import endings, kind_of_name, words_of

Texts = Callable[[str, str, Attempt], str | None]
"""Returns the text that the name of a value, and the name of its holder, suggest; None without one."""


class UnknownLocale(ValueError):
    """A locale that Faker has no data of; its text is a sentence for the user."""


def texts_of_locale(locale: str) -> Texts:
    """Return the texts of a locale such as ``de_DE``.

    The same seed gives the same text with the same release of Faker. Raises ImportError without Faker, and
    UnknownLocale.
    """
    # Imported here, since it takes a while, and only those wait for it who want it.
    from faker import Faker
    from faker.config import AVAILABLE_LOCALES

    known = locale.replace("-", "_")
    if known not in AVAILABLE_LOCALES:
        near = sorted(each for each in AVAILABLE_LOCALES if each[:2] == known[:2].lower())
        there_are = ", ".join(near or ("de_DE", "en_US", "fr_FR", "ja_JP"))
        raise UnknownLocale(f'there is no locale "{locale[:40]}" in Faker; there are {there_are}')
    faker: Any = Faker(known)

    def text(name: str, holder: str, attempt: Attempt) -> str | None:
        makers = (_MAKERS.get(each) for each in _words(name, holder))
        found = next((each for each in makers if each is not None and hasattr(faker, each)), None)
        if found is None:
            return None
        faker.seed_instance(attempt.below(1 << 32))
        return str(getattr(faker, found)()).replace("\n", ", ")

    return text


def _words(name: str, holder: str) -> tuple[str, ...]:
    """Return the words to look a name up by; of the bare word "name", by the thing that it names."""
    words = words_of(name)
    return (kind_of_name(holder),) if words[-1:] == ("name",) and len(words) == 1 else endings(words)


_MAKERS = {
    "address": "address", "bio": "paragraph", "birthplace": "city", "bs": "bs", "city": "city",
    "colour": "color_name", "color": "color_name", "comment": "sentence", "company": "company",
    "companyname": "company", "country": "country", "countrycode": "country_code", "county": "city",
    "description": "paragraph", "employer": "company", "familyname": "last_name", "firstname": "first_name",
    "fullname": "name", "givenname": "first_name", "iban": "iban", "job": "job", "jobtitle": "job",
    "lastname": "last_name", "licenseplate": "license_plate", "mobile": "phone_number", "note": "sentence",
    "occupation": "job", "person": "name", "phone": "phone_number", "phonenumber": "phone_number",
    "postalcode": "postcode", "postcode": "postcode", "profession": "job", "sentence": "sentence",
    "street": "street_address", "streetaddress": "street_address", "streetname": "street_name",
    "surname": "last_name", "telephone": "phone_number", "town": "city", "username": "user_name",
    "zip": "postcode", "zipcode": "postcode",
}  # fmt: skip
"""The names of values without blanks, in lower case, and the methods of Faker that make them."""
