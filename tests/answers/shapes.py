"""Shapes of errors as APIs and standards have them, each with the document of two errors in it."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from eqkit.contract.document import Json
from eqkit.errors import Code, ErrorObject

NAME = ErrorObject(Code.WRONG_TYPE, '"name" must be a string, not a number.', pointer="/items/0/name")
LIMIT = ErrorObject(Code.INVALID_PARAMETER, '"limit" must be at most 100, and is 101.', parameter="limit")
ERRORS = (("error-1", NAME), ("error-2", LIMIT))

PLACED = '"name" must be a string, not a number (at /items/0/name).'
BOTH = f"{PLACED} {LIMIT.detail}"
FIRST = f"{PLACED.removesuffix('.')} (and 1 more error)."

_SENTENCES = {
    "<name>": NAME.detail,
    "<limit>": LIMIT.detail,
    "<placed>": PLACED,
    "<both>": BOTH,
    "<first>": FIRST,
}


class Row(NamedTuple):
    """One shape: the place of its description, its schema, the status, and the document of both errors."""

    name: str
    source: str
    media_type: str
    schema: Json
    status: int
    document: Json


def _read(row: dict[str, Json]) -> Row:
    media_type = row.get("media-type", "application/json")
    document = _with_sentences(row["document"])
    return Row(row["name"], row["source"], media_type, row["schema"], row["status"], document)


def _with_sentences(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _with_sentences(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_sentences(each) for each in value]
    return _SENTENCES.get(value, value) if isinstance(value, str) else value


ROWS = [
    _read(row)
    for file in sorted((Path(__file__).parent / "errors").glob("*.yaml"))
    for row in yaml.safe_load(file.read_text())
]

COMPONENTS: dict[str, Any] = yaml.safe_load("""
schemas:
  Error:
    type: object
    required: [code, message]
    properties:
      code: {type: string, example: BadArgument}
      message: {type: string}
      target: {type: string}
      details: {type: array, items: {$ref: '#/components/schemas/Error'}}
      innererror: {type: object, properties: {innererror: {$ref: '#/components/schemas/Error'}}}
  NotFound:
    type: object
    required: [kind, resource]
    properties: {kind: {type: string}, resource: {type: integer}}
  Invalid:
    type: object
    required: [kind, problems]
    properties: {kind: {type: string}, problems: {type: array, items: {type: string}}}
""")
