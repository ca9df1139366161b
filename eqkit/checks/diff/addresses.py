"""The servers of two versions of a contract compared: where clients find the API, and where they did."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from eqkit.checks.diff.changes import Change
from eqkit.checks.diff.schemas.views import View
from eqkit.contract.servers import addresses


def server_changes(old: View, new: View) -> Iterator[Change]:
    """Yield the changes of the servers that stand in a document, a path or an operation."""
    before, after = _servers(old), _servers(new)
    gone = [address for address in before if address not in after]
    added = [address for address in after if address not in before]
    for address in gone:
        moved = next((each for each in added if _origin(each) == _origin(address)), None)
        if moved is None:
            yield Change("server-removed", "", f"server {address} removed", before[address], is_old=True)
        else:
            added.remove(moved)
            yield Change("server-path-changed", "", f"server {address} is now at {moved}", after[moved])
    for address in added:
        yield Change("server-added", "", f"server {address} added", after[address])


def _servers(holder: View) -> dict[str, View]:
    """Return each address with its place; `/` is left out, the meaning of no servers at all."""
    found = {address: view.followed() for view in holder.items("servers") for address in addresses(view.data)}
    return {address: view for address, view in found.items() if address}


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()
