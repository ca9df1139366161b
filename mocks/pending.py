"""Answers of the operations tagged ``pending``."""

from eqkit.elasticqueue.queues import Queues
from eqkit.elasticqueue.views import delivery_view, pending_view
from eqkit.errors import Code, api_error
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.messages.context import Response
from eqkit.web.turns import in_turns


async def list_pending(sandbox: Sandbox, queue: str | None = None, limit: int = 100) -> Response:
    """List messages that wait, in their order."""
    total = len(_queues(sandbox).queue)
    messages = [
        pending_view(message) for message in await in_turns(_queues(sandbox).queue.listing(queue, limit))
    ]
    return Response(200, {"messages": messages, "total": total})


def cancel_message(sandbox: Sandbox, id: str) -> Response:
    """Forget a message before it is delivered."""
    _require_pending(sandbox, id, cancelled=_queues(sandbox).cancel(_number(id)))
    return Response(204)


def run_message(sandbox: Sandbox, id: str) -> Response:
    """Deliver a message at once."""
    _require_pending(sandbox, id, cancelled=_queues(sandbox).run(_number(id)))
    *_, delivery = _queues(sandbox).queue.deliveries(_queues(sandbox).queue.delivered_total - 1)
    return Response(200, delivery_view(delivery))


def _queues(sandbox: Sandbox) -> Queues:
    queues: Queues = sandbox.state
    return queues


def _number(identifier: str) -> int:
    is_number = identifier.isascii() and identifier.isdigit() and len(identifier) < 20
    return int(identifier) if is_number else -1


def _require_pending(sandbox: Sandbox, identifier: str, *, cancelled: bool) -> None:
    if cancelled:
        return
    if _queues(sandbox).queue.find(_number(identifier)) is None:
        raise api_error(Code.MESSAGE_NOT_FOUND, f'There is no message "{identifier[:80]}".', parameter="id")
    detail = f'The message "{identifier}" is delivered already.'
    raise api_error(Code.MESSAGE_NOT_PENDING, detail, parameter="id")
