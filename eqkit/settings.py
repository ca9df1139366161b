"""How a server is set: one frozen record, made of options and of variables."""

import dataclasses
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from eqkit import environment
from eqkit.errors import SettingsError

_BASE_URL = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?:/[\w.~%/-]*)?",
    re.ASCII,
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def text(value: str) -> str:
    """Read a text as it is."""
    return value


def path(value: str) -> Path:
    """Read a path."""
    return Path(value)


def whole(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `least` to `limit`; it raises ValueError that says so."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", value) or not minimum <= int(value) <= maximum:
            raise ValueError(f"expected a whole number from {minimum} to {maximum}")
        return int(value)

    return read


def choice(*choices: str) -> Callable[[str], str]:
    """Return a reader of one of some words; it raises ValueError that names them."""

    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}")
        return value

    return read


def switch(value: str) -> bool:
    """Read a switch; raises ValueError that names its positions."""
    return choice("true", "false")(value) == "true"


def _key(value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", value):
        raise ValueError("expected 1 to 200 printable ASCII characters without spaces")
    return value


def _network(value: str) -> Network:
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is neither an IP address nor a network such as 10.0.0.0/8") from None


def _base_url(value: str) -> str:
    port = _BASE_URL.fullmatch(value)
    if port is None or int(port[1] or 0) > 65535:
        raise ValueError("expected http(s)://host[:port][/path]")
    return value.rstrip("/")


def setting(
    default: Any,
    read: Callable[[str], Any],
    metavar: str,
    text: str,
    *,
    many: bool = False,
    secret: bool = False,
) -> Any:
    """Return a field of settings: its default, the reader of its text, and its line in the help.

    Of `many` values the option is repeatable and the variable has commas; a `secret` is in no error.
    """
    messages = {"read": read, "metavar": metavar, "help": text, "many": many, "secret": secret}
    return field(default=default, metadata=messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything about a server that its user can set, for any service; the defaults are friendly.

    Each field is the option ``--name`` and the variable ``EQKIT_NAME``; a field that takes many values
    is a repeatable option and a comma-separated variable.
    """

    host: str = setting("127.0.0.1", text, "HOST", "Address to listen on.")
    port: int = setting(8080, whole(0, 65535), "PORT", "Port to listen on; 0 takes any free one.")
    ready_file: Path | None = setting(None, path, "FILE", "Write the base URL here once the server answers.")
    key: tuple[str, ...] = setting(
        (),
        _key,
        "KEY",
        "Accept this key and no other but those listed: a closed server.",
        many=True,
        secret=True,
    )
    public_url: str | None = setting(None, _base_url, "URL", "Base of the self links that clients see.")
    trusted_proxy: tuple[Network, ...] = setting(
        (), _network, "NETWORK", "Believe Forwarded and X-Forwarded-* from this address.", many=True
    )
    max_request: int = setting(10_485_760, whole(1, 1 << 32), "BYTES", "Longest request body.")
    max_connections: int = setting(
        10_000, whole(1, 1_000_000), "COUNT", "Most connections at once; a new one is told to come again."
    )
    seed: int = setting(0, whole(0, 1 << 59), "NUMBER", "Seed of the ids and of all random choices.")
    control: bool = setting(True, switch, "true|false", "Serve the control plane at /_mock.")
    control_token: str | None = setting(
        None,
        _key,
        "TOKEN",
        "Serve the control plane to requests with this token, from other machines too.",
        secret=True,
    )
    max_sandboxes: int = setting(
        1_000,
        whole(1, 1_000_000),
        "COUNT",
        "Most sandboxes at once; an empty one goes first, else the one idle for longest.",
    )
    sandbox_idle: int | None = setting(
        None,
        whole(1, 1 << 40),
        "SECONDS",
        "Drop a sandbox that was idle for this long; by default never.",
    )
    max_memory: int = setting(
        1 << 30,
        whole(1 << 24, 1 << 50),
        "BYTES",
        "Most bytes that the sandboxes hold together; beyond it is a 503.",
    )
    webhook_targets: str = setting(
        "loopback",
        choice("loopback", "any"),
        "loopback|any",
        "Where webhooks may be sent: to this machine alone, or to any address.",
    )
    strict_clients: bool = setting(
        False, switch, "true|false", "Refuse with 409 a request that the journal would only warn of."
    )
    validate_responses: bool = setting(
        False,
        switch,
        "true|false",
        "Validate every answer against the contract; a violation is a 500 and is logged.",
    )
    log_level: str = setting(
        "info", choice("debug", "info", "warning", "error"), "LEVEL", "Least level that is logged."
    )
    log_format: str = setting("text", choice("text", "json"), "text|json", "Form of the log lines.")

    @classmethod
    def read(
        cls,
        given: Mapping[str, str | Sequence[str]] | None = None,
        environ: Mapping[str, str] = environment.VARIABLES,
    ) -> Self:
        """Make settings of options as texts, else of ``EQKIT_…`` variables, else of the defaults.

        Raises SettingsError that names the option or variable, the given value and the expected form.
        """
        values: dict[str, Any] = {}
        for option in dataclasses.fields(cls):
            name, many = option.name, option.metadata["many"]
            text = (given or {}).get(name)
            source = "--" + name.replace("_", "-")
            if text is None or text == () or text == []:
                source = environment.PREFIX + name.upper()
                text = environ.get(source)
                if not text:
                    continue
                if many:
                    text = [part.strip() for part in text.split(",")]
            try:
                read = option.metadata["read"]
                values[name] = read(text) if isinstance(text, str) else tuple(read(part) for part in text)
            except ValueError as error:
                joined = text if isinstance(text, str) else ",".join(text)
                # A key or token is refused as often for the line end behind it as for being none.
                is_secret = option.metadata["secret"]
                given_text = (
                    f"{len(joined)} characters that are not shown" if is_secret else repr(joined[:100])
                )
                raise SettingsError(f"{source}: {error}, got {given_text}") from None
        return cls(**values)
