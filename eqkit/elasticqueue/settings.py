"""The settings of a mock of ElasticQueue, beside those of any server."""

import re
from dataclasses import dataclass

from eqkit.settings import Settings, choice, setting, whole

QUEUE_NAME = re.compile(r"[A-Za-z0-9.-][A-Za-z0-9_.-]{0,79}")
"""The grammar of queue names (ruling H13)."""


def _queue(value: str) -> str:
    if not QUEUE_NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a queue name ({QUEUE_NAME.pattern})")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticQueueSettings(Settings):
    """Everything about a mock of ElasticQueue that its user can set."""

    wait_until_unit: str = setting(
        "auto",
        choice("auto", "seconds", "milliseconds"),
        "UNIT",
        "Unit of wait-until; auto tells it by the size of the number.",
    )
    enqueue_status: int = setting(
        202,
        lambda value: int(choice("202", "201", "204")(value)),
        "STATUS",
        "Success status of enqueueing: 202, or 201 or 204 for a literal reading of the docs.",
    )
    max_body: int = setting(
        1_048_576, whole(1, 1 << 30), "BYTES", "Longest body of one message, in bytes of UTF-8."
    )
    max_bulk: int = setting(1_000, whole(1, 1_000_000), "COUNT", "Most messages in one bulk request.")
    max_delay: int | None = setting(
        None, whole(1, 1 << 40), "SECONDS", "Longest delay that is accepted; none by default."
    )
    unknown_attributes: str = setting(
        "reject",
        choice("reject", "ignore"),
        "reject|ignore",
        "Refuse an unknown attribute, or ignore it.",
    )
    declared_queues: tuple[str, ...] = setting(
        (),
        _queue,
        "NAME",
        "Only these queues exist, any other is a 404; any name will do by default.",
        many=True,
    )
