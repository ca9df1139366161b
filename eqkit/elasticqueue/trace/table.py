"""The claims as a page of the docs: what is documented, what the contract says, what the server answers."""

from collections.abc import Sequence

from eqkit.checks.quoting import format_value
from eqkit.contract.document import Json
from eqkit.elasticqueue.trace.claims import Claim, Claims

_HEAD = """\
# From the docs to the wire

Every statement of the service's docs, in their order, with its verdict. `eqkit trace --table` writes
this page from [the claims](../../openapi/claims.yaml), and `eqkit trace` proves them:
[trace and lint a contract](../how-to/checks/trace-and-lint.md) tells how. A pattern stands between slashes.
"""


_ORIGINS = """
Everything else in the contract names its source itself, by `x-origin` and `x-ruling`; but for this:
"""


def render(claims: Claims) -> str:
    """Return the page, in Markdown."""
    rows = [
        (*_documented(claim), _contract(claim), _server(claim), _verdict(claim)) for claim in claims.claims
    ]
    origins = [(f"`{each.at}`", each.origin, each.why) for each in claims.origins]
    return "\n".join(
        [
            _HEAD,
            *_table(("Line", "Documented", "Contract", "Server", "Verdict"), rows),
            _ORIGINS,
            *_table(("Contract", "Origin", "Why"), origins),
            "",
        ]
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]


def _documented(claim: Claim) -> tuple[str, str]:
    said = "left out" if claim.says is None else _code(claim.says)
    return str(claim.line), f"`{claim.fact}`: {said}"


def _contract(claim: Claim) -> str:
    there = [f"`{pointer}`: {_code(value)}" for pointer, value in claim.contract.items()]
    return "<br>".join([*there, *(f"nothing at `{pointer}`" for pointer in claim.absent)])


def _server(claim: Claim) -> str:
    return "<br>".join(
        f"no `{part}`" if value is None else f"`{part}`: {_code(value)}"
        for part, value in claim.server.items()
    )


def _verdict(claim: Claim) -> str:
    links = [f"[{each.rpartition('#')[2].upper()}]({_link(each)})" for each in claim.decisions]
    return ", ".join([str(claim.verdict), *links]) + (f". {claim.note}" if claim.note else "")


def _link(decision: str) -> str:
    """Return the way to a record from a page in ``docs/reference``."""
    return f"../{decision.removeprefix('docs/')}" if decision.startswith("docs/") else f"../../{decision}"


def _code(value: Json) -> str:
    return f"`{value if isinstance(value, str) and value else format_value(value)}`"
