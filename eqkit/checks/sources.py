"""Where a check of recorded traffic has its contract and its traffic from."""

import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import click

from eqkit.errors import StartupError

if TYPE_CHECKING:
    from eqkit.contract.loading.source_map import ContractFile
    from eqkit.traffic.exchanges import RecordedExchange
    from eqkit.traffic.routes import Routes

Command = TypeVar("Command", bound=Callable[..., Any])

JOURNAL = "/_mock/journal/har"
WEBHOOKS = "/_mock/webhooks"
FAULTS = "/_mock/faults"
LIMITS = "/_mock/limits"
PATIENCE_S = 30
NOTHING: Mapping[str, str] = MappingProxyType({})


class NotThere(StartupError):
    """A control plane has nothing at a path."""


def address(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Check that the value of an option looks like the address of a server, as its callback."""
    if value is not None and not value.startswith(("http://", "https://")):
        raise click.BadParameter(f'"{value}" does not begin with http:// or https://', context, parameter)
    if value is not None:
        try:
            parts = urlsplit(value)
            is_good = bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_good = False
        if not is_good:
            raise click.BadParameter(
                f'"{value}" names no host, or a port that there is not', context, parameter
            )
    return value


def addresses(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Check that the values of a repeatable option look like addresses, as its callback."""
    for value in values:
        address(context, parameter, value)
    return values


def mention_contract(command: str) -> None:
    """Report a contract in the working directory that a command leaves aside, since none was named."""
    from eqkit.contract.loading.source_texts import NAMES

    found = next((name for name in NAMES if Path(name).is_file()), None)
    if found is not None:
        line = f"{command}: takes the contract of ElasticQueue; name {found} to take the one here"
        click.echo(line, err=True)


def contract_file(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Refuse an address, which no check fetches, as the callback of an option."""
    if value is not None and value.parts[0] in ("http:", "https:"):
        raise click.BadParameter("it is the address of a document: download it first", context, parameter)
    return value


contract_option = click.option(
    "--contract", metavar="FILE", type=click.Path(path_type=Path), callback=contract_file,
    help="The OpenAPI document; by default the contract of ElasticQueue.",
)  # fmt: skip

routes_option = click.option(
    "--base", metavar="URL", multiple=True, callback=addresses,
    help="Validate the traffic below this address alone, and not that to any host. Repeatable.",
)  # fmt: skip


def load(contract: Path | None, bases: Iterable[str] = ()) -> "tuple[ContractFile, Routes]":
    """Read a contract and work its routes out; raises ContractError for one that cannot be used."""
    from eqkit.checks.references import refuse_other_versions, usable
    from eqkit.contract.credentials import credentials
    from eqkit.contract.loading.source_map import ContractFile
    from eqkit.contract.operations import Contract
    from eqkit.traffic.routes import Routes

    file = ContractFile.load(contract)
    refuse_other_versions(file)
    with usable(file):
        operations = Contract(file.document).complete()
        for operation in operations.operations.values():
            credentials(file.document, "", operation)  # which no request is to fail for the want of
        return file, Routes(operations, bases)


def asking(key: str | None, token: str | None) -> Mapping[str, str]:
    """Return the headers by which a control plane is asked for the sandbox of a key."""
    named = {"Authorization": key, "Control-Token": token}
    return {name: value for name, value in named.items() if value}


def traffic(source: str, headers: Mapping[str, str] = NOTHING) -> "list[RecordedExchange]":
    """Read a recording, or the journal of a mock where `source` is its address; raises StartupError."""
    from eqkit.traffic.exchanges import exchanges, read

    if _is_address(source):
        return exchanges(_fetched(source, JOURNAL, headers), source)
    return read(Path(source))


def webhooks(source: str, headers: Mapping[str, str] = NOTHING) -> "list[RecordedExchange]":
    """Return the webhooks of a mock as traffic, where `source` is its address; raises StartupError.

    Each subscription is one request, and each attempt to post to it another, with the answer of the receiver.
    """
    from eqkit.traffic.exchanges import RecordedExchange

    posts: list[RecordedExchange] = []
    subscriptions = _listed(source, WEBHOOKS, headers) if _is_address(source) else ()
    for webhook in subscriptions:
        asked, name = f"{source.rstrip('/')}{WEBHOOKS}", f"{source} webhook {webhook['id']}"
        named = json.dumps({"url": webhook["url"]}).encode()
        posts.append(RecordedExchange(name, "POST", asked, request_body=named, status=201))
        attempts = json.loads(_fetched(source, f"{WEBHOOKS}/{webhook['id']}/attempts?limit=1000", headers))
        posts += (
            RecordedExchange(
                f"{name} attempt {each['number']}", "POST", webhook["url"], status=each.get("status", 0)
            )
            for each in attempts["attempts"]
        )
    return posts


def armed(source: str, headers: Mapping[str, str] = NOTHING) -> list[dict[str, Any]]:
    """Return the faults and limits of a mock, where `source` is its address; raises StartupError."""
    if not _is_address(source):
        return []
    faults, limits = _listed(source, FAULTS, headers), _listed(source, LIMITS, headers)
    return [*(each["rule"] for each in faults), *(each["limit"] for each in limits)]


def _listed(source: str, path: str, headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the list that a mock has at a path, empty for a proxy, which has a journal alone."""
    try:
        listed: list[dict[str, Any]] = json.loads(_fetched(source, path, headers))[path.rpartition("/")[2]]
    except NotThere:
        return []
    return listed


def _is_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _fetched(source: str, path: str, headers: Mapping[str, str]) -> bytes:
    """Return the answer of the control plane of a mock; raises StartupError."""
    import http.client
    import urllib.error
    import urllib.request

    base = source.rstrip("/")
    request = urllib.request.Request(base + path, headers=dict(headers))  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:  # noqa: S310 - http(s) only
            found: bytes = response.read()
    except urllib.error.HTTPError as error:
        with error:
            kind = NotThere if error.code == HTTPStatus.NOT_FOUND else StartupError
            raise kind(f"{base}{path} answers {error.code} {error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise StartupError(f"{base} does not answer: {getattr(error, 'reason', error)}") from error
    return found
