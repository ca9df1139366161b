"""Answers of the operations tagged ``faults``."""

from typing import Any

from eqkit.errors import ApiError, Code, api_error
from eqkit.sandbox.faults.armed import MOST_FAULTS, Rule
from eqkit.sandbox.faults.fault_rules import ExampleNames, contradictions
from eqkit.sandbox.faults.packs import Pack, pack_named, packs
from eqkit.sandbox.sandbox import Sandbox
from eqkit.timing.instants import rfc3339
from eqkit.web.messages.context import Response

Document = dict[str, Any]


def list_faults(sandbox: Sandbox) -> Response:
    """List the faults that are armed."""
    return Response(200, {"faults": _views(sandbox)})


def arm_fault(sandbox: Sandbox, body: Document, example_names: ExampleNames) -> Response:
    """Arm a fault."""
    if faults := [*contradictions(body, example_names), *sandbox.state.fault_contradictions(body)]:
        raise ApiError(faults)
    _make_room(sandbox, 1)
    rule = sandbox.faults.arm(body, sandbox.clock.now())
    sandbox.refresh_fault_hooks()
    return Response(201, _view(rule, sandbox.clock.now()))


def disarm_faults(sandbox: Sandbox) -> Response:
    """Disarm all faults."""
    sandbox.faults.clear()
    sandbox.refresh_fault_hooks()
    return Response(204)


def disarm_fault(sandbox: Sandbox, fault: str) -> Response:
    """Disarm one fault."""
    if not sandbox.faults.disarm(fault):
        raise api_error(Code.FAULT_NOT_FOUND, f'There is no fault "{fault[:40]}".', parameter="fault")
    sandbox.refresh_fault_hooks()
    return Response(204)


def list_packs(sandbox: Sandbox) -> Response:
    """List the packs."""
    return Response(200, {"packs": [_pack_view(pack) for pack in packs().values()]})


def arm_pack(sandbox: Sandbox, pack: str) -> Response:
    """Arm all rules of a pack."""
    found, now_ms = pack_named(pack), sandbox.clock.now()
    _make_room(sandbox, len(found.faults) + len(found.limits))
    for document in found.faults:
        sandbox.faults.arm(document, now_ms)
    sandbox.limits.add(found.limits, now_ms)
    sandbox.refresh_fault_hooks()
    return Response(200, {"faults": _views(sandbox)})


def _make_room(sandbox: Sandbox, wanted: int) -> None:
    """Forget faults that cannot fire any more where there are too many; raises ApiError (409)."""
    faults, now_ms = sandbox.faults, sandbox.clock.now()
    if len(faults.rules) + wanted > MOST_FAULTS:
        faults.rules = [rule for rule in faults.rules if rule.is_live(now_ms)]
    if len(faults.rules) + len(sandbox.limits.limits) + wanted > MOST_FAULTS:
        raise api_error(Code.TOO_MANY_FAULTS, f"There may be {MOST_FAULTS} faults and limits at once.")


def _views(sandbox: Sandbox) -> list[Document]:
    return [_view(rule, sandbox.clock.now()) for rule in sandbox.faults.rules]


def _view(rule: Rule, now_ms: int) -> Document:
    view: Document = {
        "id": rule.id,
        "rule": rule.document,
        "seen": rule.seen,
        "fired": rule.fired,
        "live": rule.is_live(now_ms),
    }
    return view if rule.until_ms is None else view | {"until": rfc3339(rule.until_ms)}


def _pack_view(pack: Pack) -> Document:
    return pack._asdict()
