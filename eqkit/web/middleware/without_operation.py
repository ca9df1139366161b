"""The answers to requests for no operation: pages, OPTIONS, and 405."""

from eqkit.errors import Code, api_error
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.pages import Page

CORS_MAX_AGE = b"600"

KEPT_PATHS = 1024
"""How many paths are remembered with their operations, before all are forgotten."""

LONGEST_KEPT = 256
"""How long a path may be to be remembered, in characters."""


def answer_page(page: Page, context: RequestContext) -> Response:
    """Answer with a page; raises ApiError (405) for a method that is not for reading."""
    if context.method == "OPTIONS":
        return preflight(b"GET, HEAD, OPTIONS", context)
    if context.method not in ("GET", "HEAD"):
        raise method_not_allowed(context.method, b"GET, HEAD, OPTIONS")
    return page if isinstance(page, Response) else page(context)


def method_not_allowed(method: str, allow: bytes) -> Exception:
    """Return the error of a method that a path has not, with the list of those that it has."""
    detail = f"{method[:40]} is not possible here; {allow.decode()} are."
    return api_error(Code.METHOD_NOT_ALLOWED, detail, headers=[(b"allow", allow)])


def preflight(allow: bytes, context: RequestContext) -> Response:
    """Answer OPTIONS, without a key: the allowed methods, for people and for browsers (ruling H9)."""
    wanted = context.headers.get(b"access-control-request-headers")
    return Response(
        204,
        headers=[
            (b"allow", allow),
            (b"access-control-allow-methods", allow),
            (b"access-control-allow-headers", wanted or b"accept, authorization, content-type"),
            (b"access-control-max-age", CORS_MAX_AGE),
        ],
    )
