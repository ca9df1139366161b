"""Preferences in the query, for browsers, which send no headers of one's own: ``?__code=404&__delay=2``."""

from urllib.parse import unquote_plus

from eqkit.web.messages.context import RequestContext
from eqkit.web.messages.header_fields import quoted

SIGN = "__"
NAMES = frozenset(("code", "delay", "dynamic", "example", "fault", "handling", "retry-after", "seed", "wire"))
"""The preferences that may stand in the query, with two underscores before them."""


def take_preferences(context: RequestContext) -> None:
    """Move the preferences from the query of a request to its header Prefer."""
    query = context.scope["query_string"].decode("latin-1")
    if SIGN not in query:
        return
    wishes, others = [], []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        name = unquote_plus(name)
        if name.startswith(SIGN) and name[len(SIGN) :] in NAMES:
            wishes.append(f"{name[len(SIGN) :]}={quoted(unquote_plus(value))}")
        else:
            others.append(pair)
    if wishes:
        context.scope["query_string"] = "&".join(others).encode("latin-1")
        sent = context.headers.get(b"prefer")
        given = ", ".join(wishes).encode("latin-1", "replace")
        context.headers[b"prefer"] = given if sent is None else b"%b, %b" % (sent, given)
