"""The documented requests sent to a server, and its answers held against the requirements."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise

from eqkit.checks.findings import Finding
from eqkit.checks.quoting import format_value, same
from eqkit.contract.credentials import bare
from eqkit.contract.document import Json
from eqkit.elasticqueue.trace.http_examples import Example
from eqkit.elasticqueue.trace.requirements import Requirement, Traceability
from eqkit.elasticqueue.trace.slate import SlateFile
from eqkit.traffic.curl import curl_line
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.sending import DEFAULT_KEY, Unsendable, send


def check_server(url: str, requirements: Traceability, slate: SlateFile) -> Iterator[Finding]:
    """Send each documented request once, and yield where the server does not do as required.

    Each is sent with the key of the docs, also where an example lacks it. Raises StartupError if no server
    answers.
    """
    answers = dict(_answers(url, slate))
    for requirement in requirements.requirements:
        section, _, part = requirement.fact.rpartition("#")
        answer = answers.get(f"{section}#{part.partition('/')[0]}")
        if requirement.server and answer is None:
            message = f"{requirement.fact}: no request of the docs shows what the server does"
            yield Finding("trace-server", message, place=requirement.place)
        elif answer is not None:
            yield from _check(requirement, answer)


def _check(requirement: Requirement, answer: RecordedExchange) -> Iterator[Finding]:
    for part, wanted in requirement.server.items():
        got = _part(answer, part)
        if not _fits(got, wanted):
            answers = f"the server answers {part} {format_value(got)}"
            message = f"{requirement.fact}: {answers}, the requirement is {format_value(wanted)}"
            yield Finding("trace-server", message, place=requirement.place, request=curl_line(answer))


def _part(answer: RecordedExchange, name: str) -> Json:
    """Return ``status``, ``headers/Name`` or ``body/path`` of an answer; None if there is no such part."""
    kind, _, rest = name.partition("/")
    if kind == "status":
        return answer.status
    if kind == "headers":
        return answer.response_header(rest)
    try:
        node = json.loads(answer.response_body or b"null")
        for step in filter(None, rest.split("/")):
            node = node[int(step) if isinstance(node, list) else step]
    except (LookupError, TypeError, ValueError):
        return None
    return node


def _fits(got: Json, wanted: Json) -> bool:
    if isinstance(wanted, str) and len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return isinstance(got, str) and re.fullmatch(wanted[1:-1], got) is not None
    return same(got, wanted)


def _answers(url: str, slate: SlateFile) -> Iterator[tuple[str, RecordedExchange]]:
    """Yield the answer to each request under the name of the request, and of the answer that is printed."""
    keys = [
        example.headers["Authorization"][0]
        for example in slate.examples
        if "Authorization" in example.headers
    ]
    for example, following in pairwise([*slate.examples, Example("", 0)]):
        if example.method is None or example.target is None:
            continue
        headers = tuple((name, value) for name, (value, _) in example.headers.items())
        request = RecordedExchange(
            example.name, example.method, url + example.target, headers, example.body.encode()
        )
        try:
            answer = send(request, url, bare(keys[0] if keys else DEFAULT_KEY))
        except Unsendable:
            continue
        yield example.name, answer
        if following.status is not None:
            yield following.name, answer
