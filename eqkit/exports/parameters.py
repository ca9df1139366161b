"""Examples written as parameters: in their styles, or in the media type that describes them."""

from urllib.parse import quote

from eqkit.answers.encoding import CannotEncode, encoded
from eqkit.answers.encoding.texts import json_of
from eqkit.contract.decoding.style_writer import (
    Unwritable,
    write_cookie,
    write_header,
    write_path,
    write_query,
)
from eqkit.contract.decoding.texts import write_text
from eqkit.contract.document import Json, escaped
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.contract.messages.parameters import CompiledParameter
from eqkit.exports.exchanges import NotExportable
from eqkit.exports.values import Example


def described_at(schemas: DirectedSchemas, parameter: CompiledParameter) -> str:
    """Return the pointer to the media type that describes a parameter, or to the parameter."""
    media_type = _media_type(schemas, parameter)
    return f"{parameter.pointer}/content/{escaped(media_type)}" if media_type else parameter.pointer


def write_parameter(schemas: DirectedSchemas, parameter: CompiledParameter, example: Example) -> str:
    """Return a parameter as its place in a request has it, in a query and in cookies with its name.

    It is empty where its style writes nothing, as for an array without items. Raises NotExportable.
    """
    try:
        return _written(schemas, parameter, example)
    except (Unwritable, CannotEncode) as error:
        raise NotExportable(str(error)) from None


def _written(schemas: DirectedSchemas, parameter: CompiledParameter, example: Example) -> str:
    name, value = parameter.name, example.value
    if example.is_text:
        is_pair = parameter.place in ("query", "cookie") and "=" not in str(value)
        return f"{name}={value}" if is_pair else str(value)
    media_type = _media_type(schemas, parameter)
    if media_type:
        return _written_by_type(schemas, parameter, media_type, value)
    match parameter.place:
        case "path":
            return write_path(name, parameter.style, value)
        case "header":
            return write_header(parameter.style, value)
        case "cookie":
            return write_cookie(name, parameter.style, value)
    node = schemas.node(parameter.pointer)
    is_reserved = isinstance(node, dict) and node.get("allowReserved") is True
    return write_query(name, parameter.style, value, allow_reserved=is_reserved)


def _written_by_type(
    schemas: DirectedSchemas, parameter: CompiledParameter, media_type: str, value: Json
) -> str:
    """Return a parameter that is described by a media type: JSON, a form, or a text."""
    if parameter.place == "querystring" and isinstance(value, dict) and not is_json(media_type):
        holder = described_at(schemas, parameter)
        encoding = schemas.member(holder, "encoding")
        form = MediaType(media_type, holder, parameter.schema or None, encoding=encoding)
        return encoded(schemas, form, value).decode()
    is_text = isinstance(value, str) and not is_json(media_type)
    text = write_text(value) if is_text else json_of(value).decode()
    match parameter.place:
        case "header":
            return text
        case "path" | "querystring":
            return quote(text, safe="")
    return f"{quote(parameter.name, safe='')}={quote(text, safe='')}"


def _media_type(schemas: DirectedSchemas, parameter: CompiledParameter) -> str:
    return next(iter(schemas.member(parameter.pointer, "content")), "")
