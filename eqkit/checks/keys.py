"""The options for the secrets that a client sends, which every command that asks a server has in common."""

import re
from collections.abc import Callable
from typing import Any

import click

Option = Callable[[Any], Any]

KEY_VARIABLE = "EQKIT_CLIENT_KEY"
"""The variable with the key that a client sends. EQKIT_KEY is another: the keys that a server accepts."""

TOKEN_VARIABLE = "EQKIT_CONTROL_TOKEN"  # noqa: S105 - the name of a variable
"""The variable with the token of a control plane: servers demand it, and commands send it."""

_CARRIED = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
"""A header's value that arrives as it was sent."""


def key_option(text: str, **further: Any) -> Option:
    """Return the option ``--key``, with its help and the other settings for click."""
    return _secret("--key", "KEY", KEY_VARIABLE, text, further)


def token_option(text: str, **further: Any) -> Option:
    """Return the option ``--control-token``, with its help and the other settings for click."""
    return _secret("--control-token", "TOKEN", TOKEN_VARIABLE, text, further)


def _secret(name: str, metavar: str, variable: str, text: str, further: dict[str, Any]) -> Option:
    then: Callable[[click.Context, click.Parameter, Any], Any] | None = further.pop("callback", None)

    def check(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
        # A secret is refused as often for the line end behind it as for being none, so it is not repeated.
        if value is not None and not _CARRIED.fullmatch(value):
            length = f"{len(value)} characters that are not shown"
            message = f"expected printable ASCII characters without spaces around them, got {length}"
            raise click.BadParameter(message, context, parameter)
        return value if then is None else then(context, parameter, value)

    shows_default = "default" in further
    return click.option(
        name, metavar=metavar, envvar=variable, show_envvar=True, show_default=shows_default,
        help=text, callback=check, **further,
    )  # fmt: skip
