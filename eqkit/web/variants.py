"""The contract of a server that is set otherwise: what is handed out always says what the server does."""

from eqkit.contract.document import REMOVED, Amendment, Document, Json
from eqkit.delay.instants import WaitUntilUnit, max_wait_until
from eqkit.settings import Settings

_SCHEMAS = "/components/schemas"
_BODIES = (
    f"{_SCHEMAS}/NewMessageAttributes/properties/body",
    f"{_SCHEMAS}/MessageAttributes/properties/body",
)
_WAITS = (
    f"{_SCHEMAS}/NewMessageAttributes/properties/wait-until",
    f"{_SCHEMAS}/MessageAttributes/properties/wait-until",
)
_BULKS = (
    f"{_SCHEMAS}/BulkEnqueueMessagesRequest/properties/data",
    f"{_SCHEMAS}/EnqueuedMessagesDocument/properties/data",
)
_ENQUEUEING = {
    "/paths/~1v1~1queues~1{queue}~1messages/post/responses": "Enqueued",
    "/paths/~1v1~1queues~1{queue}~1messages~1_bulk/post/responses": "BulkEnqueued",
}


def amendments(document: Document, settings: Settings) -> list[Amendment]:
    """Return what the settings change in the contract; nothing for the defaults."""
    changes: list[Amendment] = []
    defaults = Settings()
    if settings.max_body != defaults.max_body:
        changes += [Amendment(f"{body}/maxLength", settings.max_body) for body in _BODIES]
        changes.append(Amendment(f"{_BODIES[0]}/x-max-bytes", settings.max_body))
    if settings.max_bulk != defaults.max_bulk:
        changes += [Amendment(f"{bulk}/maxItems", settings.max_bulk) for bulk in _BULKS]
    if settings.unknown_attributes == "ignore":
        changes.append(Amendment(f"{_SCHEMAS}/NewMessageAttributes/additionalProperties", True))
    greatest = max_wait_until(WaitUntilUnit(settings.wait_until_unit))
    if greatest != max_wait_until(WaitUntilUnit.AUTO):
        changes += [Amendment(f"{wait}/maximum", greatest) for wait in _WAITS]
    if settings.enqueue_status != defaults.enqueue_status:
        changes += _another_success(document, settings.enqueue_status)
    return changes


def _another_success(document: Document, status: int) -> list[Amendment]:
    """Move the 202 of both enqueueing operations to 201 or 204 (ruling D1)."""
    changes: list[Amendment] = []
    for responses, name in _ENQUEUEING.items():
        response: Json = document.at(f"/components/responses/{name}")
        if status == 204:
            headers = {key: value for key, value in response["headers"].items() if key != "Content-Location"}
            kept = {key: value for key, value in response.items() if key.startswith(("description", "x-"))}
            response = {**kept, "headers": headers}
        changes.append(Amendment(f"{responses}/{status}", response))
        changes.append(Amendment(f"{responses}/202", REMOVED))
    return changes
