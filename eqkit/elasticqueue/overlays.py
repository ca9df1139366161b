"""Overlays for a server with other settings, so that the published contract is true of it."""

import re
from collections.abc import Iterator, Mapping

from eqkit.contract.document import REMOVED, Document, Json, OverlayAction, escaped
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.elasticqueue.wait_until import WaitUntilUnit, max_wait_until

_SCHEMAS = "/components/schemas"
_BODIES = (
    f"{_SCHEMAS}/MessageInputAttributes/properties/body",
    f"{_SCHEMAS}/MessageAttributes/properties/body",
)
_WAITS = (
    f"{_SCHEMAS}/MessageInputAttributes/properties/wait-until",
    f"{_SCHEMAS}/MessageAttributes/properties/wait-until",
)
_BULKS = (
    f"{_SCHEMAS}/BulkMessageInputDocument/properties/data",
    f"{_SCHEMAS}/EnqueuedMessagesDocument/properties/data",
)
_ENQUEUEING = {
    "/paths/~1v1~1queues~1{queue}~1messages/post/responses": "Enqueued",
    "/paths/~1v1~1queues~1{queue}~1messages~1_bulk/post/responses": "BulkEnqueued",
}
_BOTH_UNITS = "in seconds below 10^11 and in milliseconds from there on"
_IN_SECONDS = frozenset(("in-seconds", "mixed-times"))
"""Examples that mean seconds, which only the reader of both units sees."""


def overlaid(document: Document, settings: ElasticQueueSettings) -> Document:
    """Return the contract of a server with these settings: this very one where they change nothing in it."""
    changes, phrases = overlay_actions(document, settings), _phrases(settings)
    if not changes and not phrases:
        return document
    overlaid = Document(_reworded(document.overlaid(changes).data, phrases))
    _drop_wrong_examples(
        overlaid, _IN_SECONDS if settings.wait_until_unit == WaitUntilUnit.MILLISECONDS else frozenset()
    )
    return overlaid


def overlay_actions(document: Document, settings: ElasticQueueSettings) -> list[OverlayAction]:
    """Return the changes that settings make in the contract's rules; none for the defaults."""
    changes: list[OverlayAction] = []
    defaults = ElasticQueueSettings()
    if settings.max_body != defaults.max_body:
        changes += [OverlayAction(f"{body}/maxLength", settings.max_body) for body in _BODIES]
        changes.append(OverlayAction(f"{_BODIES[0]}/x-max-bytes", settings.max_body))
        if settings.max_body < len(document.at(_BODIES[0])["example"]):
            changes += [OverlayAction(f"{body}/example", "") for body in _BODIES]
    if settings.max_bulk != defaults.max_bulk:
        changes += [OverlayAction(f"{bulk}/maxItems", settings.max_bulk) for bulk in _BULKS]
    if settings.unknown_attributes == "ignore":
        changes.append(OverlayAction(f"{_SCHEMAS}/MessageInputAttributes/additionalProperties", True))
    unit = WaitUntilUnit(settings.wait_until_unit)
    if unit is not WaitUntilUnit.AUTO:
        changes += _one_unit(document, unit)
    if settings.enqueue_status != defaults.enqueue_status:
        changes += _another_success(document, settings.enqueue_status)
    return changes


def _one_unit(document: Document, unit: WaitUntilUnit) -> list[OverlayAction]:
    """Read wait-until in one unit only (ruling D2)."""
    greatest = max_wait_until(unit)
    changes = [OverlayAction(f"{wait}/maximum", greatest) for wait in _WAITS]
    node = document.at(_WAITS[0])
    example = min(node["example"], node["example"] // 1000 if greatest < node["example"] else greatest)
    changes += [OverlayAction(f"{wait}/example", example) for wait in _WAITS]
    about = f"When to send out the message, as whole **{unit.value}** since 1970-01-01T00:00:00Z."
    *_, values = node["description"].split("\n\n")
    return [*changes, OverlayAction(f"{_WAITS[0]}/description", f"{about}\n\n{values}")]


def _another_success(document: Document, status: int) -> list[OverlayAction]:
    """Move the 202 of both enqueueing operations to 201 or 204 (ruling D1)."""
    changes: list[OverlayAction] = []
    for responses, name in _ENQUEUEING.items():
        response: Json = document.at(f"/components/responses/{name}")
        if status == 204:
            headers = {key: value for key, value in response["headers"].items() if key != "Content-Location"}
            kept = {key: value for key, value in response.items() if key.startswith(("description", "x-"))}
            response = {**kept, "headers": headers}
        changes.append(OverlayAction(f"{responses}/{status}", response))
        changes.append(OverlayAction(f"{responses}/202", REMOVED))
    return changes


def _phrases(settings: ElasticQueueSettings) -> dict[str, str]:
    """Return the phrases of the contract's prose that state defaults, and those to put in their place."""
    defaults = ElasticQueueSettings()
    phrases: dict[str, str] = {}
    for now, usual, message in (
        (settings.max_body, defaults.max_body, "1 MiB"),
        (settings.max_request, defaults.max_request, "10 MiB"),
    ):
        if now != usual:
            phrases |= {message: f"{now:,} bytes", str(usual): str(now), str(usual + 1): str(now + 1)}
    if settings.max_bulk != defaults.max_bulk:
        limit, usual = settings.max_bulk, defaults.max_bulk
        phrases |= {
            f"{usual:,}": f"{limit:,}",
            f"{usual} items": f"{limit} items",
            f"has {usual + 1}": f"has {limit + 1}",
        }
    if settings.wait_until_unit != defaults.wait_until_unit:
        phrases[_BOTH_UNITS] = f"in {settings.wait_until_unit}"
    return phrases


def _reworded(node: Json, phrases: Mapping[str, str]) -> Json:
    """Return a copy of a part of the document with other phrases in its texts, wherever their lines break."""
    if isinstance(node, dict):
        return {key: _reworded(value, phrases) for key, value in node.items()}
    if isinstance(node, list):
        return [_reworded(value, phrases) for value in node]
    if isinstance(node, str):
        for phrase, other in phrases.items():
            pattern = r"\s+".join(map(re.escape, phrase.split()))
            node = re.sub(rf"(?<![\w,]){pattern}(?!\w)", other, node)
    return node


def _drop_wrong_examples(document: Document, meant_otherwise: frozenset[str]) -> None:
    """Take out the examples that the document's own schemas refuse now, or that mean something else."""
    schemas = Schemas(document)
    for pointer, media_type in _media_types(document.data, ""):
        schema = schemas.validator(f"{pointer}/schema", Direction.EITHER)
        examples = {name: f"{pointer}/examples/{escaped(name)}" for name in media_type["examples"]}
        for name, at in examples.items():
            example = document.at(document.resolve_pointer(at))
            if name in meant_otherwise or not schema.accepts(example["value"]):
                del media_type["examples"][name]
    named = document.as_json.decode()
    examples = document.data["components"]["examples"]
    for name in [name for name in examples if f'"#/components/examples/{name}"' not in named]:
        del examples[name]
    del document.as_json  # it is cached, and was made before the examples went


def _media_types(node: Json, pointer: str) -> Iterator[tuple[str, dict[str, Json]]]:
    if isinstance(node, dict):
        if "schema" in node and "examples" in node and "in" not in node and "required" not in node:
            yield pointer, node
        for key, value in node.items():
            yield from _media_types(value, f"{pointer}/{escaped(key)}")
