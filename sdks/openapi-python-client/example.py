"""ElasticQueue through the client that openapi-python-client makes."""

import os
import time

from elasticqueue import AuthenticatedClient
from elasticqueue.api.messages import bulk_enqueue_messages, enqueue_message, get_message
from elasticqueue.models import (
    BulkMessageInputDocument,
    EnqueuedMessageDocument,
    EnqueuedMessagesDocument,
    ErrorDocument,
    MessageDocument,
    MessageInput,
    MessageInputAttributes,
    MessageInputDocument,
)

DUE = int(time.time() * 1000) + 3_600_000  # in an hour, in milliseconds since 1970


def client(key: str) -> AuthenticatedClient:
    """Return a client that calls the service with a key: bare, since the prefix is empty."""
    return AuthenticatedClient(base_url=os.environ["ELASTICQUEUE_URL"], token=key, prefix="")


def message(attributes: MessageInputAttributes) -> MessageInput:
    """Return a new message."""
    return MessageInput(type_="message", attributes=attributes)


api = client(os.environ["ELASTICQUEUE_KEY"])
document = MessageInputDocument(data=message(MessageInputAttributes(body="water the plants", wait_until=DUE)))
first = enqueue_message.sync("reminders", client=api, body=document, idempotency_key="order-4711")
assert isinstance(first, EnqueuedMessageDocument), first
print("ok: enqueue")

again = enqueue_message.sync("reminders", client=api, body=document, idempotency_key="order-4711")
assert isinstance(again, EnqueuedMessageDocument), again
assert again.data.id == first.data.id
print("ok: Idempotency-Key")

many = BulkMessageInputDocument(
    data=[message(MessageInputAttributes(body=body)) for body in ("tea", "and biscuits")]
)
bulk = bulk_enqueue_messages.sync("reminders", client=api, body=many)
assert isinstance(bulk, EnqueuedMessagesDocument), bulk
tea, biscuits = bulk.data
assert int(biscuits.id) == int(tea.id) + 1
print("ok: bulk")

found = get_message.sync("reminders", first.data.id, client=api)
assert isinstance(found, MessageDocument), found
assert (found.data.attributes.body, found.data.attributes.wait_until) == ("water the plants", DUE)
assert (found.data.meta.state, found.data.meta.due_at.timestamp()) == ("delayed", DUE / 1000)
print("ok: read")

negative = MessageInputDocument(data=message(MessageInputAttributes(body="never", wait_until=-1)))
answer = enqueue_message.sync_detailed("reminders", client=api, body=negative)
assert isinstance(answer.parsed, ErrorDocument), answer
error = answer.parsed.errors[0]
assert (answer.status_code, error.code) == (400, "invalid-wait-until")
assert error.source
assert error.source.pointer == "/data/attributes/wait-until"
print("ok: 400")

unknown = get_message.sync_detailed("reminders", first.data.id, client=client("nobody"))
assert isinstance(unknown.parsed, ErrorDocument), unknown
assert (unknown.status_code, unknown.parsed.errors[0].code) == (401, "unauthorized")
print("ok: 401")

other = MessageInputDocument(data=message(MessageInputAttributes(body="feed the cat")))
answer = enqueue_message.sync_detailed("reminders", client=api, body=other, idempotency_key="order-4711")
assert isinstance(answer.parsed, ErrorDocument), answer
assert (answer.status_code, answer.parsed.errors[0].code) == (409, "idempotency-key-reused")
print("ok: 409")

# What the docs print and error codes that are new are read, too; `python -m sdks` has the mock answer so.
printed = enqueue_message.sync("my-queue", client=api, body=document)
assert isinstance(printed, EnqueuedMessageDocument), printed
unheard = get_message.sync_detailed("my-queue", first.data.id, client=api)
assert isinstance(unheard.parsed, ErrorDocument), unheard
assert (unheard.status_code, unheard.parsed.errors[0].status) == (404, "404")
print("ok: tolerance")
