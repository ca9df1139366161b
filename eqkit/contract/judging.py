"""Values held against a schema: a yes at the speed of Rust, or every fault with its code and its place."""

import difflib
import functools
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from eqkit.contract.clipping import clipped
from eqkit.contract.document import Json, escaped
from eqkit.contract.number_keys import NumberKeys, Path
from eqkit.contract.pattern_properties import KEYWORD, with_all_patterns
from eqkit.errors import CODES, MAX_FAULTS, Code, ContractError, Fault
from eqkit.rfc3339 import read_instant

KEYWORD_CODES = {
    "required": Code.MISSING_MEMBER,
    "type": Code.WRONG_TYPE,
    "additionalProperties": Code.UNKNOWN_ATTRIBUTE,
}
JSON_TYPES = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
SHOWN = 80
"""How many characters of a client's value an error repeats: a 1 MB body is not echoed."""

LITERAL = re.compile(r"\^([A-Za-z0-9 _-]+)\$")
"""A pattern that one text alone matches: the constant of a contract that no generator makes a type of."""

MAX_POINTER = 1000
"""How long a pointer may be: the answer to a document of long names stays small."""


class Judge:
    """One schema, compiled once; `accepts` is the fast question, `faults` the thorough one.

    The codes come from the schema itself: ``x-error-codes`` maps a keyword to the code of breaking it.
    ``x-max-bytes`` bounds a string by its UTF-8 (ruling B3), which JSON Schema has no word for, and
    ``x-patternProperties`` is its `patternProperties`.
    """

    def __init__(
        self,
        schema: dict[str, Json] | bool,
        *,
        otherwise: Code = Code.WRONG_TYPE,
        validator: type[Any] = jsonschema_rs.Draft4Validator,
    ) -> None:
        """Compile a schema without references; raises ContractError when it is not one.

        `otherwise` is the code of breaking a keyword for which the schema names none; `validator` is that of
        the draft of JSON Schema that the document's version of OpenAPI is made of.
        """
        written = json.dumps(schema)  # not by orjson, which knows no number beyond 64 bits
        if KEYWORD in written:
            schema = with_all_patterns(schema)
        self._schema = schema
        self._rules: dict[Path, _Rule] = {}
        self._otherwise = otherwise
        self._has_long_arrays = '"maxItems":' in written
        self._has_alternatives = '"oneOf":' in written or '"anyOf":' in written
        try:
            self.accepts = validator(schema, validate_formats=True, retriever=fetch_nothing).is_valid
            self._explain = validator(
                schema, validate_formats=True, retriever=fetch_nothing, keywords={"x-max-bytes": _MaxBytes}
            ).iter_errors
        except jsonschema_rs.ValidationError as error:
            raise ContractError(f"not a JSON Schema: {error.message}") from error

    def clip(self, value: Json) -> Json:
        """Return a value that breaks the same rules, without what is too much to be looked at for that."""
        return clipped(value, self._schema)

    def faults(self, value: Json, *, is_long: bool = False) -> list[Fault]:
        """Return what is wrong with a value, in the order of the document, up to MAX_FAULTS (ruling B9).

        A value that `is_long` is clipped first, which costs more than it saves for any other.

        Of several keywords broken at one place, the type is told alone, and each code once; but of several
        missing members, each. Of alternatives, what is wrong by the one that was meant, where that is plain.
        """
        found: dict[Path, list[_Break]] = {}
        errors = self._explain(self.clip(value) if is_long or self._has_long_arrays else value)
        names = NumberKeys(value)
        for error in _told(errors) if self._has_alternatives else errors:
            broken = _Break(self._rule(error), error.kind)
            path = names.real(error.instance_path, error.instance)
            found.setdefault(path if broken.name is None else (*path, broken.name), []).append(broken)
        located: list[tuple[list[int], Path, _Break]] = []
        positions: dict[Path, dict[str, int]] = {}
        for path, breaks in found.items():
            told = [each for each in breaks if each.keyword == "type"] or breaks
            for each in {(each.code, each.missing): each for each in told}.values():
                places = _places(value, path, each)
                located += [(_order(value, place, positions), place, each) for place in places]
        located.sort(key=lambda item: item[0])
        return [_fault(value, place, each) for _, place, each in located[:MAX_FAULTS]]

    def _rule(self, error: Any) -> "_Rule":
        told = tuple(error.schema_path)
        if told not in self._rules:
            path, kind = NumberKeys(self._schema).real(told), error.kind.name
            keyword, schema = str(path[-1]) if path else "", _at(self._schema, path[:-1])
            if kind == "falseSchema" and path[-1:] != ("additionalProperties",):
                # What it is the schema of is not allowed, and stands in the path where a keyword would.
                keyword, schema = "not", {"not": {}}
            slug = schema.get("x-error-codes", {}).get(keyword)
            code = CODES[slug] if slug else KEYWORD_CODES.get(keyword, self._otherwise)
            self._rules[told] = _Rule(keyword, schema, code, kind == "propertyNames")
        return self._rules[told]


def fetch_nothing(uri: str) -> Json:
    """Refuse to fetch what a schema names, be it in `$schema`: a contract says of no address to be asked."""
    raise ValueError(f"{uri} is not fetched")


def _told(errors: Iterable[Any]) -> Iterator[Any]:
    """Yield errors; in place of alternatives that none of fits, what is wrong by the one that was meant."""
    for error in errors:
        branches = getattr(error.kind, "context", ())  # which those of `oneOf` and `anyOf` alone have
        meant = [branch for branch in branches if not _is_another(branch, error)]
        if len(meant) == 1 and meant[0]:
            yield from _told(meant[0])
        else:
            yield error


def _is_another(branch: Iterable[Any], error: Any) -> bool:
    """Tell an alternative that was not meant: its kind is another, or its type is."""
    for each in branch:
        keyword = each.schema_path[-1]
        if keyword in ("const", "enum") or (keyword == "type" and each.instance_path == error.instance_path):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Rule:
    """One keyword, the schema that it stands in, and the code of breaking it."""

    keyword: str
    schema: dict[str, Json]
    code: Code
    is_for_names: bool


class _Break:
    """One rule that a value breaks."""

    def __init__(self, rule: _Rule, kind: Any) -> None:
        self.keyword = rule.keyword
        self.schema = rule.schema
        self.code = rule.code
        self.kind = kind
        self.missing = kind.property if rule.keyword == "required" else None
        self.name = kind.error.instance if rule.is_for_names else None
        """The name that is wrong by itself, whatever its value is."""


class _MaxBytes:
    """The keyword ``x-max-bytes``: the longest UTF-8 form of a string."""

    def __init__(self, parent_schema: dict[str, Json], value: int, schema_path: list[str | int]) -> None:
        self._limit = value

    def validate(self, instance: Json) -> None:
        if isinstance(instance, str) and len(instance.encode()) > self._limit:
            raise ValueError(f"longer than {self._limit} bytes")


def _places(value: Json, path: Path, broken: _Break) -> list[Path]:
    """Return where a break is to be told: at what must not be there, and not at what it stands in."""
    if broken.keyword == "additionalProperties":
        known = broken.schema.get("properties", {})
        unknown: Iterable[str] = (name for name in _at(value, path) if name not in known)
        if "patternProperties" in broken.schema:  # whose patterns are not Python's
            unknown = broken.kind.unexpected
        return [(*path, name) for name in itertools.islice(unknown, MAX_FAULTS)]
    if broken.keyword == "not":
        match broken.schema["not"], _at(value, path):
            case {"required": [name, *_]}, dict() as members if name in members:
                return [(*path, name)]
    return [path]


def _fault(value: Json, path: Path, broken: _Break) -> Fault:
    if broken.keyword == "additionalProperties":
        noun = "member" if broken.code is Code.UNKNOWN_MEMBER else "attribute"
        detail = _unknown(noun, str(path[-1]), broken.schema.get("properties", {}))
    else:
        wrong = _at(value, path) if broken.name is None else broken.name
        detail = _detail(broken.keyword, broken.schema, wrong, broken.missing, path)
        detail = detail if broken.name is None else f"The name {detail}"
    return Fault(broken.code, detail, nearest_pointer(path))


def nearest_pointer(path: Iterable[str | int]) -> str:
    """Return the pointer to a place, or to the nearest one above it that MAX_POINTER allows (ruling B4)."""
    pointer = ""
    for part in path:
        longer = f"{pointer}/{part if isinstance(part, int) else escaped(part)}"
        if len(longer) > MAX_POINTER:
            break
        pointer = longer
    return pointer


def _at(value: Json, path: Iterable[str | int]) -> Json:
    for part in path:
        value = value[part]
    return value


def _order(value: Json, path: Path, positions: dict[Path, dict[str, int]]) -> list[int]:
    """Return where a place stands in its document, as something to sort by: parents before children.

    `positions` keeps those of each object's members, which may be many, for the next question.
    """
    order = []
    for depth, part in enumerate(path):
        if isinstance(part, int):
            order.append(part)
        else:
            here = path[:depth]
            if here not in positions:
                positions[here] = {name: index for index, name in enumerate(value)}
            order.append(positions[here][part])
        value = value[part]
    return order


def _kind(value: Json) -> str:
    return JSON_TYPES.get(type(value)) or ("a whole number" if isinstance(value, int) else "a number")


def _shown(value: Json) -> str:
    if isinstance(value, str):
        text = f'"{value}"'
    else:
        text = repr(value) if type(value) in (int, float) else json.dumps(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _unknown(noun: str, name: str, known: dict[str, Json]) -> str:
    guess = next((right for right, schema in known.items() if name in _aliases(schema)), None)
    guess = guess or nearest(name, tuple(known))
    if guess:
        return f'There is no {noun} {_shown(name)}; did you mean "{guess}"?'
    there_are = f"; there are {', '.join(known)}" if known else ""
    return f"There is no {noun} {_shown(name)}{there_are}."


def _aliases(schema: dict[str, Json] | bool) -> Sequence[str]:
    return () if isinstance(schema, bool) else schema.get("x-aliases", ())


def nearest(name: str, known: tuple[str, ...]) -> str | None:
    """Return which known name was probably meant: one that begins so, or is spelt nearly so, in any case."""
    return _nearest(name[:SHOWN].casefold(), known)


@functools.lru_cache(maxsize=1024)
def _nearest(folded: str, known: tuple[str, ...]) -> str | None:
    names = {each.casefold(): each for each in known}
    begun = (each for each in names if folded and each.startswith(folded))
    found = next(begun, None) or next(iter(difflib.get_close_matches(folded, names, n=1)), None)
    return names[found] if found else None


def _not_among(value: Json, allowed: list[Json]) -> str:
    """Say what is allowed and, where that is more than one name, which of them was probably meant."""
    told = f"{' or '.join(_shown(one) for one in allowed)}, not {_shown(value)}"
    names = tuple(one for one in allowed if isinstance(one, str))
    guess = nearest(value, names) if isinstance(value, str) and len(names) > 1 else None
    return f'{told}; did you mean "{guess}"?' if guess else f"{told}."


def _unmatched(pattern: str, value: Json) -> str:
    """Say what a text has to match, or to be where the pattern is of one text."""
    if literal := LITERAL.fullmatch(pattern):
        return f"be {_not_among(value, [literal[1]])}"
    return f"match {pattern}, and {_shown(value)} does not."


def _no_instant(text: str) -> str:
    """Say what is wrong with an instant, by the one grammar that there is for them."""
    try:
        read_instant(text)
    except ValueError as error:
        return str(error)
    return f"{_shown(text)} is not an instant."


def _excluded(schema: Json) -> str:
    """Say which values are excluded, where they are listed."""
    if isinstance(schema, dict) and "enum" in schema:
        return f"must not be {' or '.join(_shown(one) for one in schema['enum'])}."
    return "is not allowed here."


def _detail(keyword: str, schema: dict[str, Json], value: Json, missing: str | None, path: Path) -> str:
    """Say in one sentence what is wanted and what was found."""
    name = _shown(next((part for part in reversed(path) if isinstance(part, str)), "document"))
    wanted = schema.get(keyword)
    match keyword:
        case "required":
            return f'The member "{missing}" is missing.'
        case "type":
            wanted = " or ".join([wanted] if isinstance(wanted, str) else wanted or ())
            article = "an" if wanted[0] in "aeiou" else "a"
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            shown = f", {_shown(value)}" if is_number else ""
            return f"{name} must be {article} {wanted}, not {_kind(value)}{shown}."
        case "enum":
            return f"{name} must be {_not_among(value, wanted or [])}"
        case "minimum":
            return f"{name} must be at least {wanted}, not {_shown(value)}."
        case "maximum":
            return f"{name} must be at most {wanted}, not {_shown(value)}."
        case "minItems":
            return f"{name} must have at least {wanted} item, and has {len(value)}."
        case "maxItems":
            return f"{name} may have at most {wanted} items, and has {len(value)}."
        case "minLength":
            return f"{name} must have at least {wanted} character, and has {len(value)}."
        case "maxLength":
            return f"{name} may have at most {wanted} characters, and has {len(value)}."
        case "x-max-bytes":
            return f"{name} may have at most {wanted} bytes of UTF-8, and has {len(value.encode())}."
        case "format" if wanted == "date-time" and isinstance(value, str):
            return _no_instant(value)
        case "pattern":
            return f"{name} must {_unmatched(str(wanted), value)}"
        case "not":
            return f"{name} {_excluded(wanted)}"
    return f'{name} breaks the rule "{keyword}" of the contract.'
