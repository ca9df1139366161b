"""Another success than 202, for the literal readings of the docs (ruling D1)."""

from typing import Any

from eqkit.contract.operations import Operation
from eqkit.web.messages.exchange import Answer, Exchange
from eqkit.web.middleware.base import App, Layer, Step


class LiteralStatus(Layer):
    """Makes a 201, or a 204 without content, of each 202."""

    def __init__(self, app: App, *, status: int) -> None:
        """Take the status to answer with."""
        super().__init__(app)
        self._status = status

    def step(self, operation: Operation, resolved: Any, following: Step) -> Step:
        """Return a step where the operation can answer so, and the following one where not."""
        if self._status not in operation.responses:
            return following

        async def answer(exchange: Exchange) -> Answer:
            accepted = await following(exchange)
            return literally(accepted, self._status) if accepted.status == 202 else accepted

        return answer


def literally(answer: Answer, status: int) -> Answer:
    """Return the 202 as a 201, or as a 204 that has no content at all."""
    if status == 204:
        location = [line for line in answer.headers if line[0] == b"location"]
        return Answer(204, headers=location, accepted=answer.accepted)
    return Answer(status, answer.document, answer.headers, accepted=answer.accepted)
