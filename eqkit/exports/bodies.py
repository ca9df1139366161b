"""Examples written as the bodies of messages."""

import contextlib
from collections.abc import Iterator

from eqkit.answers.encoding import CannotEncode, content_type, encoded
from eqkit.contract.decoding.charsets import charset_of
from eqkit.contract.decoding.forms import URLENCODED
from eqkit.contract.document import Json
from eqkit.contract.media_types import essence
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.exports.exchanges import NotExportable, is_sendable
from eqkit.exports.values import Example


def write_body(schemas: DirectedSchemas, media_type: MediaType, example: Example) -> tuple[str, bytes]:
    """Return the Content-Type and the bytes of a body; raises NotExportable."""
    try:
        if example.is_text:
            body = str(example.value).encode(charset_of(media_type.name), "replace")
        else:
            body = _encoded(schemas, media_type, example.value)
        sent = content_type(media_type, example.value, body)
    except (CannotEncode, LookupError) as error:
        raise NotExportable(str(error)) from None
    if not is_sendable("Content-Type", sent) or "*" in sent:
        raise NotExportable(f"{media_type.name[:80]} is not a media type that can be sent")
    return sent, body


def _encoded(schemas: DirectedSchemas, media_type: MediaType, value: Json) -> bytes:
    """Return the bytes of a value; a form without the members that no form can have, if that is needed.

    OpenAPI does not say how some values are written, such as the arrays of `deepObject` in Stripe's document.
    """
    try:
        return encoded(schemas, media_type, value)
    except CannotEncode:
        if essence(media_type.name) != URLENCODED or not isinstance(value, dict):
            raise
    return encoded(schemas, media_type, dict(_encodable(schemas, media_type, value)))


def _encodable(
    schemas: DirectedSchemas, media_type: MediaType, value: dict[str, Json]
) -> Iterator[tuple[str, Json]]:
    for name, member in value.items():
        with contextlib.suppress(CannotEncode):
            encoded(schemas, media_type, {name: member})
            yield name, member
