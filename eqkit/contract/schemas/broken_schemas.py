"""Keywords that nothing can be validated by: found by the meta-schema of JSON Schema, and taken out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from eqkit.contract.document import Json, escaped
from eqkit.contract.loading.number_keys import NumberKeys, Path
from eqkit.contract.schemas.dialect import MANY, NAMED, ONE

_META_SCHEMA: Any = jsonschema_rs.Draft202012Validator(
    {"$ref": "https://json-schema.org/draft/2020-12/schema"}
)
MAX_MESSAGE = 160
"""How many characters of a message about a schema are repeated."""


@dataclass(frozen=True, slots=True)
class BrokenSchema:
    """A keyword of a schema that nothing can be validated by; it is left out, and the rest counts."""

    pointer: str
    message: str


def is_sound(schema: Json) -> bool:
    """Return whether nothing in a schema as it is written is surely broken: neither a type nor a value.

    Of patterns and references this says nothing, and a schema of an older draft may be sound all the same.
    """
    return schema is None or bool(_META_SCHEMA.is_valid(schema))


def broken_keywords(schema: Json) -> Iterator[tuple[dict[str, Json], str, str, str]]:
    """Yield the keywords of a translated schema, and of those within it, that are none as they are written.

    Each as the schema that has it, the keyword, the pointer to it and its fault.
    """
    if _META_SCHEMA.is_valid(schema):
        return
    names = NumberKeys(schema)
    messages = set()
    for error in list(_META_SCHEMA.iter_errors(schema)):
        found = _keyword(schema, names.resolve_path(error.instance_path))
        if found is not None and (id(found[0]), found[1]) not in messages:
            messages.add((id(found[0]), found[1]))
            yield (*found, _shortened(error.message))


def _keyword(schema: Json, path: Path) -> tuple[dict[str, Json], str, str] | None:
    """Return which keyword of which schema a path into a schema leads to."""
    pointer, rest = "", list(path)
    while rest and isinstance(schema, dict):
        keyword = str(rest.pop(0))
        at, value = f"{pointer}/{escaped(keyword)}", schema.get(keyword, {})
        steps = 0 if keyword in ONE else 1 if keyword in MANY or keyword in NAMED else None
        if steps is None or len(rest) < steps or not (steps or isinstance(value, dict)):
            return schema, keyword, at
        for part in rest[:steps]:
            value, at = value[part], f"{at}/{escaped(str(part))}"
        schema, pointer, rest = value, at, rest[steps:]
    return None


def _shortened(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"
