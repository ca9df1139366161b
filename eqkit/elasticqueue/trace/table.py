"""The requirements as a page of the docs: the documented, the contract's and the server's value of each."""

from collections.abc import Sequence

from eqkit.checks.quoting import format_value
from eqkit.contract.document import Json
from eqkit.elasticqueue.trace.requirements import Requirement, Traceability

_HEAD = """\
# From the docs to the wire

Every statement of the service's docs, in their order, with its disposition. `eqkit trace --table` writes
this page from [the requirements](../../openapi/traceability.yaml), and `eqkit trace` proves them:
[trace and lint a contract](../how-to/checks/trace-and-lint.md) tells how. A pattern stands between slashes.
"""


_ORIGINS = """
Everything else in the contract names its source itself, by `x-origin` and `x-ruling`; but for this:
"""


def render(requirements: Traceability) -> str:
    """Return the page, in Markdown."""
    rows = [
        (*_documented(requirement), _contract(requirement), _server(requirement), _disposition(requirement))
        for requirement in requirements.requirements
    ]
    origins = [(f"`{each.at}`", each.origin, each.why) for each in requirements.origins]
    return "\n".join(
        [
            _HEAD,
            *_table(("Line", "Documented", "Contract", "Server", "Disposition"), rows),
            _ORIGINS,
            *_table(("Contract", "Origin", "Why"), origins),
            "",
        ]
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]


def _documented(requirement: Requirement) -> tuple[str, str]:
    said = "left out" if requirement.says is None else _code(requirement.says)
    return str(requirement.line), f"`{requirement.fact}`: {said}"


def _contract(requirement: Requirement) -> str:
    there = [f"`{pointer}`: {_code(value)}" for pointer, value in requirement.contract.items()]
    return "<br>".join([*there, *(f"nothing at `{pointer}`" for pointer in requirement.absent)])


def _server(requirement: Requirement) -> str:
    return "<br>".join(
        f"no `{part}`" if value is None else f"`{part}`: {_code(value)}"
        for part, value in requirement.server.items()
    )


def _disposition(requirement: Requirement) -> str:
    links = [f"[{each.rpartition('#')[2].upper()}]({_link(each)})" for each in requirement.decisions]
    return ", ".join([str(requirement.disposition), *links]) + (
        f". {requirement.note}" if requirement.note else ""
    )


def _link(decision: str) -> str:
    """Return the way to a record from a page in ``docs/reference``."""
    return f"../{decision.removeprefix('docs/')}" if decision.startswith("docs/") else f"../../{decision}"


def _code(value: Json) -> str:
    return f"`{value if isinstance(value, str) and value else format_value(value)}`"
