"""The document of the control plane for a contract: with its operations, and webhooks instead of queues."""

import importlib.resources
from collections.abc import Sequence

from eqkit.contract.document import REMOVED, Document, Json, OverlayAction
from eqkit.contract.loading.overlay_files import overlaid

_SCHEMAS = "/components/schemas"
_OF_OPERATIONS = ("FaultRule", "LimitRule")
"""The schemas that list the operations of the public API."""


def control_document(document: Document, operations: Sequence[str], webhooks: Sequence[str]) -> Document:
    """Return a document of the control plane with the operations and the webhooks of a contract, by name."""
    actions = [*_of_operations(operations), *_of_webhooks(webhooks)]
    # The counts of a sandbox are those of its service: this one has no queues.
    required: list[Json] = ["name", "clock", "requests", "events"]
    actions.append(OverlayAction(f"{_SCHEMAS}/Sandbox/required", required))
    return with_webhooks(document).overlaid(actions)


def with_webhooks(document: Document) -> Document:
    """Return a document of the control plane whose subscriptions are to the webhooks of a contract."""
    with importlib.resources.as_file(importlib.resources.files("eqkit.openapi") / "webhooks.yaml") as path:
        return Document(overlaid(document.data, [path]).data)


def _of_operations(names: Sequence[str]) -> list[OverlayAction]:
    if not names:
        return []
    at = _SCHEMAS + "/{}/properties/operation/{}"
    listed = [OverlayAction(at.format(each, "enum"), [*names]) for each in _OF_OPERATIONS]
    return [*listed, *(OverlayAction(at.format(each, "example"), names[0]) for each in _OF_OPERATIONS)]


def _of_webhooks(names: Sequence[str]) -> list[OverlayAction]:
    if not names:
        return [OverlayAction(f"{_SCHEMAS}/WebhookInput/properties/webhooks", REMOVED)]
    at = (f"{_SCHEMAS}/WebhookInput/properties/webhooks/items", f"{_SCHEMAS}/WebhookSend/properties/webhook")
    listed = [OverlayAction(f"{each}/enum", [*names]) for each in at]
    codes = [OverlayAction(f"{each}/x-error-codes/enum", "invalid-value") for each in at]
    return [*listed, *codes, *(OverlayAction(f"{each}/example", names[0]) for each in at)]
