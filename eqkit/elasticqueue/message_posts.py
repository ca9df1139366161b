"""Messages as they are posted to webhooks."""

from dataclasses import dataclass

import orjson

from eqkit.delay.message import Message
from eqkit.timing.instants import rfc3339


@dataclass(frozen=True, slots=True)
class MessagePost:
    """A message that was delivered, for its subscribers (see `Post`)."""

    message: Message
    delivered_at_ms: int

    method = "POST"
    media_type = "application/vnd.api+json"
    headers = ()

    @property
    def id(self) -> int:
        """The id of the message."""
        return self.message.id

    @property
    def queue(self) -> str:
        """The queue of the message."""
        return self.message.queue

    def document(self, attempt: int) -> bytes:
        """Return the message as a JSON:API document."""
        message = self.message
        attributes: dict[str, object] = {"body": message.body}
        if message.wait_until is not None:
            attributes["wait-until"] = message.wait_until
        meta = {
            "queue": message.queue,
            "due-at": rfc3339(message.due_at_ms),
            "delivered-at": rfc3339(self.delivered_at_ms),
            "attempt": attempt,
        }
        resource = {"type": "message", "id": str(message.id), "attributes": attributes, "meta": meta}
        return orjson.dumps({"jsonapi": {"version": "1.1"}, "data": resource})
