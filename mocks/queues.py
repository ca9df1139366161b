"""Answers of the operations tagged ``queues``."""

from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.views import queue_view
from eqkit.web.messages.exchange import Answer
from eqkit.web.turns import in_turns


def list_queues(sandbox: Sandbox, limit: int = 100) -> Answer:
    """List the queues in the order in which they were made."""
    names = list(dict.fromkeys([*sandbox.queue.queues, *sandbox.queue.paused]))[:limit]
    return Answer(200, {"queues": [queue_view(sandbox, name) for name in names]})


def pause_queue(sandbox: Sandbox, queue: str) -> Answer:
    """Hold a queue back."""
    sandbox.pause(queue)
    return Answer(200, queue_view(sandbox, queue))


def resume_queue(sandbox: Sandbox, queue: str) -> Answer:
    """Let a queue go on."""
    sandbox.resume(queue)
    return Answer(200, queue_view(sandbox, queue))


async def purge_queue(sandbox: Sandbox, queue: str) -> Answer:
    """Empty a queue."""
    return Answer(200, {"purged": await in_turns(sandbox.purging(queue))})
