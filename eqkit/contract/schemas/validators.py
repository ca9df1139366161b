"""A value held against one schema of a document: a yes at the speed of Rust, or every violation."""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import jsonschema_rs

from eqkit.contract.document import Json, pointer_of, pointer_parts
from eqkit.contract.loading.number_keys import NumberKeys, Path
from eqkit.contract.loading.places import Place
from eqkit.contract.references import BASE
from eqkit.contract.schemas.clipping import SLICE, Clipping
from eqkit.contract.schemas.discriminators import meant
from eqkit.contract.schemas.formats import FORMATS
from eqkit.contract.schemas.translation import Translation
from eqkit.contract.schemas.violations import UNEXPECTED, Rule, Violation
from eqkit.errors import MAX_ERRORS, ContractError

_FEW = 16
"""Up to how many members it is quicker to search for one than to index them."""

_NAMES = frozenset(("$anchor", "$dynamicAnchor", "$id"))
"""Keywords that name a schema."""


class MaxBytes:
    """The keyword ``x-max-bytes``: the longest UTF-8 form of a string (ruling B3)."""

    def __init__(self, parent_schema: dict[str, Json], value: int, schema_path: list[str | int]) -> None:
        self._limit = value

    def validate(self, instance: Json) -> None:
        """Raise ValueError for a string that is too long."""
        if isinstance(instance, str) and len(instance) * 4 > self._limit < len(instance.encode()):
            raise ValueError(f"longer than {self._limit} bytes")


class SchemaValidator:
    """One schema, compiled by reference, with the schemas that it refers to."""

    def __init__(
        self, translation: Translation, pointer: str, locate: Callable[[str], Place] | None = None
    ) -> None:
        """Compile the schema at a pointer; raises ContractError where there is none."""
        self._translation = translation
        self._locate = locate
        self._pointer = pointer
        self._location = translation.location(pointer)
        registry = translation.registry_for(unquote(self._location))
        try:
            complete = plain = self._compiled(registry)
            if translation.bounds_bytes:
                complete = self._compiled(registry, keywords={"x-max-bytes": MaxBytes})
        except jsonschema_rs.ValidationError as error:
            raise ContractError(f"{pointer}: not a JSON Schema: {error.message}") from error
        self.accepts: Callable[[Json], bool] = plain.is_valid
        """Return, faster than `is_valid`, whether a value breaks no rule but, possibly, `x-max-bytes`."""
        self._complete = complete
        self._rules: dict[str, Rule] = {}
        self._own_locations: dict[Path, str] = {}

    def is_valid(self, value: Json) -> bool:
        """Return whether a value breaks no rule, or none for certain."""
        return bool(self._complete.is_valid(value)) or self._is_doubtful(value)

    def _is_doubtful(self, value: Json) -> bool:
        """Return whether a value may break no rule, because it hangs on a keyword that cannot be used."""
        return self._strict is not None and bool(self._strict.is_valid(value))

    @functools.cached_property
    def _strict(self) -> Any:
        registry = self._translation.strict_registry()
        return None if registry is None else self._compiled(registry)

    @functools.cached_property
    def _clipping(self) -> Clipping:
        return Clipping(self._translation.references, f"{BASE}#{self._pointer}")

    def clip(self, value: Json) -> Json:
        """Return a value that breaks the same rules, without parts that no rule looks at."""
        return self._clipping.clipped(value)

    def check(self, value: Json) -> list[Violation]:
        """Return the first violations of a value, of which most are expected to have none."""
        return [] if self.is_valid(value) else self.violations(value)

    def violations(self, value: Json, *, limit: int = MAX_ERRORS, is_long: bool = False) -> list[Violation]:
        """Return the first violations of a value, in the order of the value.

        Of several keywords broken at one place, the type is reported alone. Of alternatives, the errors by
        the one that was meant, where that is plain. A value that `is_long` is clipped first, which costs more
        than it saves for any other.
        """
        if self._is_doubtful(value):
            return []
        found: dict[Path, list[_Error]] = {}
        keys: NumberKeys | None = None
        start, explained = self._explained(value, is_long=is_long)
        for error in self._plain(self._complete.iter_errors(explained)):
            path = tuple(error.instance_path)
            # An index may be the key of an object, and an empty key is left out of a path.
            is_member = _is_of_member(error)
            if is_member or int in map(type, path) or not _leads_to(explained, path, error.instance):
                keys = keys or NumberKeys(explained)
                path = keys.resolve_path(path, error.instance, is_member=is_member)
            if start:
                path = self._clipping.place(path, value, start)
            inner = error
            while isinstance(inner.kind, jsonschema_rs.ValidationErrorKind.PropertyNames):
                inner = inner.kind.error
            name = None if inner is error else str(inner.instance)
            place = path if name is None else (*path, name)
            found.setdefault(place, []).append(_Error(self._rule(inner), inner.kind, name))
        return _in_order(self._located(value, found), limit)

    def _explained(self, value: Json, *, is_long: bool) -> tuple[int, Json]:
        """Return the part of a value whose violations are named, and the item that slices in it begin with.

        A library that makes an object of each violation takes seconds for a hundred thousand wrong items, in
        which nobody else is answered.
        """
        longest = _longest(value) if self._clipping.has_slices else 0
        if longest > SLICE:
            for start in range(0, longest, SLICE):
                explained = self._clipping.clipped(value, start)
                if not self._complete.is_valid(explained):
                    return start, explained
        return 0, self.clip(value) if is_long or self._clipping.has_long_arrays else value

    def _located(
        self, value: Json, found: "Mapping[Path, list[_Error]]"
    ) -> "Iterator[tuple[list[int], Violation]]":
        """Yield violations, each with its position in the value, as something to sort by."""
        positions: dict[Path, dict[str, int]] = {}
        for at, several in found.items():
            for rule, kind, name in several if len(several) == 1 else _reported(several, at_path(value, at)):
                missing = kind.property if kind.name == "required" else None
                for place in _places(value, at, rule, kind) if name is None else (at,):
                    position, wrong = position_in(value, place, positions)
                    wrong = wrong if name is None else name
                    yield position, Violation(rule, wrong, place, missing, name is not None, self._locate)

    def _compiled(self, registry: jsonschema_rs.Registry, **more: Any) -> Any:
        return jsonschema_rs.Draft202012Validator(
            self._root, registry=registry, formats=FORMATS, validate_formats=True, **more
        )

    @functools.cached_property
    def _root(self) -> Json:
        """The schema itself, whose errors are found sooner than those of a reference to it.

        One that gives a name has to stay where it stands.
        """
        schema = self._translation.schema(unquote(self._location))
        return {"$ref": self._location} if _has_names(schema) else schema

    def _plain(self, errors: Iterable[Any]) -> Iterator[Any]:
        """Yield errors; in place of unfit alternatives, those by the one that was meant."""
        for error in errors:
            branches = getattr(error.kind, "context", None)  # which those of `oneOf` and `anyOf` alone have
            branch = self._meant(error, branches) if branches else None
            if branch:
                yield from self._plain(branch)
            else:
                yield error

    def _meant(self, error: Any, branches: Sequence[Sequence[Any]]) -> Sequence[Any] | None:
        return meant(error, self._location_of(error), branches, self._translation)

    def _rule(self, error: Any) -> "Rule":
        location = self._location_of(error)
        if location not in self._rules:
            self._rules[location] = self._rule_at(location, str(error.kind.name))
        return self._rules[location]

    def _location_of(self, error: Any) -> str:
        """Return the location of a broken keyword; an error of the root has none, but its path."""
        location: str | None = error.absolute_keyword_location
        if location is None:
            path = tuple(error.schema_path)
            if path not in self._own_locations:
                names = NumberKeys(self._root).resolve_path(path)
                self._own_locations[path] = self._location + quote(pointer_of(names))
            location = self._own_locations[path]
        return location

    def _rule_at(self, location: str, name: str) -> "Rule":
        """Return the rule at a location of the translation; `name` is that of the error in jsonschema-rs."""
        uri, _, pointer = unquote(location).partition("#")
        source = self._translation.source(location)
        *above, kind = pointer_parts(pointer) or [""]
        if name == "falseSchema" and kind not in UNEXPECTED:
            return Rule("not", {"not": {}}, source)
        if name == "required" and above and above[-1] == "dependentRequired":
            kind = above.pop()
        if above[-2:-1] == ["allOf"] and self._translation.source(_location(uri, above)).endswith("/format"):
            # Of a format that a schema can say, nobody has written the keyword that says it.
            kind, above, source = "format", above[:-2], source.rpartition("/")[0]
        schema = self._translation.schema(_location(uri, above))
        if kind == "pattern":
            schema = {**schema, kind: self._translation.pattern(str(schema[kind]))}
        return Rule(kind, schema, source)


class BrokenValidator:
    """A schema by which nothing can be validated: it admits every value."""

    def is_valid(self, value: Json) -> bool:
        """Return True."""
        return True

    def check(self, value: Json) -> list[Violation]:
        """Return no violation."""
        return []


class _Error(NamedTuple):
    """One rule that a value breaks; `name` is wrong by itself, as the name of a member."""

    rule: Rule
    kind: Any
    name: str | None


def _has_names(schema: Json) -> bool:
    """Tell a schema in which any has an address or an anchor of its own."""
    if isinstance(schema, dict):
        return any(key in _NAMES or _has_names(value) for key, value in schema.items())
    return isinstance(schema, list) and any(map(_has_names, schema))


def _reported(several: list[_Error], value: Json) -> list[_Error]:
    """Return the errors to report of those at one value: the type alone; of a number, its bounds alone.

    A number that is beyond its bounds is beyond those of its format, too.
    """
    types = {str(each.rule.schema["type"]): each for each in several if each.rule.kind == "type"}
    if types:
        return [*types.values()]
    is_text = isinstance(value, str)
    return several if is_text else [each for each in several if each.rule.kind != "format"] or several


def _is_of_member(error: Any) -> bool:
    """Return whether an error has a forbidden member for its instance, and the path of the object."""
    return error.kind.name == "falseSchema" and [*error.schema_path][-1:] == ["additionalProperties"]


def _places(value: Json, path: Path, rule: Rule, kind: Any) -> Sequence[Path]:
    """Return the places of a violation: the forbidden members themselves, and not their object."""
    if rule.kind in UNEXPECTED:
        unexpected = getattr(kind, "unexpected", None)
        names: Iterable[str] = at_path(value, path) if unexpected is None else unexpected
        return [(*path, name) for name in itertools.islice(names, MAX_ERRORS)]
    if rule.kind == "not":
        match rule.schema["not"], at_path(value, path):
            case {"required": [name, *_]}, dict() as members if name in members:
                return ((*path, name),)
    return (path,)


def _in_order(located: Iterable[tuple[list[int], Violation]], limit: int) -> list[Violation]:
    """Return the first violations in the order of the value, each message once at a place."""
    found: list[Violation] = []
    for _, each in sorted(located, key=itemgetter(0)):
        alike = found and found[-1].path == each.path
        if not (alike and any(each.message == one.message for one in found if one.path == each.path)):
            found.append(each)
        if len(found) == limit:
            break
    return found


def _leads_to(value: Json, path: Path, instance: Json) -> bool:
    """Return whether a path leads to an instance in a value; of containers, the size alone is compared."""
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    if isinstance(value, dict | list):
        return type(value) is type(instance) and len(value) == len(instance)
    return bool(value == instance)


def _longest(value: Json) -> int:
    """Return the length of the longest array in a value."""
    longest, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            longest = max(longest, len(each))
            waiting += [item for item in each if isinstance(item, dict | list)]
        elif isinstance(each, dict):
            waiting += [member for member in each.values() if isinstance(member, dict | list)]
    return longest


def at_path(value: Json, path: Iterable[str | int]) -> Json:
    """Return the value at a path within another."""
    for part in path:
        value = value[part]
    return value


def position_in(value: Json, path: Path, positions: dict[Path, dict[str, int]]) -> tuple[list[int], Json]:
    """Return where a place stands in its document, as something to sort by, and the value there.

    Parents come before children. `positions` keeps those of the members of large objects, for the next place.
    """
    position = []
    for depth, part in enumerate(path):
        if isinstance(part, int):
            position.append(part)
        elif len(value) <= _FEW:
            position.append([*value].index(part))
        else:
            here = path[:depth]
            if here not in positions:
                positions[here] = {name: index for index, name in enumerate(value)}
            position.append(positions[here][part])
        value = value[part]
    return position, value


def _location(uri: str, parts: Sequence[str]) -> str:
    return f"{uri}#{pointer_of(parts)}"
