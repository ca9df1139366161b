"""The ceiling for an example: Starlette that returns the same bytes, and looks at nothing."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

EXAMPLE = (
    b'[{"id":1,"title":"Emma","author":"Jane Austen","price":9.5,"inStock":true},'
    b'{"id":2,"title":"Persuasion","author":"Jane Austen","price":8,"inStock":false}]'
)


async def books(request: Request) -> Response:
    """Answer with the example."""
    return Response(EXAMPLE, media_type="application/json")


app = Starlette(routes=[Route("/books", books)])
