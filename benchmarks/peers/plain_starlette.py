"""The ceiling: Starlette and orjson around a heap; no key, no negotiation, no validation, no journal."""

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.peers.plain_queue import MESSAGES, PlainQueue

MEDIA_TYPE = "application/vnd.api+json"
_queue = PlainQueue()


def _base_url(request: Request) -> str:
    # request.base_url parses and builds a URL, which would cost the ceiling a tenth.
    return f"http://{request.headers['host']}"


async def enqueue(request: Request) -> Response:
    """Put one message into a queue."""
    document = orjson.loads(await request.body())
    answer = _queue.enqueue(_base_url(request), request.path_params["queue"], document)
    return Response(orjson.dumps(answer), 202, media_type=MEDIA_TYPE)


async def enqueue_all(request: Request) -> Response:
    """Put many messages into a queue."""
    document = orjson.loads(await request.body())
    answer = _queue.enqueue_all(_base_url(request), request.path_params["queue"], document)
    return Response(orjson.dumps(answer), 202, media_type=MEDIA_TYPE)


async def read(request: Request) -> Response:
    """Show a message."""
    answer = _queue.read(_base_url(request), request.path_params["queue"], request.path_params["id"])
    return Response(orjson.dumps(answer), media_type=MEDIA_TYPE)


app = Starlette(
    routes=[
        Route(MESSAGES, enqueue, methods=["POST"]),
        Route(f"{MESSAGES}/_bulk", enqueue_all, methods=["POST"]),
        Route(f"{MESSAGES}/{{id}}", read),
    ]
)
