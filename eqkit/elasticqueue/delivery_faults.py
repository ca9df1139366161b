"""Faults of deliveries: armed like those of requests, and carried out by the delay queue."""

from collections.abc import Callable, Iterator
from typing import Any

from eqkit.delay.delivery_faults import DeliveryFault, DeliveryFaultKind
from eqkit.delay.message import Message
from eqkit.errors import Code, ErrorObject
from eqkit.sandbox.faults.armed import Faults, Rule

Document = dict[str, Any]

EFFECT = "delivery"
"""The member of ``do`` that a rule about deliveries has."""


class DeliveryFaults:
    """The faults of a sandbox as they act on its deliveries."""

    def __init__(self, faults: Faults) -> None:
        """Take the faults that are armed in the sandbox."""
        self._faults = faults
        self.notes: list[tuple[int, str, Document]] = []
        """The faults that fired on deliveries, until they are recorded among them in order."""

    @property
    def are_armed(self) -> bool:
        """Whether a rule could act on a delivery."""
        return bool(self._faults.pinned) or any(rule.effect == EFFECT for rule in self._faults.rules)

    def fault_of(self, message: Message, at_ms: int, can_defer: Callable[[], bool]) -> DeliveryFault | None:
        """Return the fault of a delivery, and note it; nothing is reordered with no other message there."""
        pinned = self._faults.pinned.pop(message.id, None)
        if pinned is not None:
            return self._noted(_fault_in(pinned), pinned, message, at_ms)
        for rule in self._faults.rules:
            if rule.effect != EFFECT or not rule.is_about(None, message.queue):
                continue
            if self._faults.takes_its_turn(rule, at_ms):
                fault = _fault_in(rule)
                if fault.kind is not DeliveryFaultKind.REORDER or can_defer():
                    return self._noted(fault, rule, message, at_ms)
                rule.fired -= 1
        return None

    def _noted(self, fault: DeliveryFault, rule: Rule, message: Message, at_ms: int) -> DeliveryFault:
        data = {"fault": rule.label, "do": fault.kind.value, "queue": message.queue, "id": str(message.id)}
        self.notes.append((at_ms, "fault.fired", data))
        return fault


def contradictions(rule: Document) -> Iterator[ErrorObject]:
    """Yield the faults of a rule about deliveries that its schema allows, each with its pointer."""
    delivery = rule["do"].get(EFFECT)
    if delivery is None:
        return
    for member in ("operation", "when", "body"):
        if member in rule:
            yield ErrorObject(Code.INVALID_VALUE, f'A delivery has no "{member}".', f"/{member}")
    if (delivery["kind"] == "delay") != ("delay-ms" in delivery):
        detail = '"delay-ms" says how much later a delivery is that is delayed, and no other.'
        yield ErrorObject(Code.INVALID_VALUE, detail, "/do/delivery")


def _fault_in(rule: Rule) -> DeliveryFault:
    delivery = rule.does[EFFECT]
    return DeliveryFault(DeliveryFaultKind(delivery["kind"]), delivery.get("delay-ms", 0))
