"""ElasticQueue through the client that openapi-generator makes for Python."""

import os
import time
from collections.abc import Callable

import elasticqueue as eq

DUE = int(time.time() * 1000) + 3_600_000  # in an hour, in milliseconds since 1970


def client(key: str) -> eq.MessagesApi:
    """Return the operations of a service, called with a key."""
    configuration = eq.Configuration(host=os.environ["ELASTICQUEUE_URL"], api_key={"ApiKey": key})
    return eq.MessagesApi(eq.ApiClient(configuration))


def message(attributes: eq.MessageInputAttributes) -> eq.MessageInput:
    """Return a new message."""
    return eq.MessageInput(type="message", attributes=attributes)


def api_error(call: Callable[[], object]) -> tuple[int | None, eq.ErrorObject]:
    """Return the status and the first error of a call that is refused."""
    try:
        call()
    except eq.ApiException as error:
        assert isinstance(error.data, eq.ErrorDocument), error
        return error.status, error.data.errors[0]
    raise AssertionError("the call was not refused")


api = client(os.environ["ELASTICQUEUE_KEY"])
document = eq.MessageInputDocument(
    data=message(eq.MessageInputAttributes(body="water the plants", wait_until=DUE))
)
first = api.enqueue_message("reminders", document, idempotency_key="order-4711").data
print("ok: enqueue")

again = api.enqueue_message("reminders", document, idempotency_key="order-4711").data
assert again.id == first.id
print("ok: Idempotency-Key")

many = eq.BulkMessageInputDocument(
    data=[message(eq.MessageInputAttributes(body=body)) for body in ("tea", "and biscuits")]
)
tea, biscuits = api.bulk_enqueue_messages("reminders", many).data
assert int(biscuits.id) == int(tea.id) + 1
print("ok: bulk")

found = api.get_message("reminders", first.id).data
assert (found.attributes.body, found.attributes.wait_until) == ("water the plants", DUE)
assert (found.meta.state, found.meta.due_at.timestamp()) == ("delayed", DUE / 1000)
print("ok: read")

# The models check what they are given; `model_construct` leaves the refusal to the server.
negative = eq.MessageInputAttributes.model_construct(body="never", wait_until=-1)
status, error = api_error(
    lambda: api.enqueue_message("reminders", eq.MessageInputDocument(data=message(negative)))
)
assert (status, error.code) == (400, "invalid-wait-until")
assert error.source is not None
assert error.source.pointer == "/data/attributes/wait-until"
print("ok: 400")

status, error = api_error(lambda: client("nobody").get_message("reminders", first.id))
assert (status, error.code) == (401, "unauthorized")
print("ok: 401")

other = eq.MessageInputDocument(data=message(eq.MessageInputAttributes(body="feed the cat")))
status, error = api_error(lambda: api.enqueue_message("reminders", other, idempotency_key="order-4711"))
assert (status, error.code) == (409, "idempotency-key-reused")
print("ok: 409")

# What the docs print and error codes that are new are read, too; `python -m sdks` has the mock answer so.
assert api.enqueue_message("my-queue", document).data.id
status, error = api_error(lambda: api.get_message("my-queue", first.id))
assert (status, error.status) == (404, "404")
print("ok: tolerance")
