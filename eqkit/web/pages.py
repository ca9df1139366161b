"""The pages beside the API: the home page, the contract, and the server's health."""

import html
from collections.abc import Callable, Collection, Mapping

from eqkit import __version__
from eqkit.contract.operations import Contract
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.messages.negotiation import wants
from eqkit.web.service import Service

Page = Response | Callable[[RequestContext], Response]

_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_HTML = (b"content-type", b"text/html; charset=utf-8")


def sample_key(keys: Collection[str], service: Service) -> str:
    """Return the key for a curl line: one that works, or a placeholder on a server closed to all but `keys`.

    The keys of a closed server are told to nobody who has none (ruling H4).
    """
    return "YOUR-KEY" if keys else service.sample_key


def pages(contract: Contract, service: Service, key: str) -> Mapping[str, Page]:
    """Return the pages by path; `key` is one that works here, for the curl line."""
    return {
        "/": lambda context: _welcome(contract, service, context, key),
        **documents(contract),
        "/health": Response(200, body=b'{"status":"ok"}', headers=[(b"content-type", b"application/json")]),
    }


def documents(contract: Contract, base_path: str = "") -> Mapping[str, Page]:
    """Return the pages with a contract as it stands, as YAML and as JSON, written when first asked for."""
    document = contract.document

    def page(form: str, body: Callable[[], bytes]) -> Page:
        headers = [(b"content-type", f"application/{form}".encode())]
        return lambda _context: Response(200, body=body(), headers=headers)

    return {
        f"{base_path}/openapi.yaml": page("yaml", lambda: document.as_yaml),
        f"{base_path}/openapi.json": page("json", lambda: document.as_json),
    }


def _welcome(contract: Contract, service: Service, context: RequestContext, key: str) -> Response:
    """Describe this server, to a browser as HTML and to other clients as text."""
    base = context.links.base
    operations = [(each.method, each.path, each.summary) for each in contract.operations.values()]
    title, about = f"{service.title}, mocked by eqkit {__version__}", service.about
    line = service.example_request(base, key)
    if wants(context.headers.get(b"accept"), "text/html"):
        rows = "".join(
            f"<tr><td><code>{method}</code><td><code>{html.escape(path)}</code><td>{html.escape(summary)}"
            for method, path, summary in operations
        )
        body = (
            f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
            "<meta name=viewport content='width=device-width'>"
            "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem}"
            "td{padding:.2rem 1.5rem .2rem 0}"
            "pre{background:#f4f4f4;padding:1rem;white-space:pre-wrap}</style>"
            f"<h1>{html.escape(title)}</h1><p>{html.escape(about)}</p>"
            f"<h2>Try it</h2><pre>{html.escape(line)}</pre>"
            f"<h2>Operations</h2><table>{rows}</table><h2>The contract</h2>"
            "<p><a href=/openapi.yaml>openapi.yaml</a>, <a href=/openapi.json>openapi.json</a>: "
            "what this server does, and why. Its guides: the folder <code>docs/</code>.</p></html>"
        )
        return Response(200, body=body.encode(), headers=[_HTML])
    lines = "\n".join(f"  {method:5} {path}   {summary}" for method, path, summary in operations)
    text = (
        f"{title}\n\n{about}\n\nTry it:\n  {line}\n\nOperations:\n{lines}\n\n"
        f"The contract: {base}/openapi.yaml and {base}/openapi.json\n"
        "The guides:   the folder docs/ of the project\n"
    )
    return Response(200, body=text.encode(), headers=[_TEXT])
