"""The meaning of names: of `createdAt`, `unit_price` and `first-name` alike."""

import functools
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.texts import words
from eqkit.answers.generating.texts.codes import CODES

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

IDENTITIES = frozenset(
    ("guid", "id", "identifier", "key", "ref", "reference", "sku", "slug", "token", "uuid")
)


class Range(NamedTuple):
    """The numbers that a name suggests, and how many decimals they have."""

    low: int
    high: int
    decimals: int = 0


@functools.lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in camelCase, snake_case, kebab-case or Title Case, in lower case."""
    return tuple(each.lower() for each in _WORDS.findall(name[:200]))


def is_identity(name: str) -> bool:
    """Return whether a name suggests that no two values are alike."""
    found = words_of(name)
    return bool(found) and found[-1] in IDENTITIES


@functools.lru_cache(maxsize=4096)
def number_range(name: str, *, is_whole: bool) -> Range:
    """Return the range of numbers that a name suggests."""
    found = words_of(name)
    known = _NUMBERS | _WHOLE if is_whole else _WHOLE | _NUMBERS
    for each in endings(found):
        if each in known:
            low, high, decimals = known[each]
            return Range(low, high, 0 if is_whole else decimals)
    if found[-2:-1] and found[-1] in ("at", "on"):
        return _WHOLE["timestamp"]
    return Range(1, 1000, 0 if is_whole else 2)


@functools.lru_cache(maxsize=1024)
def endings(found: tuple[str, ...]) -> tuple[str, ...]:
    """Return the last two words of a name together, and the last one, both as singulars, too."""
    both, last = "".join(found[-2:]), found[-1] if found else ""
    return both, _singular(both), last, _singular(last)


def _singular(word: str) -> str:
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ss", "ss"), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + instead
    return word


def flag_for(name: str, attempt: Attempt) -> bool:
    """Return whether a name suggests that something is so, as things usually are."""
    found = words_of(name)
    if not _RARE.isdisjoint(found):
        return attempt.below(8) == 0
    if not _USUAL.isdisjoint(found):
        return attempt.below(8) > 0
    return attempt.below(2) == 1


_RARE = frozenset((
    "archived", "banned", "blocked", "cancelled", "deleted", "deprecated", "disabled", "error", "expired",
    "failed", "hidden", "locked", "more", "suspended", "test", "truncated",
))  # fmt: skip
_USUAL = frozenset(("active", "available", "enabled", "ok", "public", "success", "valid", "verified"))


_NUMBERS: dict[str, Range] = {
    "latitude": Range(-60, 70, 5), "lat": Range(-60, 70, 5), "longitude": Range(-180, 180, 5),
    "lng": Range(-180, 180, 5), "lon": Range(-180, 180, 5), "price": Range(1, 500, 2),
    "amount": Range(1, 2000, 2), "total": Range(1, 2000, 2), "cost": Range(1, 500, 2),
    "tax": Range(1, 100, 2), "balance": Range(0, 5000, 2), "fee": Range(1, 50, 2), "rate": Range(0, 1, 3),
    "ratio": Range(0, 1, 3), "percent": Range(0, 100, 1), "percentage": Range(0, 100, 1),
    "discount": Range(0, 50, 2), "rating": Range(1, 5, 1), "score": Range(0, 100, 1),
    "weight": Range(1, 100, 1), "height": Range(1, 250, 1), "width": Range(1, 250, 1),
    "temperature": Range(-10, 35, 1), "duration": Range(1, 3600, 1), "probability": Range(0, 1, 3),
}  # fmt: skip
_WHOLE: dict[str, Range] = {
    "age": Range(18, 90), "page": Range(1, 10), "pages": Range(1, 20), "totalpages": Range(1, 20),
    "perpage": Range(10, 100), "pagesize": Range(10, 100), "limit": Range(10, 100), "offset": Range(0, 100),
    "count": Range(1, 100), "total": Range(1, 200), "quantity": Range(1, 20), "qty": Range(1, 20),
    "year": Range(2015, 2025), "month": Range(1, 12), "day": Range(1, 28), "hour": Range(0, 23),
    "minute": Range(0, 59), "second": Range(0, 59), "size": Range(1, 5000), "port": Range(1024, 49151),
    "id": Range(1, 100_000), "number": Range(1, 1000), "version": Range(1, 10), "index": Range(0, 10),
    "position": Range(1, 20), "level": Range(1, 10), "priority": Range(1, 5), "rating": Range(1, 5),
    "timestamp": Range(1_704_067_200, 1_735_689_599), "created": Range(1_704_067_200, 1_719_791_999),
    "updated": Range(1_719_792_000, 1_735_689_599), "expire": Range(1_767_225_600, 1_798_761_599),
    "status": Range(1, 5), "statuscode": Range(200, 204), "httpstatus": Range(200, 204),
    "bytes": Range(100, 1_000_000), "width": Range(100, 2000),
    "height": Range(100, 2000), "price": Range(100, 50_000), "amount": Range(100, 50_000),
    "zip": Range(10_000, 99_999), "code": Range(100, 999), "phone": Range(2_025_550_100, 2_025_550_199),
}  # fmt: skip


def text_for(name: str, holder: str, attempt: Attempt) -> str:
    """Return a text that a name suggests; of an unknown one, a word or two."""
    local = None if attempt.texts is None else attempt.texts(name, holder, attempt)
    if local is not None:
        return local
    found = words_of(name)
    last = found[-1] if found else ""
    for each in endings(found):
        if each in _TEXTS:
            return _TEXTS[each](attempt)
    if last == "name":
        return _name_of(" ".join(found[:-1]) or holder, attempt)
    if last in IDENTITIES:
        return identifier(attempt)
    if last in ("at", "on") and len(found) > 1:
        return instant(attempt, name)
    return f"{attempt.pick(words.ADJECTIVES)} {attempt.pick(words.NOUNS)}".lower()


def _name_of(holder: str, attempt: Attempt) -> str:
    """Return the name of a thing whose own name is known."""
    kind = kind_of_name(holder)
    if kind == "person":
        return _person(attempt)
    if kind == "company":
        return attempt.pick(words.COMPANIES)
    return f"{attempt.pick(words.ADJECTIVES)} {attempt.pick(words.NOUNS)}"


@functools.lru_cache(maxsize=1024)
def kind_of_name(holder: str) -> str:
    """Return the kind of thing whose name is wanted: ``person``, ``company``, or "" for any other."""
    found = frozenset(map(_singular, words_of(holder)))
    return "person" if found & _PEOPLE else "company" if found & _COMPANIES else ""


_PEOPLE = frozenset((
    "account", "assignee", "attendee", "author", "contact", "customer", "driver", "employee", "guest",
    "member", "owner", "passenger", "patient", "person", "profile", "recipient", "sender", "student",
    "user",
))  # fmt: skip
_COMPANIES = frozenset(("company", "merchant", "organisation", "organization", "supplier", "vendor"))


def _person(attempt: Attempt) -> str:
    return f"{attempt.pick(words.FIRST_NAMES)} {attempt.pick(words.LAST_NAMES)}"


def identifier(attempt: Attempt) -> str:
    """Return 12 characters that identify something."""
    return "".join(attempt.pick("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(12))


def similar_to(example: str, attempt: Attempt) -> str:
    """Return an identity that looks like another; what stands before its last underscore is kept."""
    start, underscore, rest = example.rpartition("_")
    return start + underscore + "".join(_similar(each, rest, attempt) for each in rest)


def _similar(character: str, text: str, attempt: Attempt) -> str:
    if character.isdecimal():
        return attempt.pick("0123456789")
    if character.isascii() and character.isalpha():
        is_hexadecimal = not text.strip("0123456789abcdefABCDEF-")
        letter = attempt.pick("abcdef" if is_hexadecimal else "abcdefghijklmnopqrstuvwxyz")
        return letter.upper() if character.isupper() else letter
    return character


def uuid(attempt: Attempt) -> str:
    """Return a random UUID (RFC 9562 5.4)."""
    digits = f"{attempt.below(1 << 128):032x}"
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def email(attempt: Attempt) -> str:
    """Return an address in a domain that nobody has (RFC 2606)."""
    first, last = attempt.pick(words.FIRST_NAMES), attempt.pick(words.LAST_NAMES)
    return f"{first}.{last}@example.com".lower()


def phone(attempt: Attempt) -> str:
    """Return a number of those that are kept for fiction."""
    return f"+1202555{attempt.between(100, 199):04d}"


def sentence(attempt: Attempt, *, max_words: int = 10) -> str:
    """Return a few words, as a sentence."""
    chosen = [attempt.pick(words.LOREM) for _ in range(attempt.between(5, max_words))]
    return f"{' '.join(chosen).capitalize()}."


def title(attempt: Attempt) -> str:
    """Return two or three words, as a title."""
    return f"{attempt.pick(words.ADJECTIVES)} {attempt.pick(words.NOUNS)} {attempt.between(1, 99)}"


def date(attempt: Attempt, name: str = "") -> str:
    """Return a day of a fixed range of years (RFC 3339 5.6)."""
    return f"{_year(name, attempt)}-{attempt.between(1, 12):02d}-{attempt.between(1, 28):02d}"


def _birthday(attempt: Attempt) -> str:
    return date(attempt, "birthday")


def time(attempt: Attempt) -> str:
    """Return a time of day (RFC 3339 5.6)."""
    return f"{attempt.below(24):02d}:{attempt.below(60):02d}:{attempt.below(60):02d}Z"


def instant(attempt: Attempt, name: str = "") -> str:
    """Return an instant of a fixed range of years (RFC 3339 5.6)."""
    return f"{date(attempt, name)}T{time(attempt)}"


def _year(name: str, attempt: Attempt) -> int:
    """Return a year for a date, so that things are created before they expire, and people long before."""
    found = words_of(name)
    if not _OF_PEOPLE.isdisjoint(found):
        return attempt.between(1950, 2005)
    if not _BEFORE.isdisjoint(found):
        return 2023
    if not _AFTER.isdisjoint(found):
        return 2026
    return 2025 if "updated" in found or "modified" in found else 2024


_OF_PEOPLE = frozenset(("birth", "birthdate", "birthday", "born", "dob"))
_BEFORE = frozenset(("begin", "created", "from", "registered", "since", "start", "started", "joined"))
_AFTER = frozenset(("due", "end", "ends", "expires", "expiry", "expiration", "until", "to"))


def url(attempt: Attempt) -> str:
    """Return an address on a host that nobody has (RFC 2606)."""
    return f"https://example.com/{attempt.pick(words.KEYS)}/{identifier(attempt)}"


def image_url(attempt: Attempt) -> str:
    """Return the address of an image."""
    return f"https://example.com/images/{identifier(attempt)}.png"


def host(attempt: Attempt) -> str:
    """Return the name of a host (RFC 2606)."""
    return f"{attempt.pick(words.KEYS)}.example.com"


def ipv4(attempt: Attempt) -> str:
    """Return an address of the block for documentation (RFC 5737)."""
    return f"192.0.2.{attempt.between(1, 254)}"


def _slug(attempt: Attempt) -> str:
    return f"{attempt.pick(words.ADJECTIVES)}-{attempt.pick(words.NOUNS)}-{attempt.between(1, 99)}".lower()


def _login(attempt: Attempt) -> str:
    return _person(attempt).lower().replace(" ", ".")


def _hex(attempt: Attempt) -> str:
    return f"{attempt.below(1 << 128):032x}"


def _version(attempt: Attempt) -> str:
    return f"1.{attempt.below(10)}.{attempt.below(20)}"


def _picked(choices: tuple[str, ...]) -> Callable[[Attempt], str]:
    return lambda attempt: attempt.pick(choices)


def _digits(low: int, high: int) -> Callable[[Attempt], str]:
    return lambda attempt: str(attempt.between(low, high))


_TEXTS: Mapping[str, Callable[[Attempt], str]] = {
    **CODES,
    "email": email, "mail": email, "emailaddress": email, "phone": phone, "phonenumber": phone,
    "mobile": phone, "fax": phone, "firstname": _picked(words.FIRST_NAMES),
    "givenname": _picked(words.FIRST_NAMES), "lastname": _picked(words.LAST_NAMES),
    "familyname": _picked(words.LAST_NAMES), "surname": _picked(words.LAST_NAMES), "fullname": _person,
    "displayname": _person, "author": _person, "owner": _person, "customer": _person,
    "username": _login, "login": _login, "handle": _login,
    "city": _picked(words.CITIES), "town": _picked(words.CITIES), "region": _picked(words.REGIONS),
    "province": _picked(words.REGIONS), "country": lambda attempt: attempt.pick(words.COUNTRIES)[1],
    "countrycode": lambda attempt: attempt.pick(words.COUNTRIES)[0], "currency": _picked(words.CURRENCIES),
    "currencycode": _picked(words.CURRENCIES), "language": _picked(words.LANGUAGES),
    "lang": _picked(words.LANGUAGES), "locale": _picked(words.LOCALES), "timezone": _picked(words.TIME_ZONES),
    "street": lambda attempt: f"{attempt.between(1, 120)} {attempt.pick(words.STREETS)}",
    "address": lambda attempt: f"{attempt.between(1, 120)} {attempt.pick(words.STREETS)}",
    "line1": lambda attempt: f"{attempt.between(1, 120)} {attempt.pick(words.STREETS)}",
    "zip": _digits(10_000, 99_999), "zipcode": _digits(10_000, 99_999), "postcode": _digits(10_000, 99_999),
    "postalcode": _digits(10_000, 99_999), "company": _picked(words.COMPANIES),
    "companyname": _picked(words.COMPANIES), "organization": _picked(words.COMPANIES),
    "organisation": _picked(words.COMPANIES), "job": _picked(words.JOBS),
    "jobtitle": _picked(words.JOBS), "occupation": _picked(words.JOBS), "gender": _picked(words.GENDERS),
    "sex": _picked(words.GENDERS), "httpmethod": _picked(words.METHODS), "color": _picked(words.COLORS),
    "colour": _picked(words.COLORS), "status": _picked(words.STATUSES), "title": title, "subject": title,
    "description": sentence, "summary": sentence, "comment": sentence, "message": sentence, "note": sentence,
    "text": sentence, "body": sentence, "content": sentence, "detail": sentence, "bio": sentence,
    "reason": sentence, "url": url, "uri": url, "href": url, "link": url, "website": url, "homepage": url,
    "avatarurl": image_url, "imageurl": image_url, "photourl": image_url, "logourl": image_url,
    "avatar": image_url, "image": image_url, "photo": image_url, "picture": image_url, "thumbnail": image_url,
    "logo": image_url, "host": host, "hostname": host, "domain": host, "ip": ipv4, "ipaddress": ipv4,
    "uuid": uuid, "guid": uuid, "date": date, "birthday": _birthday, "birthdate": _birthday,
    "ofbirth": _birthday, "dob": _birthday, "time": time, "datetime": instant,
    "timestamp": instant, "slug": _slug, "version": _version,
    "useragent": _picked(words.USER_AGENTS), "mimetype": _picked(words.MEDIA_TYPES),
    "contenttype": _picked(words.MEDIA_TYPES), "filename": _picked(words.FILES),
    "file": _picked(words.FILES),
    "price": lambda attempt: f"{attempt.between(1, 500)}.{attempt.below(100):02d}",
    "amount": lambda attempt: f"{attempt.between(1, 2000)}.{attempt.below(100):02d}",
    "total": lambda attempt: f"{attempt.between(1, 2000)}.{attempt.below(100):02d}",
    "latitude": lambda attempt: f"{attempt.between(-60, 70)}.{attempt.below(10_000):04d}",
    "longitude": lambda attempt: f"{attempt.between(-179, 179)}.{attempt.below(10_000):04d}",
    "tag": _picked(words.KEYS), "label": _picked(words.KEYS), "category": _picked(words.KEYS),
    "number": _digits(100_000, 999_999), "code": lambda attempt: identifier(attempt)[:6].upper(),
    "state": _picked(words.REGIONS), "county": _picked(words.REGIONS), "type": _picked(words.KEYS),
    "cursor": identifier, "signature": _hex, "checksum": _hex, "digest": _hex, "sha": _hex, "etag": _hex,
    "path": lambda attempt: f"/{attempt.pick(words.KEYS)}/{attempt.pick(words.KEYS)}", "nickname": _login,
    "hash": _hex, "sku": identifier, "token": identifier,
}  # fmt: skip
