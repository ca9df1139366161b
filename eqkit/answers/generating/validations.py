"""Schemas together as a test of values, compiled no further than a value needs it.

In many contracts each schema leads to nearly all others, such that each compiled one has megabytes. A value
without members and items is tested by the keywords for such values alone, and those lead nowhere.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence

import jsonschema_rs

from eqkit.answers.generating.origins import Origin, Origins
from eqkit.contract.document import Json
from eqkit.contract.schemas.formats import FORMATS
from eqkit.contract.schemas.translation import Translation

MAX_NODES = 500
"""As many schemas are written out for the test of a scalar; of more, the schemas are compiled as they are."""

_OF_SCALARS = frozenset((
    "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
    "maxLength", "minLength", "pattern", "format",
))  # fmt: skip
"""The keywords that rule out scalars by themselves (JSON Schema 2020-12, validation 6)."""

_SEVERAL, _ONE = ("allOf", "anyOf", "oneOf"), ("not", "if", "then", "else")
"""The keywords that apply other schemas to the very value (JSON Schema 2020-12, core 10.2)."""


class _TooMany(Exception):
    """More schemas than are to be written out."""


class Validation:
    """The test of values by some schemas together."""

    def __init__(self, parts: Sequence[Origin], origins: Origins, translation: Translation) -> None:
        """Take the schemas; they keep their identities as long as this does."""
        self._parts, self._origins, self._translation = parts, origins, translation

    def __call__(self, value: Json) -> bool:
        """Return whether a value is valid by all of the schemas."""
        is_valid = self._whole if isinstance(value, dict | list) else self._of_scalars
        return is_valid(value)

    @functools.cached_property
    def _whole(self) -> Callable[[Json], bool]:
        registry = self._translation.registry_for(*(part.location for part in self._parts))
        return _compiled([part.schema for part in self._parts], registry)

    @functools.cached_property
    def _of_scalars(self) -> Callable[[Json], bool]:
        try:
            left = iter(range(MAX_NODES))
            return _compiled([_scalar(part, self._origins, (), left) for part in self._parts])
        except _TooMany:
            return self._whole


def _compiled(schemas: list[Json], registry: jsonschema_rs.Registry | None = None) -> Callable[[Json], bool]:
    whole = schemas[0] if len(schemas) == 1 else {"allOf": schemas}
    compiled: Callable[[Json], bool] = jsonschema_rs.Draft202012Validator(
        whole, registry=registry, formats=FORMATS, validate_formats=True
    ).is_valid
    return compiled


def _scalar(part: Origin, origins: Origins, around: tuple[object, ...], left: Iterator[int]) -> Json:
    """Return a schema that has the same verdict for scalars, without references; raises _TooMany."""
    schema = part.schema
    if not isinstance(schema, dict) or part.key in around:
        return {} if isinstance(schema, dict) else schema
    if next(left, None) is None:
        raise _TooMany
    inner = (*around, part.key)
    found: dict[str, Json] = {name: schema[name] for name in schema if name in _OF_SCALARS}
    for name in _SEVERAL:
        if isinstance(schema.get(name), list):
            each = (part.child(name, index) for index in range(len(schema[name])))
            found[name] = [_scalar(one, origins, inner, left) for one in each]
    for name in _ONE:
        if name in schema:
            found[name] = _scalar(part.child(name), origins, inner, left)
    referred = [_scalar(each, origins, inner, left) for each in origins.referred(part)]
    if referred:
        found["allOf"] = [*itertools.chain(found.get("allOf", ()), referred)]
    return found
