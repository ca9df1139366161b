"""Schemas that hold together for one value: their references are followed, their choices are open."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from eqkit.answers.generating.failures import Unfit
from eqkit.answers.generating.negations import is_exact, negations
from eqkit.answers.generating.origins import Origin, Origins
from eqkit.contract.document import Json, pointer_parts

MAX_CONJUNCTS = 2_000
"""The most schemas that one value is made of; a document that refers to more at one place is hostile."""

MAX_EXCLUDED = 200
"""The most alternatives of `oneOf` that each exclude the others; beyond, that work would grow by the square.

The value is checked in the end all the same.
"""


class Kind(Enum):
    """The kinds of choices, which differ in the order of their alternatives."""

    BRANCH = auto()
    """Any alternative is as good as another, and is chosen at random."""
    ORDERED = auto()
    """The first alternative that leads to a value is taken."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """The schemas that hold if an alternative is chosen, and those that must not.

    `preferred` holds, too, unless it leaves no value.
    """

    added: tuple[Origin, ...] = ()
    denied: tuple[Origin, ...] = ()
    preferred: Origin | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives, of which one is to be chosen."""

    kind: Kind
    alternatives: tuple[Alternative, ...]


class Conjunction:
    """Schemas that hold together.

    `conjuncts` are those whose own keywords count; `allOf` and references are followed. `choices` are open,
    and `denied` are schemas that a value must not be valid by.
    """

    def __init__(self, origins: Origins, *, is_strict: bool) -> None:
        """Begin with no schema."""
        self._origins = origins
        self.is_strict = is_strict
        self.conjuncts: list[Origin] = []
        self.choices: deque[Choice] = deque()
        self.denied: list[Origin] = []
        self._seen: set[tuple[int, tuple[str, ...]]] = set()
        self._denied: set[tuple[int, tuple[str, ...]]] = set()

    def copy(self) -> "Conjunction":
        """Return a conjunction of the same schemas, to which others are added."""
        copied = Conjunction(self._origins, is_strict=self.is_strict)
        copied.conjuncts = [*self.conjuncts]
        copied.choices = deque(self.choices)
        copied.denied = [*self.denied]
        copied._seen = {*self._seen}
        copied._denied = {*self._denied}
        return copied

    def chosen(self, alternative: Alternative) -> "Conjunction":
        """Return the conjunction once an alternative of the first choice is taken; raises Unfit."""
        copied = self.copy()
        copied.choices.popleft()
        for origin in alternative.denied:
            copied.deny(origin, is_certain=False)
        copied.add(alternative.added)
        if alternative.preferred is not None:
            copied.prefer(alternative.preferred)
        return copied

    def add(self, added: Iterable[Origin]) -> None:
        """Add schemas; raises Unfit for one that admits nothing, or for too many."""
        waiting = deque(added)
        while waiting:
            origin = waiting.popleft()
            if origin.schema is False:
                raise Unfit(origin.location, "")
            if not isinstance(origin.schema, dict) or origin.key in self._seen:
                continue
            if len(self._seen) > MAX_CONJUNCTS:
                raise Unfit(origin.location, "allOf")
            if origin.key in self._denied:
                raise Unfit(origin.location, "not")
            self._seen.add(origin.key)
            self.conjuncts.append(origin)
            waiting.extend(self._origins.referred(origin))
            waiting.extend(origin.child("allOf", index) for index in _indices(origin.schema, "allOf"))
            self._choose(origin)

    def deny(self, origin: Origin, *, is_certain: bool = True) -> None:
        """Deny a schema; one that is not certain to matter counts in strict attempts alone."""
        if origin.schema is True or origin.schema == {}:
            raise Unfit(origin.location, "not")
        if origin.schema is False or not (is_certain or self.is_strict):
            return
        origin = self._origins.followed(origin)
        if origin.key in self._seen:
            raise Unfit(origin.location, "not")
        ways = negations(origin, self._origins)
        if len(ways) == 1 and is_exact(origin):
            self.add(ways)
        elif origin.key not in self._denied:
            self._denied.add(origin.key)
            self.denied.append(origin)

    def _choose(self, origin: Origin) -> None:
        schema = origin.schema
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                self.choices.append(Choice(Kind.BRANCH, tuple(self._branches(origin, keyword))))
        if "not" in schema:
            self.deny(origin.child("not"))
        if "if" in schema and ("then" in schema or "else" in schema):
            self.choices.append(Choice(Kind.BRANCH, tuple(_conditions(origin))))
        dependent = schema.get("dependentSchemas", {})
        for name in dependent:
            present = origin.made({"required": [name]}, "dependentSchemas", name)
            absent = origin.made({"properties": {name: False}}, "dependentSchemas", name)
            both = Alternative((present, origin.child("dependentSchemas", name)))
            self.choices.append(Choice(Kind.ORDERED, (both, Alternative((absent,)))))
        if isinstance(schema.get("discriminator"), dict) and not schema.keys() & {"anyOf", "oneOf"}:
            self._discriminate(origin)

    def _branches(self, origin: Origin, keyword: str) -> Iterable[Alternative]:
        """Yield the alternatives of `anyOf` or `oneOf`."""
        indices = _indices(origin.schema, keyword)
        branches = [origin.child(keyword, index) for index in indices]
        is_exclusive = keyword == "oneOf" and len(branches) <= MAX_EXCLUDED
        for index, branch in enumerate(branches):
            others = tuple(branches[:index] + branches[index + 1 :]) if is_exclusive else ()
            yield Alternative((branch,), others, self._named_by_discriminator(origin, branch))

    def _named_by_discriminator(self, origin: Origin, branch: Origin) -> Origin | None:
        """Return the schema by which the discriminator of a value names an alternative."""
        referred = self._origins.referred(branch) if isinstance(branch.schema, dict) else []
        match origin.schema.get("discriminator"):
            case {"propertyName": str(name), **rest} if referred:
                mapping = rest.get("mapping")
                values = self._values_for(referred[0].location, mapping if isinstance(mapping, dict) else {})
                return _naming(origin, name, values)
        return None

    def _discriminate(self, origin: Origin) -> None:
        """Name the schema at hand in the discriminator of one that it is made of.

        The schema with the discriminator stands for those in its mapping, of which one is chosen.
        """
        match origin.schema["discriminator"]:
            case {"propertyName": str(name), **rest}:
                mapping = rest.get("mapping")
                known = mapping if isinstance(mapping, dict) else {}
                named = [each.location for each in [*self.conjuncts] if each.component]
                mapped = [at for at in named if self._values_for(at, known, is_mapped=True)]
                if not mapped and named[:1] == [origin.location] and known:
                    self.choices.append(Choice(Kind.BRANCH, tuple(self._mapped(origin, name, known))))
                elif named:
                    self.prefer(_naming(origin, name, self._values_for((mapped or named)[0], known)))

    def _mapped(self, origin: Origin, name: str, mapping: Mapping[str, Json]) -> Iterable[Alternative]:
        for value, target in mapping.items():
            naming = _naming(origin, name, [value])
            targets = self._origins.discriminated(str(target))
            yield Alternative(tuple(self._origins.at(each) for each in targets), (), naming)

    def prefer(self, origin: Origin) -> None:
        """Add a schema that holds if there is a value by it."""
        self.choices.append(Choice(Kind.ORDERED, (Alternative((origin,)), Alternative())))

    def _values_for(
        self, location: str, mapping: Mapping[str, Json], *, is_mapped: bool = False
    ) -> list[str]:
        """Return the values of a discriminator that mean the schema at a location."""
        values = [
            value for value, name in mapping.items() if location in self._origins.discriminated(str(name))
        ]
        return values if values or is_mapped else [pointer_parts(location.partition("#")[2])[-1]]


def _naming(origin: Origin, name: str, values: list[str]) -> Origin:
    schema = {"required": [name], "properties": {name: {"enum": values}}}
    return origin.made(schema, "discriminator")


def _conditions(origin: Origin) -> Iterable[Alternative]:
    """Yield the alternatives of `if`."""
    condition = origin.child("if")
    then = (origin.child("then"),) if "then" in origin.schema else ()
    otherwise = (origin.child("else"),) if "else" in origin.schema else ()
    yield Alternative((condition, *then))
    yield Alternative(otherwise, (condition,))


def _indices(schema: Mapping[str, Json], keyword: str) -> range:
    return range(len(schema[keyword]) if isinstance(schema.get(keyword), list) else 0)
