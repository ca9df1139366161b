"""Examples written as the bodies of messages."""

from eqkit.answers.encoding import CannotEncode, content_type, encoded
from eqkit.contract.decoding.charsets import charset_of
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
            body = encoded(schemas, media_type, example.value)
        sent = content_type(media_type, example.value, body)
    except (CannotEncode, LookupError) as error:
        raise NotExportable(str(error)) from None
    if not is_sendable("Content-Type", sent) or "*" in sent:
        raise NotExportable(f"{media_type.name[:80]} is not a media type that can be sent")
    return sent, body
