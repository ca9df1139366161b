"""Rules between the members of a fault rule that its schema cannot express."""

import base64
import binascii
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from eqkit.contract.runtime_expressions import check_expressions
from eqkit.contract.schemas.violations import nearest
from eqkit.errors import ApiError, Code, ErrorObject
from eqkit.sandbox.faults.armed import NEEDS_AN_ANSWER, WireKind
from eqkit.sandbox.journal.body_matches import BodyMatches

CONTENT = ("body", "json", "base64")
"""The members of an answer that give its content: text, JSON, or bytes."""

FRAMING = frozenset(
    ("connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")
)
"""The headers that the server sends by itself, so that an answer ends where it ends (RFC 9112 6)."""

LATENCY_MEMBERS = {"fixed": None, "uniform": "max-ms", "lognormal": "sigma"}
"""The members that each kind of latency needs beside ``ms``."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")

Document = dict[str, Any]
ExampleNames = Callable[[str | None, int], Collection[str]]
"""Returns the names of the contract's examples for an operation (None: for each) and a status."""


def no_examples(_operation: str | None, _status: int) -> Collection[str]:
    """Know no examples."""
    return ()


def contradictions(rule: Document, example_names: ExampleNames) -> Iterator[ErrorObject]:
    """Yield the errors of a rule that the schema ``FaultRule`` allows, each with its pointer."""
    does = rule["do"]
    if "latency" in does:
        yield from _of_latency(does["latency"])
    if "answer" in does:
        yield from _of_answer(does["answer"], rule.get("operation"), example_names)
    if "wire" in does:
        yield from _of_wire(does["wire"])
    if "nth" in rule and rule["nth"] % rule.get("every", 1):
        detail = f"Request {rule['nth']} is none of each {rule['every']}, so that the rule would never fire."
        yield ErrorObject(Code.INVALID_VALUE, detail, "/nth")
    if rule.get("when") == "before" and does.get("wire", {}).get("kind") in NEEDS_AN_ANSWER:
        detail = f"Only an answer can {does['wire']['kind']}, and there is none before the commit."
        yield ErrorObject(Code.INVALID_VALUE, detail, "/when")
    try:
        BodyMatches(rule.get("body", ()), "/body")
    except ApiError as refused:
        yield from refused.errors


def _of_latency(latency: Document) -> Iterator[ErrorObject]:
    wanted = LATENCY_MEMBERS[latency["kind"]]
    for member in ("max-ms", "sigma"):
        if (member == wanted) != (member in latency):
            needs = "needs" if member == wanted else "takes no"
            detail = f'A {latency["kind"]} latency {needs} "{member}".'
            yield ErrorObject(Code.INVALID_VALUE, detail, "/do/latency")
    if latency["ms"] > latency.get("max-ms", latency["ms"]):
        yield ErrorObject(Code.INVALID_VALUE, '"max-ms" is less than "ms".', "/do/latency/max-ms")


def _of_answer(answer: Document, operation: str | None, example_names: ExampleNames) -> Iterator[ErrorObject]:
    given = [name for name in ("example", *CONTENT) if name in answer]
    if len(given) > 1:
        detail = f"An answer has one content; leave out all but one of {', '.join(given)}."
        yield ErrorObject(Code.INVALID_VALUE, detail, f"/do/answer/{given[1]}")
    if "example" in answer:
        yield from _of_example(answer, operation, example_names)
    for name, value in answer.get("headers", {}).items():
        yield from _of_header(name, value)
    for member in ("body", "json"):
        yield from _of_expressions(answer.get(member), f"/do/answer/{member}")
    if "base64" in answer:
        try:
            base64.b64decode(answer["base64"], validate=True)
        except (binascii.Error, ValueError):
            yield ErrorObject(Code.INVALID_VALUE, '"base64" must be base64 (RFC 4648).', "/do/answer/base64")


def _of_example(
    answer: Document, operation: str | None, example_names: ExampleNames
) -> Iterator[ErrorObject]:
    known, wanted = example_names(operation, answer["status"]), answer["example"]
    if wanted in known:
        return
    near = nearest(wanted, tuple(known))
    meant = f'did you mean "{near}"? ' if near else ""
    there_are = f"there are {', '.join(known)}" if known else "the contract has none for this status"
    detail = f'There is no example "{wanted[:40]}" of {answer["status"]}; {meant}{there_are}.'
    yield ErrorObject(Code.INVALID_VALUE, detail, "/do/answer/example")


def _of_header(name: str, value: str) -> Iterator[ErrorObject]:
    pointer = f"/do/answer/headers/{name.replace('~', '~0').replace('/', '~1')}"
    if not _NAME.fullmatch(name):
        yield ErrorObject(Code.INVALID_VALUE, f'"{name[:40]}" is no name of a header.', pointer)
    elif name.lower() in FRAMING:
        detail = f"The server sends {name} by itself; a fault on the wire can break the framing."
        yield ErrorObject(Code.INVALID_VALUE, detail, pointer)
    if not _VALUE.fullmatch(value):
        detail = f"The value of {name[:40]} may have no control characters, and none beyond U+00FF."
        yield ErrorObject(Code.INVALID_VALUE, detail, pointer)
    yield from _of_expressions(value, pointer)


def _of_expressions(value: Any, pointer: str) -> Iterator[ErrorObject]:
    try:
        check_expressions(value)
    except ValueError as error:
        yield ErrorObject(Code.INVALID_VALUE, str(error), pointer)


def _of_wire(wire: Document) -> Iterator[ErrorObject]:
    if "pause-ms" in wire and wire["kind"] != WireKind.TRICKLE:
        detail = f'Only an answer that trickles pauses; "{wire["kind"]}" takes no "pause-ms".'
        yield ErrorObject(Code.INVALID_VALUE, detail, "/do/wire/pause-ms")
