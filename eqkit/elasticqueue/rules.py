"""The rules of a server about enqueued messages."""

from collections.abc import Sequence
from dataclasses import dataclass

from eqkit.delay.message import Draft
from eqkit.elasticqueue.wait_until import WaitUntilUnit
from eqkit.errors import ApiError, Code, ErrorObject, api_error
from eqkit.timing.instants import rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRules:
    """The rules about enqueued messages."""

    unit: WaitUntilUnit = WaitUntilUnit.AUTO
    declared_queues: frozenset[str] = frozenset()
    max_delay_ms: int | None = None

    def require_declared(self, queue: str) -> None:
        """Raise ApiError (404) for a queue that is not declared, where any are."""
        declared = self.declared_queues
        if declared and queue not in declared:
            detail = f'The queue "{queue}" is not declared; there are {", ".join(sorted(declared))}.'
            raise api_error(Code.QUEUE_NOT_DECLARED, detail, parameter="queue")

    def require_short_delays(self, drafts: Sequence[Draft], now_ms: int, pointers: Sequence[str]) -> None:
        """Raise ApiError (400) for each message that would wait for longer than may be, at its pointer."""
        longest = self.max_delay_ms
        if longest is None:
            return
        errors = [
            ErrorObject(
                Code.INVALID_WAIT_UNTIL,
                f"{rfc3339(draft.wait_until_at_ms)} is more than {longest // 1000} seconds from now, "
                "the longest delay of this server.",
                f"{pointer}/attributes/wait-until",
            )
            for draft, pointer in zip(drafts, pointers, strict=True)
            if draft.wait_until_at_ms is not None and draft.wait_until_at_ms - now_ms > longest
        ]
        if errors:
            raise ApiError(errors)
