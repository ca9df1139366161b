"""Connexion as its documentation shows it, on the same contract, with handlers that do the queue work."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from benchmarks.peers.plain_queue import PlainQueue

with warnings.catch_warnings():
    # Connexion 3.3 imports names that newer starlette and jsonschema deprecate; its users can't help it.
    warnings.simplefilter("ignore")
    from connexion.apps.asynchronous import AsyncApp
    from connexion.context import request
    from connexion.resolver import Resolver

CONTRACT = Path(__file__).parents[2] / "openapi" / "elasticqueue.yaml"
_queue = PlainQueue()


def _base_url() -> str:
    asked: Any = request  # a proxy, of which the types know nothing
    return f"http://{asked.headers['host']}"


async def enqueue_message(queue: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Put one message into a queue."""
    return _queue.enqueue(_base_url(), queue, body), 202


async def bulk_enqueue_messages(queue: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Put many messages into a queue."""
    return _queue.enqueue_all(_base_url(), queue, body), 202


async def get_message(queue: str, id: str) -> tuple[dict[str, Any], int]:
    """Show a message."""
    return _queue.read(_base_url(), queue, id), 200


def check_key(key: str) -> dict[str, str] | None:
    """Let a test key in, as eqkit does."""
    return {"sub": key} if key.startswith("test_") else None


HANDLERS: dict[str, Callable[..., Any]] = {
    "enqueueMessage": enqueue_message,
    "bulkEnqueueMessages": bulk_enqueue_messages,
    "getMessage": get_message,
    "headMessage": get_message,
}


def _contract() -> dict[str, Any]:
    """Return the contract as it is, but for the name of the function that checks keys."""
    document: dict[str, Any] = yaml.load(CONTRACT.read_bytes(), Loader=yaml.CSafeLoader)
    document["components"]["securitySchemes"]["ApiKey"]["x-apikeyInfoFunc"] = f"{__name__}.check_key"
    return document


app = AsyncApp(__name__)
app.add_api(_contract(), resolver=Resolver(HANDLERS.__getitem__))
