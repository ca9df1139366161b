"""Where a check of recorded traffic has its contract and its traffic from."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eqkit.errors import StartupError

if TYPE_CHECKING:
    from eqkit.checks.exchanges import Exchange
    from eqkit.checks.lines import ContractFile
    from eqkit.checks.routes import Routes

Command = TypeVar("Command", bound=Callable[..., Any])

JOURNAL = "/_mock/journal/har"
PATIENCE_S = 30


def address(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Hold the value of an option against what an address of a server looks like, as its callback."""
    if value is not None and not value.startswith(("http://", "https://")):
        raise click.BadParameter(f'"{value}" does not begin with http:// or https://', context, parameter)
    return value


def addresses(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Hold the values of a repeatable option against what addresses look like, as its callback."""
    for value in values:
        address(context, parameter, value)
    return values


contract_option = click.option(
    "--contract", metavar="FILE", type=click.Path(path_type=Path),
    help="The OpenAPI document; by default the contract of ElasticQueue.",
)  # fmt: skip

routes_option = click.option(
    "--base", metavar="URL", multiple=True, callback=addresses,
    help="Judge the traffic below this address alone, and not that to any host. Repeatable.",
)  # fmt: skip


def load(contract: Path | None, bases: Iterable[str] = ()) -> "tuple[ContractFile, Routes]":
    """Read a contract and work its routes out; raises ContractError for one that cannot be used."""
    from eqkit.checks.lines import ContractFile
    from eqkit.checks.references import operations_of
    from eqkit.checks.routes import Routes

    file = ContractFile.load(contract)
    return file, Routes(operations_of(file), bases)


def traffic(source: str, key: str | None = None) -> "list[Exchange]":
    """Read a recording, or the journal of a mock where `source` is its address; raises StartupError."""
    from eqkit.checks.exchanges import exchanges, read

    if source.startswith(("http://", "https://")):
        return exchanges(_journal(source.rstrip("/"), key), source)
    return read(Path(source))


def _journal(base: str, key: str | None) -> bytes:
    import http.client
    import urllib.error
    import urllib.request

    request = urllib.request.Request(base + JOURNAL, headers={"Authorization": key} if key else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:  # noqa: S310 - http(s) only
            found: bytes = response.read()
    except urllib.error.HTTPError as error:
        with error:
            raise StartupError(f"{base}{JOURNAL} answers {error.code} {error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise StartupError(f"{base} does not answer: {getattr(error, 'reason', error)}") from error
    return found
