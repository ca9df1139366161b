"""Texts of the formats of JSON Schema and OpenAPI."""

import base64
from collections.abc import Callable, Mapping

from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.texts import names, words
from eqkit.answers.generating.texts.names import words_of

_LABEL = "abcdefghijklmnopqrstuvwxyz"


def texts_of_format(
    format_name: str, name: str, min_length: int, max_length: int | None, attempt: Attempt
) -> list[str]:
    """Return texts of a format, those that look best first; none of an unknown format.

    Some are as long as `min_length`, or short enough for `max_length`, as far as the format has such texts.
    """
    maker = _FORMATS.get(format_name)
    if maker is None:
        return []
    natural = maker(name, attempt)
    found = [natural, *_SHORT.get(format_name, ())]
    if format_name in _LONGER and len(natural) < min_length:
        found.append(_LONGER[format_name](natural, min_length))
    return found


def _url(name: str, attempt: Attempt) -> str:
    found = words_of(name)
    is_image = not {"avatar", "image", "logo", "photo", "picture", "thumbnail", "icon"}.isdisjoint(found)
    return names.image_url(attempt) if is_image else names.url(attempt)


def _base64(_: str, attempt: Attempt) -> str:
    return base64.b64encode(names.sentence(attempt, max_words=6).encode()).decode()


def _ipv6(_: str, attempt: Attempt) -> str:
    return f"2001:db8::{attempt.between(1, 0xFFFF):x}:{attempt.between(1, 0xFFFF):x}"


_FORMATS: Mapping[str, Callable[[str, Attempt], str]] = {
    "date-time": lambda name, attempt: names.instant(attempt, name),
    "date": lambda name, attempt: names.date(attempt, name),
    "time": lambda _, attempt: names.time(attempt),
    "duration": lambda _, attempt: f"P{attempt.between(1, 30)}DT{attempt.between(1, 23)}H",
    "email": lambda _, attempt: names.email(attempt),
    "idn-email": lambda _, attempt: names.email(attempt),
    "hostname": lambda _, attempt: names.host(attempt),
    "idn-hostname": lambda _, attempt: names.host(attempt),
    "ipv4": lambda _, attempt: names.ipv4(attempt),
    "ipv6": _ipv6,
    "uri": _url,
    "url": _url,
    "iri": _url,
    "uri-reference": lambda _, attempt: f"/{attempt.pick(words.KEYS)}/{names.identifier(attempt)}",
    "iri-reference": lambda _, attempt: f"/{attempt.pick(words.KEYS)}/{names.identifier(attempt)}",
    "uri-template": lambda _, attempt: f"/{attempt.pick(words.KEYS)}/{{id}}",
    "uuid": lambda _, attempt: names.uuid(attempt),
    "guid": lambda _, attempt: names.uuid(attempt),
    "json-pointer": lambda _, attempt: f"/{attempt.pick(words.KEYS)}/{attempt.below(10)}",
    "relative-json-pointer": lambda _, attempt: f"{attempt.below(3)}/{attempt.pick(words.KEYS)}",
    "regex": lambda _, attempt: f"^[a-z]{{{attempt.between(1, 3)},{attempt.between(4, 9)}}}$",
    "byte": _base64,
    "base64": _base64,
    "base64url": lambda name, attempt: _base64(name, attempt).rstrip("="),
    "binary": lambda _, attempt: names.sentence(attempt),
    "password": lambda _, attempt: f"{attempt.pick(words.NOUNS)}-{names.identifier(attempt)}",
    "phone": lambda _, attempt: names.phone(attempt),
    "int32": lambda _, attempt: str(attempt.between(1, 1000)),
    "int64": lambda _, attempt: str(attempt.between(1, 1000)),
    "decimal": lambda _, attempt: f"{attempt.between(1, 1000)}.{attempt.below(100):02d}",
    "color": lambda _, attempt: f"#{attempt.below(1 << 24):06x}",
    "currency": lambda _, attempt: attempt.pick(words.CURRENCIES),
    "html": lambda _, attempt: f"<p>{names.sentence(attempt)}</p>",
    "markdown": lambda _, attempt: names.sentence(attempt),
    "unix-time": lambda _, attempt: str(attempt.between(1_704_067_200, 1_735_689_599)),
}

_SHORT: Mapping[str, tuple[str, ...]] = {
    "date-time": ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00+00:00",
                  "2024-01-01T00:00:00.000000Z", "2024-01-01T00:00:00.000+00:00"),
    "time": ("00:00:00Z", "00:00:00.000Z", "00:00:00+00:00"),
    "duration": ("P1D", "PT1H", "P1Y2M3DT4H5M6S"),
    "email": ("a@example.com", "a@b.co"),
    "idn-email": ("a@example.com", "a@b.co"),
    "hostname": ("example.com", "a.co", "a"),
    "idn-hostname": ("example.com", "a.co", "a"),
    "ipv4": ("1.1.1.1", "192.168.100.100"),
    "ipv6": ("::1", "::", "2001:0db8:0000:0000:0000:0000:0000:0001"),
    "uri": ("https://example.com/", "https://a.co", "a:b"),
    "url": ("https://example.com/", "https://a.co"),
    "iri": ("https://example.com/", "https://a.co", "a:b"),
    "uri-reference": ("https://example.com/", "a", ""),
    "iri-reference": ("https://example.com/", "a", ""),
    "uri-template": ("{a}", "a", ""),
    "json-pointer": ("/a", ""),
    "relative-json-pointer": ("0",),
    "regex": ("^a$", "a", ""),
    "byte": ("", "YQ==", "YWJj"),
    "base64": ("", "YQ==", "YWJj"),
}  # fmt: skip
"""Other texts of formats: shorter or longer, or with other parts that are optional."""


def _longer_base64(text: str, min_length: int) -> str:
    return "YWJj" * (-(-min_length // 4))


_LONGER: Mapping[str, Callable[[str, int], str]] = {
    "email": lambda text, min_length: "@".join(["a" * 60, ".".join(_labels(min_length - 61))]),
    "hostname": lambda _, min_length: ".".join(_labels(min_length)),
    "uri": lambda text, min_length: text.ljust(min_length, "a"),
    "url": lambda text, min_length: text.ljust(min_length, "a"),
    "iri": lambda text, min_length: text.ljust(min_length, "a"),
    "uri-reference": lambda text, min_length: text.ljust(min_length, "a"),
    "iri-reference": lambda text, min_length: text.ljust(min_length, "a"),
    "uri-template": lambda text, min_length: text.ljust(min_length, "a"),
    "json-pointer": lambda text, min_length: text.ljust(min_length, "a"),
    "relative-json-pointer": lambda text, min_length: text.ljust(min_length, "a"),
    "regex": lambda text, min_length: "a" * min_length,
    "byte": _longer_base64,
    "base64": _longer_base64,
    "date-time": lambda _, min_length: f"2024-01-01T00:00:00.{'0' * max(1, min_length - 21)}Z",
    "time": lambda _, min_length: f"00:00:00.{'0' * max(1, min_length - 10)}Z",
    "duration": lambda _, min_length: f"P{'1' * max(1, min_length - 2)}D",
}
"""Texts of formats that are at least that long."""


def _labels(length: int) -> list[str]:
    """Return the labels of a host name of a length, of up to 50 characters each."""
    length = max(length, 5)
    found = []
    while length > 60:
        found.append(_LABEL * 2)
        length -= 53
    return [*found, (_LABEL * 3)[: length - 3], "co"]
