"""The address that self links begin with: the one that the client used (ruling H8)."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from eqkit.settings import Network, Settings
from eqkit.web.messages.header_fields import elements, pairs

_HOST = re.compile(
    rb"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)


class Links:
    """Links below one base, "" for links relative to the server."""

    __slots__ = ("base",)

    def __init__(self, base: str) -> None:
        """Take a base without a slash at its end."""
        self.base = base

    def messages(self, queue: str) -> str:
        """Return the link of a message up to its id; names need no escaping (ruling H13)."""
        return f"{self.base}/v1/queues/{queue}/messages/"


class LinkBases:
    """Finds the base of a request's links, and keeps the few it has seen."""

    def __init__(self, settings: Settings) -> None:
        """Take the public URL and the proxies to be believed from the settings."""
        self._public = Links(settings.public_url) if settings.public_url else None
        self._trusted = settings.trusted_proxy
        self._seen: dict[tuple[str, bytes], Links] = {}

    def of(self, scope: Any, headers: Mapping[bytes, bytes]) -> Links:
        """Return the links for a request."""
        if self._public is not None:
            return self._public
        scheme, host = scope["scheme"], headers.get(b"host", b"")
        if self._trusted and _is_among(scope.get("client"), self._trusted):
            scheme, host = _forwarded(headers, scheme, host)
        links = self._seen.get((scheme, host))
        if links is None:
            links = Links(f"{scheme}://{host.decode()}" if _HOST.fullmatch(host) else "")
            if len(self._seen) < 256:
                self._seen[scheme, host] = links
        return links


def _is_among(client: tuple[str, int] | None, networks: tuple[Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return False
    # A server of somebody else may name the clients of a dual-stack socket so.
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks)


def _forwarded(headers: Mapping[bytes, bytes], scheme: str, host: bytes) -> tuple[str, bytes]:
    """Return the address that the first proxy saw: Forwarded (RFC 7239) before X-Forwarded-*."""
    standard = headers.get(b"forwarded")
    if standard is not None:
        hops = elements(standard.decode("latin-1"))
        messages = dict(pairs(hops[0])) if hops else {}
        proto, name = ((messages.get(each) or "").encode("latin-1") for each in ("proto", "host"))
    else:
        proto = headers.get(b"x-forwarded-proto", b"").split(b",")[0].strip()
        name = headers.get(b"x-forwarded-host", b"").split(b",")[0].strip()
    if proto and proto.lower() in (b"http", b"https"):
        scheme = proto.lower().decode()
    return scheme, name or host
