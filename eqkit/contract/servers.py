"""The addresses of a contract's servers, with their variables filled in."""

import itertools
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from eqkit.contract.document import Json
from eqkit.contract.operations import operations_in

MOST = 1000
"""As many addresses of one server are known, however many values its variables have."""


def addresses(server: Json) -> Iterator[str]:
    """Yield the URLs of a server, one for each value of a variable that has an ``enum``.

    A variable without one may be anything, and stays as it is written: ``{host}``.
    """
    url = str(server.get("url", ""))
    variables = {name: each for name, each in server.get("variables", {}).items() if each.get("enum")}
    varying = [name for name in dict.fromkeys(re.findall(r"{([^}]*)}", url)) if name in variables]
    values = [variables[name]["enum"] for name in varying]
    for chosen in itertools.islice(itertools.product(*values), MOST):
        filled = url
        for name, value in zip(varying, chosen, strict=True):
            filled = filled.replace(f"{{{name}}}", str(value))
        yield filled.rstrip("/")


def by_default(address: str, server: Json) -> str:
    """Return an address with every variable that is still in it at its default."""
    variables = server.get("variables", {})
    return re.sub(r"{([^}]*)}", lambda found: str(variables.get(found[1], {}).get("default", "")), address)


def prefixes(document: Json) -> list[str]:
    """Return the paths of the servers of a document, of its paths and of its operations; the longest first.

    The last one is "", the root. An address that is no URL has none.
    """
    items = [each for each in document.get("paths", {}).values() if isinstance(each, dict)]
    operations = [each for item in items for _, each in operations_in(item) if isinstance(each, dict)]
    found = {
        _path_of(by_default(address, server))
        for holder in (document, *items, *operations)
        for server in holder.get("servers") or ()
        for address in addresses(server)
    }
    return sorted({*found, ""}, key=lambda each: (-len(each), each))


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path.rstrip("/")
    except ValueError:
        return ""
