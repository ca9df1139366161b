"""The security of operations compared: whether credentials that were good still are."""

from collections.abc import Iterator

from eqkit.checks.diff.changes import Change
from eqkit.checks.diff.schemas.views import View

Need = dict[str, frozenset[str]]
"""One alternative: the schemes that a request has to keep together, by their meaning, with their scopes."""

FLOW_URLS = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")


def security_changes(old: View, new: View) -> Iterator[Change]:
    """Yield the changes of the alternatives that stand in `old` and `new`, an operation or a document."""
    shared = _oauth_names(old) & _oauth_names(new)
    before, after = _needs(old, shared), _needs(new, shared)
    broken = [need for need in before if not any(_is_met(each, need) for each in after)]
    place = new if new.get("security") is not None else View(new.document, new.document.data)
    if broken:
        message = f"security was {_listed(before)} and is {_listed(after)}"
        yield Change("security-changed", "", message, place, keyword="security")
        return
    for need in after:
        if need in before:
            continue
        if any(_is_met(need, each) for each in before):
            message = f"security was {_listed(before)} and is {_listed(after)}"
            yield Change("security-removed", "", message, place, keyword="security")
        else:
            message = f"security may also be {_listed([need])}"
            yield Change("security-added", "", message, place, keyword="security")


def scheme_changes(old: View, new: View) -> Iterator[Change]:
    """Yield the changes of the OAuth flows of the security schemes of a document."""
    before, after = _schemes(old), _schemes(new)
    for name in (each for each in before if each in after):
        if before[name].get("type") == after[name].get("type") == "oauth2":
            yield from _flow_changes(
                name, before[name].members("flows"), after[name].members("flows"), after[name]
            )


def _flow_changes(
    scheme: str, before: dict[str, View], after: dict[str, View], new: View
) -> Iterator[Change]:
    for flow, old in before.items():
        name = f"security scheme {scheme}: flow {flow}"
        other = after.get(flow)
        if other is None:
            yield Change("oauth-flow-removed", name, " removed", old, is_old=True)
            continue
        for url in FLOW_URLS:
            if _url(old.get(url)) != _url(other.get(url)):
                message = f": {url} was {old.get(url)} and is {other.get(url)}"
                yield Change("oauth-url-changed", name, message, other, keyword=url)
        offered, offers = (each.get("scopes") or {} for each in (old, other))
        for scope in (each for each in offered if each not in offers):
            yield Change("oauth-scope-removed", name, f": scope {scope} removed", other, keyword="scopes")
        for scope in (each for each in offers if each not in offered):
            yield Change("oauth-scope-added", name, f": scope {scope} added", other, keyword="scopes")
    for flow in (each for each in after if each not in before):
        yield Change("oauth-flow-added", f"security scheme {scheme}: flow {flow}", " added", new)


def _schemes(part: View) -> dict[str, View]:
    """Return the security schemes of the document that a part stands in, by name."""
    return View(part.document, part.document.data).members("components", "securitySchemes")


def _oauth_names(part: View) -> set[str]:
    return {name for name, scheme in _schemes(part).items() if scheme.get("type") == "oauth2"}


def _needs(holder: View, shared: set[str]) -> list[Need]:
    """Return the alternatives; none at all is one that asks for nothing."""
    root = View(holder.document, holder.document.data)
    schemes = _schemes(holder)
    alternatives = holder.get("security", root.get("security")) or [{}]
    return [
        {_meaning(name, schemes, shared): frozenset(scopes or ()) for name, scopes in each.items()}
        for each in alternatives
    ]


def _meaning(name: str, schemes: dict[str, View], shared: set[str]) -> str:
    """Return how a scheme is met: where a key goes, or which provider is asked.

    Its name does not matter, except for OAuth where both documents have it: flows are compared by themselves.
    """
    scheme = schemes.get(name)
    if scheme is None:
        return name
    scheme.object()
    match scheme.get("type"):
        case "apiKey":
            place, key = str(scheme.get("in")), str(scheme.get("name"))
            return f"{place} {key.lower() if place == 'header' else key}"
        case "http":
            return f"HTTP {str(scheme.get('scheme')).lower()}"
        case "openIdConnect":
            return f"OpenID {_url(scheme.get('openIdConnectUrl'))}"
        case "oauth2":
            urls = {_url(flow.get(url)) for flow in scheme.members("flows").values() for url in FLOW_URLS}
            return f"OAuth {name if name in shared else ' '.join(sorted(urls - {''}))}"
    return str(scheme.get("type"))


def _is_met(need: Need, by: Need) -> bool:
    """Return whether a request that keeps one alternative keeps another, too."""
    return all(scheme in by and scopes <= by[scheme] for scheme, scopes in need.items())


def _listed(needs: list[Need]) -> str:
    """Return alternatives as a report shows them."""
    return " or ".join(
        " and ".join(_format_scheme(*each) for each in need.items()) or "nothing" for need in needs
    )


def _format_scheme(scheme: str, scopes: frozenset[str]) -> str:
    return f"{scheme} ({', '.join(sorted(scopes))})" if scopes else scheme


def _url(url: object) -> str:
    """Return an address as it is compared: in any case, with or without a last slash."""
    return str(url).rstrip("/").lower() if url is not None else ""
