"""Objects as forms, ``application/x-www-form-urlencoded``.

The media type's `encoding` says how a member is written (OpenAPI 3.0.4 and 3.1.1, "Encoding Object").
"""

from urllib.parse import quote

from eqkit.answers.encoding.texts import CannotEncode, json_of
from eqkit.contract.decoding.forms import STYLED, style_of
from eqkit.contract.decoding.shapes import PRIMITIVES, Shape
from eqkit.contract.decoding.style_writer import Unwritable, write_query
from eqkit.contract.document import Json
from eqkit.contract.media_types import essence, is_json
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.directed import DirectedSchemas

ANYTHING = Shape(PRIMITIVES, (), is_stated=False)


def write_urlencoded(schemas: DirectedSchemas, media_type: MediaType, value: Json) -> str:
    """Return an object as a form; null is left out, and so is an array without items. Raises CannotEncode."""
    pieces = []
    for name, member in members(value, media_type).items():
        how = encoding_of(media_type, name)
        if isinstance(member, dict) and not how:
            # In which form is not settled; the Encoding Object has JSON for objects.
            how = {"contentType": "application/json"}
        pieces.append(_pairs(name, member, how, shape_of(schemas, media_type, name)))
    return "&".join(filter(None, pieces))


def members(value: Json, media_type: MediaType) -> dict[str, Json]:
    """Return the members of an object; raises CannotEncode for anything else."""
    if not isinstance(value, dict):
        raise CannotEncode(f"A value that is no object has no form in {essence(media_type.name)}.")
    return value


def encoding_of(media_type: MediaType, name: str) -> dict[str, Json]:
    """Return how a member is written, as the media type says; an empty object if it says nothing."""
    found = media_type.encoding.get(name)
    return found if isinstance(found, dict) else {}


def shape_of(schemas: DirectedSchemas, media_type: MediaType, name: str) -> Shape:
    """Return the shape of a member of a form."""
    pointers = () if media_type.schema is None else schemas.shapes.of(media_type.schema).member(name)
    return schemas.shapes.of(*pointers) if pointers else ANYTHING


def _pairs(name: str, value: Json, how: dict[str, Json], shape: Shape) -> str:
    if value is None:
        # An empty text is read as null where it may be no text.
        return f"{quote(name, safe='')}=" if "string" not in shape.kinds else ""
    if "contentType" in how and not any(each in how for each in STYLED):
        if is_json(str(how["contentType"])):
            return f"{quote(name, safe='')}={quote(json_of(value), safe='')}"
        how = {}
    try:
        return write_query(name, style_of(how), value, allow_reserved=how.get("allowReserved") is True)
    except Unwritable as error:
        raise CannotEncode(f'The member "{name[:80]}" has no form in a urlencoded body: {error}.') from None
