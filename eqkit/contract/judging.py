"""Values held against a schema: a yes at the speed of Rust, or every fault with its code and its place."""

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from eqkit.contract.clipping import clipped
from eqkit.contract.document import Json
from eqkit.contract.loading.number_keys import NumberKeys, Path, at_path, order_in
from eqkit.contract.pattern_properties import KEYWORD, with_all_patterns
from eqkit.contract.schemas.max_bytes import MaxBytes
from eqkit.contract.schemas.violations import message_for, nearest_pointer, unknown_member
from eqkit.errors import CODES, MAX_ERRORS, Code, ContractError, ErrorObject

KEYWORD_CODES = {
    "required": Code.MISSING_MEMBER,
    "type": Code.WRONG_TYPE,
    "additionalProperties": Code.UNKNOWN_ATTRIBUTE,
}


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
                schema, validate_formats=True, retriever=fetch_nothing, keywords={"x-max-bytes": MaxBytes}
            ).iter_errors
        except jsonschema_rs.ValidationError as error:
            raise ContractError(f"not a JSON Schema: {error.message}") from error

    def clip(self, value: Json) -> Json:
        """Return a value that breaks the same rules, without parts that no rule looks at."""
        return clipped(value, self._schema)

    def faults(self, value: Json, *, is_long: bool = False) -> list[ErrorObject]:
        """Return what is wrong with a value, in the order of the document, up to MAX_ERRORS (ruling B9).

        A value that `is_long` is clipped first, which costs more than it saves for any other.

        Of several keywords broken at one place, the type is told alone, and each code once; but of several
        missing members, each. Of alternatives, what is wrong by the one that was meant, where that is plain.
        """
        found: dict[Path, list[_Break]] = {}
        errors = self._explain(self.clip(value) if is_long or self._has_long_arrays else value)
        names = NumberKeys(value)
        for error in _told(errors) if self._has_alternatives else errors:
            broken = _Break(self._rule(error), error.kind)
            path = names.resolve_path(error.instance_path, error.instance)
            found.setdefault(path if broken.name is None else (*path, broken.name), []).append(broken)
        located: list[tuple[list[int], Path, _Break]] = []
        positions: dict[Path, dict[str, int]] = {}
        for path, breaks in found.items():
            told = [each for each in breaks if each.keyword == "type"] or breaks
            for each in {(each.code, each.missing): each for each in told}.values():
                places = _places(value, path, each)
                located += [(order_in(value, place, positions), place, each) for place in places]
        located.sort(key=lambda item: item[0])
        return [_fault(value, place, each) for _, place, each in located[:MAX_ERRORS]]

    def _rule(self, error: Any) -> "_Rule":
        told = tuple(error.schema_path)
        if told not in self._rules:
            path, kind = NumberKeys(self._schema).resolve_path(told), error.kind.name
            keyword, schema = str(path[-1]) if path else "", at_path(self._schema, path[:-1])
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


def _places(value: Json, path: Path, broken: _Break) -> list[Path]:
    """Return where a break is to be told: at what must not be there, and not at what it stands in."""
    if broken.keyword == "additionalProperties":
        known = broken.schema.get("properties", {})
        unknown: Iterable[str] = (name for name in at_path(value, path) if name not in known)
        if "patternProperties" in broken.schema:  # whose patterns are not Python's
            unknown = broken.kind.unexpected
        return [(*path, name) for name in itertools.islice(unknown, MAX_ERRORS)]
    if broken.keyword == "not":
        match broken.schema["not"], at_path(value, path):
            case {"required": [name, *_]}, dict() as members if name in members:
                return [(*path, name)]
    return [path]


def _fault(value: Json, path: Path, broken: _Break) -> ErrorObject:
    if broken.keyword == "additionalProperties":
        noun = "member" if broken.code is Code.UNKNOWN_MEMBER else "attribute"
        detail = unknown_member(str(path[-1]), broken.schema.get("properties", {}), noun)
    else:
        wrong = at_path(value, path) if broken.name is None else broken.name
        detail = message_for(broken.keyword, broken.schema, wrong, path, broken.missing)
        detail = detail if broken.name is None else f"The name {detail}"
    return ErrorObject(broken.code, detail, nearest_pointer(path))
