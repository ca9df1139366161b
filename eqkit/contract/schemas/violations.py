"""Violations of a schema: the rule, the value that was sent, the allowed ones, and both places."""

import difflib
import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from eqkit.contract.document import Json, escaped
from eqkit.contract.loading.number_keys import Path
from eqkit.contract.loading.places import Place
from eqkit.rfc3339 import read_instant

JSON_TYPES = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
MAX_VALUE = 80
"""How many characters of a value a message repeats: a 1 MB body is not echoed."""

MAX_LISTED = 20
"""How many allowed values a message lists."""

MAX_POINTER = 1000
"""How long a pointer may be: the answer to a document of long names stays small."""

LITERAL = re.compile(r"\^([A-Za-z0-9 _-]+)\$")
"""A pattern that one text alone matches: the constant of a contract that no generator makes a type of."""

UNEXPECTED = ("additionalProperties", "unevaluatedProperties")
"""Keywords that forbid members; each forbidden member is told by itself."""

_SIZES = {
    "minItems": ("must", "at least", "item"),
    "maxItems": ("may", "at most", "item"),
    "minLength": ("must", "at least", "character"),
    "maxLength": ("may", "at most", "character"),
    "minProperties": ("must", "at least", "member"),
    "maxProperties": ("may", "at most", "member"),
}
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "multipleOf": "a multiple of",
}


class Rule(NamedTuple):
    """One keyword, the schema that it stands in as the engine reads it, and the pointer to it in the source.

    A pointer into another file of the contract has the name of the file before its ``#``.
    """

    kind: str
    schema: Mapping[str, Json]
    pointer: str


class Violation(NamedTuple):
    """One rule of a schema that a value breaks; it is worded when its message is asked for."""

    rule: Rule
    value: Json
    path: Path
    """The way to the place in the whole value."""
    missing: str | None = None
    """The member that is missing, of `required` and `dependentRequired`."""
    is_name: bool = False
    """Whether the name of the member is wrong by itself, with any value."""
    locate: Callable[[str], Place] | None = None

    @property
    def kind(self) -> str:
        """The keyword."""
        return self.rule.kind

    @property
    def pointer(self) -> str:
        """The pointer to the keyword in the document."""
        return self.rule.pointer

    @property
    def message(self) -> str:
        """One sentence on the rule and the value."""
        kind, schema, _ = self.rule
        if kind in UNEXPECTED and not self.is_name:
            properties = schema.get("properties")
            return unknown_member(str(self.path[-1]), properties if isinstance(properties, dict) else {})
        message = message_for(kind, schema, self.value, self.path, self.missing)
        return f"The name {message}" if self.is_name else message

    @property
    def sent(self) -> str:
        """The value, as a message shows it."""
        return format_value(self.value)

    @property
    def allowed(self) -> Json:
        """The value of the keyword."""
        return self.rule.schema.get(self.rule.kind)

    @property
    def instance_pointer(self) -> str:
        """The pointer to the place in the value, or to the nearest one above it (ruling B4)."""
        return nearest_pointer(self.path)

    @property
    def place(self) -> Place | None:
        """File, line and column of the keyword; None for a schema that stands in no file."""
        return None if self.locate is None else self.locate(self.rule.pointer)


def nearest_pointer(path: Iterable[str | int]) -> str:
    """Return the pointer to a place, or to the nearest one above it that MAX_POINTER allows (ruling B4)."""
    pointer = ""
    for part in path:
        longer = f"{pointer}/{part if isinstance(part, int) else escaped(part)}"
        if len(longer) > MAX_POINTER:
            break
        pointer = longer
    return pointer


def type_of(value: Json) -> str:
    """Return the JSON type of a value, with its article."""
    return JSON_TYPES.get(type(value)) or ("a whole number" if isinstance(value, int) else "a number")


def format_value(value: Json) -> str:
    """Return a value as a message repeats it, in at most MAX_VALUE characters."""
    if isinstance(value, str):
        text = f'"{value[: MAX_VALUE + 1]}"'
    elif isinstance(value, dict | list):
        text = _start_of(value)
    else:
        text = repr(value) if type(value) in (int, float) else json.dumps(value)
    return text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "…"


def _start_of(value: Json) -> str:
    """Return the first characters of a document, without writing out all of it."""
    text = ""
    for part in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
        text += part[: MAX_VALUE + 1]
        if len(text) > MAX_VALUE:
            break
    return text


def nearest(name: str, known: tuple[str, ...]) -> str | None:
    """Return which known name was probably meant: one that begins so, or is spelt nearly so, in any case."""
    return _nearest(name[:MAX_VALUE].casefold(), known)


@functools.lru_cache(maxsize=1024)
def _nearest(folded: str, known: tuple[str, ...]) -> str | None:
    names = {each.casefold(): each for each in known}
    begun = (each for each in names if folded and each.startswith(folded))
    found = next(begun, None) or next(iter(difflib.get_close_matches(folded, names, n=1)), None)
    return names[found] if found else None


def unknown_member(name: str, known: Mapping[str, Json], noun: str = "member") -> str:
    """Return the message for an unknown member, with the one that was probably meant."""
    guess = next((right for right, schema in known.items() if name in _aliases(schema)), None)
    guess = guess or nearest(name, tuple(known))
    if guess:
        return f'There is no {noun} {format_value(name)}; did you mean "{guess}"?'
    there_are = f"; there are {', '.join(known)}" if known else ""
    return f"There is no {noun} {format_value(name)}{there_are}."


def _aliases(schema: Json) -> Sequence[str]:
    return schema.get("x-aliases", ()) if isinstance(schema, dict) else ()


def message_for(kind: str, schema: Mapping[str, Json], value: Json, path: Path, missing: str | None) -> str:
    """Return one sentence about the rule that a value breaks, and the value."""
    if missing is not None:
        return f'The member "{missing}" is missing.'
    name, wanted = _name(path), schema.get(kind)
    if kind in _SIZES:
        return _size(name, kind, wanted, value)
    if kind in _BOUNDS:
        return f"{name} must be {_BOUNDS[kind]} {wanted}, not {format_value(value)}."
    match kind:
        case "type":
            return _type(name, wanted, value)
        case "enum":
            return f"{name} must be {_not_among(value, wanted if isinstance(wanted, list) else [])}"
        case "const":
            return f"{name} must be {_not_among(value, [wanted])}"
        case "x-max-bytes":
            return f"{name} may have at most {wanted} bytes of UTF-8, and has {len(value.encode())}."
        case "format":
            return _format(name, str(wanted), value)
        case "pattern":
            return f"{name} must {_unmatched(str(wanted), value)}"
        case "not":
            return f"{name} {_excluded(wanted)}"
        case "uniqueItems":
            return f"{name} must not have the same item twice."
        case "contains" | "minContains" | "maxContains":
            return _contains(name, schema)
        case "oneOf" | "anyOf":
            return _alternatives(name, kind, wanted, value)
    return f"{name} must not be there." if schema.get(kind) is False else f"{name} breaks the rule {kind}."


def _name(path: Path) -> str:
    """Return the name of a value, as a message has it: of an item, that of its array."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return format_value(path[-1] if path else "document")


def _size(name: str, kind: str, limit: Json, value: Json) -> str:
    verb, bound, noun = _SIZES[kind]
    noun = noun if limit == 1 else f"{noun}s"
    return f"{name} {verb} have {bound} {limit} {noun}, and has {len(value)}."


def _type(name: str, wanted: Json, value: Json) -> str:
    types = " or ".join([wanted] if isinstance(wanted, str) else wanted or ())
    article = "an" if types[:1] in "aeiou" else "a"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    sent = f", {format_value(value)}" if is_number else ""
    return f"{name} must be {article} {types}, not {type_of(value)}{sent}."


def _format(name: str, wanted: str, value: Json) -> str:
    if wanted == "date-time" and isinstance(value, str):
        try:
            read_instant(value)
        except ValueError as error:
            return str(error)
    return f"{name} must be of the format {wanted}, and {format_value(value)} is not."


def _not_among(value: Json, allowed: list[Json]) -> str:
    """List the allowed values and, where they are several names, the one that was probably meant."""
    listed = " or ".join(format_value(one) for one in allowed[:MAX_LISTED])
    more = f" or {len(allowed) - MAX_LISTED} others" if len(allowed) > MAX_LISTED else ""
    message = f"{listed}{more}, not {format_value(value)}"
    names = tuple(one for one in allowed if isinstance(one, str))
    guess = nearest(value, names) if isinstance(value, str) and len(names) > 1 else None
    return f'{message}; did you mean "{guess}"?' if guess else f"{message}."


def _unmatched(pattern: str, value: Json) -> str:
    """Name the pattern of a text, or the text where the pattern has one alone."""
    if literal := LITERAL.fullmatch(pattern):
        return f"be {_not_among(value, [literal[1]])}"
    return f"match {pattern}, and {format_value(value)} does not."


def _excluded(schema: Json) -> str:
    """Return the message for an excluded value, with the list of those that are."""
    if isinstance(schema, dict) and "enum" in schema:
        return f"must not be {' or '.join(format_value(one) for one in schema['enum'])}."
    return "is not allowed here."


def _contains(name: str, schema: Mapping[str, Json]) -> str:
    min_contains, max_contains = schema.get("minContains", 1), schema.get("maxContains")
    bounds = f"at least {min_contains}" + ("" if max_contains is None else f" and at most {max_contains}")
    return f"{name} must have {bounds} of the items that `contains` describes."


def _alternatives(name: str, kind: str, branches: Json, value: Json) -> str:
    count = len(branches) if isinstance(branches, list) else 0
    wanted = "exactly one" if kind == "oneOf" else "one"
    return f"{name} must fit {wanted} of {count} alternatives ({kind}), and {format_value(value)} does not."
