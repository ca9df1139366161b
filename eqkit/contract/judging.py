"""Values held against a schema: a yes at the speed of Rust, or every fault with its code and its place."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema_rs

from eqkit.contract.document import Json, pointer_of
from eqkit.errors import CODES, Code, ContractError, Fault

KEYWORD_CODES = {
    "required": Code.MISSING_MEMBER,
    "type": Code.WRONG_TYPE,
    "additionalProperties": Code.UNKNOWN_ATTRIBUTE,
}
JSON_TYPES = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
SHOWN = 80
"""How many characters of a client's value an error repeats: a 1 MB body is not echoed."""

Path = tuple[str | int, ...]


class Judge:
    """One schema, compiled once; `accepts` is the fast question, `faults` the thorough one.

    The codes come from the schema itself: ``x-error-codes`` maps a keyword to the code of breaking it.
    ``x-max-bytes`` bounds a string by its UTF-8 (ruling B3), which JSON Schema has no word for.
    """

    def __init__(self, schema: dict[str, Json]) -> None:
        """Compile a schema without references; raises ContractError when it is not one."""
        self._schema = schema
        try:
            self.accepts = jsonschema_rs.Draft4Validator(schema).is_valid
            self._explain = jsonschema_rs.Draft4Validator(
                schema, keywords={"x-max-bytes": _MaxBytes}
            ).iter_errors
        except jsonschema_rs.ValidationError as error:
            raise ContractError(f"not a JSON Schema: {error.message}") from error

    def faults(self, value: Json) -> list[Fault]:
        """Return everything wrong with a value, in the order of the document (ruling B9).

        Of several keywords broken at one place, the type is told alone, and each code once.
        """
        found: dict[Path, list[_Break]] = {}
        for error in self._explain(value):
            broken = _Break(str(error.schema_path[-1]), self._schema_at(error.schema_path[:-1]), error)
            found.setdefault(tuple(error.instance_path), []).append(broken)
        located: list[tuple[list[int], Fault]] = []
        for path, breaks in found.items():
            told = [each for each in breaks if each.keyword == "type"] or breaks
            for each in {each.code: each for each in told}.values():
                located += _located(value, path, each)
        return [fault for _, fault in sorted(located, key=lambda item: item[0])]

    def _schema_at(self, path: Iterable[str | int]) -> dict[str, Json]:
        node: Any = self._schema
        for part in path:
            node = node[part]
        found: dict[str, Json] = node
        return found


class _Break:
    """One keyword that a value breaks, and the schema that it stands in."""

    def __init__(self, keyword: str, schema: dict[str, Json], error: Any) -> None:
        self.keyword = keyword
        self.schema = schema
        self.error = error
        slug = schema.get("x-error-codes", {}).get(keyword)
        self.code = CODES[slug] if slug else KEYWORD_CODES.get(keyword, Code.INVALID_VALUE)


class _MaxBytes:
    """The keyword ``x-max-bytes``: the longest UTF-8 form of a string."""

    def __init__(self, parent_schema: dict[str, Json], value: int, schema_path: list[str | int]) -> None:
        self._limit = value

    def validate(self, instance: Json) -> None:
        if isinstance(instance, str) and len(instance.encode()) > self._limit:
            raise ValueError(f"longer than {self._limit} bytes")


def _located(value: Json, path: Path, broken: _Break) -> Iterator[tuple[list[int], Fault]]:
    """Yield the faults of one break, each with its place in the document's order."""
    if broken.keyword == "additionalProperties":
        known = broken.schema.get("properties", {})
        for name in broken.error.kind.unexpected:
            pointer = pointer_of((*path, name[:SHOWN]))
            yield _order(value, (*path, name)), Fault(broken.code, _unknown(name, known), pointer)
    else:
        if broken.keyword == "not" and "required" in broken.schema["not"]:
            # What must not be there is wrong, not what it must not be in.
            path = (*path, broken.schema["not"]["required"][0])
        detail = _detail(broken.keyword, broken.schema, _at(value, path), broken.error, path)
        yield _order(value, path), Fault(broken.code, detail, pointer_of(path))


def _at(value: Json, path: Path) -> Json:
    for part in path:
        value = value[part]
    return value


def _order(value: Json, path: Path) -> list[int]:
    """Return where a place stands in its document, as something to sort by: parents before children."""
    order = []
    for part in path:
        order.append(part if isinstance(part, int) else list(value).index(part))
        value = value[part]
    return order


def _kind(value: Json) -> str:
    return JSON_TYPES.get(type(value)) or ("a whole number" if isinstance(value, int) else "a number")


def _shown(value: Json) -> str:
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _unknown(name: str, known: dict[str, Json]) -> str:
    aliases = {alias: right for right, schema in known.items() for alias in schema.get("x-aliases", [])}
    near = difflib.get_close_matches(name[:SHOWN], known, n=1)
    guess = aliases.get(name) or (near[0] if near else None)
    if guess:
        return f'There is no attribute {_shown(name)}; did you mean "{guess}"?'
    return f"There is no attribute {_shown(name)}; there are {', '.join(known)}."


def _detail(keyword: str, schema: dict[str, Json], value: Json, error: Any, path: Path) -> str:
    """Say in one sentence what is wanted and what was found."""
    name = next((part for part in reversed(path) if isinstance(part, str)), "document")
    wanted = schema.get(keyword)
    match keyword:
        case "required":
            return f'The member "{error.kind.property}" is missing.'
        case "type":
            article = "an" if str(wanted)[0] in "aeiou" else "a"
            shown = f", {_shown(value)}" if isinstance(value, int | float) else ""
            return f'"{name}" must be {article} {wanted}, not {_kind(value)}{shown}.'
        case "enum":
            return (
                f'"{name}" must be {" or ".join(_shown(one) for one in wanted or ())}, not {_shown(value)}.'
            )
        case "minimum":
            return f'"{name}" must be at least {wanted}, not {_shown(value)}.'
        case "maximum":
            return f'"{name}" must be at most {wanted}, not {_shown(value)}.'
        case "minItems":
            return f'"{name}" must have at least {wanted} item, and has {len(value)}.'
        case "maxItems":
            return f'"{name}" may have at most {wanted} items, and has {len(value)}.'
        case "minLength":
            return f'"{name}" must have at least {wanted} character, and has {len(value)}.'
        case "maxLength":
            return f'"{name}" may have at most {wanted} characters, and has {len(value)}.'
        case "x-max-bytes":
            return f'"{name}" may have at most {wanted} bytes of UTF-8, and has {len(value.encode())}.'
        case "pattern":
            return f'"{name}" must match {wanted}, and {_shown(value)} does not.'
        case "not":
            return f'"{name}" is not allowed here.'
    return f'"{name}" breaks the rule "{keyword}" of the contract.'
