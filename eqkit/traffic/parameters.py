"""The parameters of a recorded request: what was sent for each, read as its style writes it."""

from collections.abc import Iterable, Sequence
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlsplit

from eqkit.contract.document import Json
from eqkit.contract.operations import Parameter
from eqkit.traffic.exchanges import Exchange
from eqkit.traffic.routes import Route

DELIMITERS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
"""The separator of the items of an array, by style."""

LEFT_OUT_OF_EXPORTS = ("header", "cookie")
"""Places of which browsers and proxies leave out what may be secret: one that is missing proves nothing."""


def query(exchange: Exchange) -> list[tuple[str, str]]:
    """Return the names and values of a request's query, in order."""
    return parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)


def sent(exchange: Exchange, route: Route, parameter: Parameter) -> Sequence[str]:
    """Return the texts that a parameter was sent with, as often as it was; none where it was not."""
    name = parameter.name
    match parameter.place:
        case "path":
            found = route.parameters.get(name)
        case "query":
            return [value for each, value in query(exchange) if each in names(parameter, each)]
        case "header":
            found = exchange.request_header(name)
        case _:
            found = cookie(exchange, name)
    return () if found is None else (found,)


def names(parameter: Parameter, asked: str) -> Sequence[str]:
    """Return the names that a query parameter goes by: an object has one for each of its properties.

    `asked` is the name in question, as ``filter[…]`` may be any.
    """
    if parameter.style == "deepObject":
        return (asked,) if asked.startswith(f"{parameter.name}[") else ()
    if _is(parameter, "object") and parameter.explode:
        return tuple(parameter.schema.get("properties", ()))
    return (parameter.name,)


def members(exchange: Exchange, parameter: Parameter) -> dict[str, list[str]] | None:
    """Return what the members of a ``deepObject`` were sent with; None where it is none.

    OpenAPI leaves open how it writes arrays and objects within (3.0.3, "Style Values"): they are not read.
    """
    if parameter.style != "deepObject" or parameter.place != "query":
        return None
    sent_as = [(name.removeprefix(f"{parameter.name}["), value)
               for name, value in query(exchange) if name in names(parameter, name)]  # fmt: skip
    if any(name.count("]") != 1 or not name.endswith("]") for name, _ in sent_as):
        return None
    return grouped((name[:-1], value) for name, value in sent_as)


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the values of each name, in order."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def items(parameter: Parameter, texts: Sequence[str]) -> Sequence[str] | None:
    """Return the items of an array, or None where the parameter is none or its style cannot be read."""
    if not _is(parameter, "array") or parameter.style not in DELIMITERS:
        return None
    if parameter.place in ("query", "cookie") and parameter.explode:
        return texts
    # An empty text is an array without items.
    return [each.strip() for text in texts if text for each in text.split(DELIMITERS[parameter.style])]


def is_plain(parameter: Parameter) -> bool:
    """Tell whether the value is one text: objects and the rarer styles are not read."""
    return parameter.style in ("form", "simple") and not _is(parameter, "object")


def _is(parameter: Parameter, kind: str) -> bool:
    stated: Json = parameter.schema.get("type")
    implied = {"object": "properties", "array": "items"}[kind] in parameter.schema
    return implied if stated is None else stated == kind or (isinstance(stated, list) and kind in stated)


def cookie(exchange: Exchange, name: str) -> str | None:
    """Return a cookie that a request was sent with, or None."""
    try:
        cookies = SimpleCookie(exchange.request_header("cookie"))
    except CookieError:
        return None
    return cookies[name].value if name in cookies else None
