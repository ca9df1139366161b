"""Values as the bytes of a media type: the way back of `eqkit.contract.messages.contents`."""

from eqkit.answers.encoding.bodies import content_type, encoded, encoded_items
from eqkit.answers.encoding.texts import CannotEncode, json_of

__all__ = ["CannotEncode", "content_type", "encoded", "encoded_items", "json_of"]
