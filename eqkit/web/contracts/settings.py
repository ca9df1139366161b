"""The settings of a server of any contract, beside those of any server."""

from dataclasses import dataclass
from pathlib import Path

from eqkit.settings import Settings, choice, path, setting, switch, text, whole

WAYS = ("examples", "generated")
"""The ways to answer an operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSettings(Settings):
    """Everything about a server of a contract that its user can set."""

    contract: str | None = setting(
        None, text, "CONTRACT", "Serve this OpenAPI document: a file, a folder with one, or a URL."
    )
    overlay: tuple[Path, ...] = setting(
        (), path, "FILE", "Change the contract by an OpenAPI Overlay, without touching it.", many=True
    )
    strict: bool = setting(False, switch, "true|false", "Refuse a sloppy contract instead of repairing it.")
    allow_remote: bool = setting(
        False, switch, "true|false", "Fetch references of the contract that lead to other servers."
    )
    handlers: Path | None = setting(
        None, path, "FOLDER", "Answer operations by the functions in the Python modules of this folder."
    )
    answer: str = setting(
        "examples",
        choice(*WAYS),
        "|".join(WAYS),
        "Answer by the examples of the contract where there are any, or always by generated values.",
    )
    faker: str | None = setting(
        None,
        text,
        "LOCALE",
        "Generate names, addresses and the like as they are in a place, such as de_DE (the extra faker).",
    )
    stream_pause: int = setting(
        0,
        whole(0, 3_600_000),
        "MS",
        "Send the items of a stream (events, JSON Lines) this far apart, on the sandbox's clock.",
    )
    validation: str = setting(
        "strict",
        choice("strict", "report", "off"),
        "strict|report|off",
        "Refuse requests that violate the contract, report them in the journal, or let them pass.",
    )
    query_preferences: bool = setting(
        False, switch, "true|false", "Take preferences from the query, too: ?__code=404, for browsers."
    )
    scopes: tuple[str, ...] = setting(
        (),
        text,
        "TOKEN=SCOPES",
        "The scopes of a token, or a file with those of many; without any, each token has every scope.",
        many=True,
        secret=True,
    )
    watch: bool = setting(
        False,
        switch,
        "true|false",
        "Load the contract anew when one of its files changes; all state is kept.",
    )
