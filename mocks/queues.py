"""Answers of the operations tagged ``queues``."""

from eqkit.elasticqueue.queues import Queues
from eqkit.elasticqueue.views import queue_view
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.messages.context import Response
from eqkit.web.turns import in_turns


def list_queues(sandbox: Sandbox, limit: int = 100) -> Response:
    """List the queues in the order in which they were made."""
    queues: Queues = sandbox.state
    names = list(dict.fromkeys([*queues.queue.queues, *queues.queue.paused]))[:limit]
    return Response(200, {"queues": [queue_view(queues.queue, name) for name in names]})


def pause_queue(sandbox: Sandbox, queue: str) -> Response:
    """Hold the deliveries of a queue back."""
    queues: Queues = sandbox.state
    queues.pause(queue)
    return Response(200, queue_view(queues.queue, queue))


def resume_queue(sandbox: Sandbox, queue: str) -> Response:
    """Resume the deliveries of a queue."""
    queues: Queues = sandbox.state
    queues.resume(queue)
    return Response(200, queue_view(queues.queue, queue))


async def purge_queue(sandbox: Sandbox, queue: str) -> Response:
    """Empty a queue."""
    queues: Queues = sandbox.state
    return Response(200, {"purged": await in_turns(queues.purging(queue))})
