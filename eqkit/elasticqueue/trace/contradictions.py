"""Contradictions in API docs, with HTTP, with JSON and among themselves, and gaps."""

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eqkit.contract.document import Json
from eqkit.elasticqueue.trace.http_examples import Example, Leaf, plain, repeated
from eqkit.elasticqueue.trace.slate import Fact, SlateFile
from eqkit.reason_phrases import reason_phrase

SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "x-api-key"}
TEMPLATE_WORDS = re.compile(
    r"\b(cats?|kittens?|kittn|meow\w*|lorem ipsum|tripit/slate|slatedocs|sign up for a developer key)\b",
    re.IGNORECASE,
)
"""Filler words, such as those of the page that every Slate file begins as."""
_ADDRESS = re.compile(r"(?:https?://[^/\s]+)?(/\w[^?#\s]*)")
_EPOCH = re.compile(r"\bepoch\b|\btimestamp\b|\bsince\b.*1970", re.IGNORECASE)
FIRST_MILLISECONDS = 10**11
"""As seconds this is the year 5138, as milliseconds it is 1973 (ruling D2)."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Facts that cannot all be meant; `facts` are the names of those that have to be decided on."""

    rule: str
    message: str
    facts: tuple[str, ...]
    line: int


def contradictions(slate: SlateFile) -> list[Contradiction]:
    """Find every contradiction and gap of the docs, in the order of the file."""
    found = [
        contradiction
        for rule in (_examples, _twins, _links, _units, _template_words, _gaps)
        for contradiction in rule(slate)
    ]
    return sorted(found, key=lambda each: each.line)


def _examples(slate: SlateFile) -> Iterator[Contradiction]:
    for example in slate.examples:
        for rule in _EXAMPLE_RULES:
            yield from rule(example, slate)


def _status_and_reason(example: Example, slate: SlateFile) -> Iterator[Contradiction]:
    if example.status is None or not example.reason:
        return
    known = reason_phrase(example.status) or "no phrase of its own"
    if known.lower() != example.reason.lower():
        message = f"{example.status} is {known}, not {example.reason}"
        facts = (f"{example.name}/status", f"{example.name}/reason")
        yield Contradiction("docs-status-reason", message, facts, example.line)


def _body_that_cannot_be(example: Example, slate: SlateFile) -> Iterator[Contradiction]:
    if example.body and (example.kind == "1xx" or example.status in (204, 304)):
        message = f"a {example.status} has no content, and a body is printed (RFC 9110 15.3.5)"
        yield Contradiction("docs-body-forbidden", message, (f"{example.name}/status",), example.line)


def _malformed(example: Example, slate: SlateFile) -> Iterator[Contradiction]:
    if not example.empty_line:
        message = "there is no empty line between the headers and the body (RFC 9112 2.1)"
        facts = (f"{example.name}/empty-line",)
        yield Contradiction("docs-no-empty-line", message, facts, example.body_line)
    if example.body and not example.readable:
        message = "the body is not JSON"
        yield Contradiction("docs-not-json", message, (f"{example.name}/body",), example.body_line)


def _duplicate_keys(example: Example, slate: SlateFile) -> Iterator[Contradiction]:
    again = [(path, line) for path, _, line in example.leaves if repeated(path)]
    if again:
        paths = ", ".join(path for path, _ in again)
        facts = tuple(f"{example.name}/body/{path}" for path, _ in again)
        message = f"keys stand twice in one object, of which parsers keep one: {paths}"
        yield Contradiction("docs-duplicate-key", message, facts, again[0][1])


def _echoed_secrets(example: Example, slate: SlateFile) -> Iterator[Contradiction]:
    if example.status is None:
        return
    sent = {
        value
        for each in slate.examples
        if each.method
        for name, (value, _) in each.headers.items()
        if name.lower() in SECRET_HEADERS
    }
    for name, (value, line) in example.headers.items():
        if name.lower() in SECRET_HEADERS or value in sent:
            fact = f"{example.name}/headers/{name}"
            yield Contradiction(
                "docs-secret-echoed", f"an answer repeats the secret in {name}", (fact,), line
            )
    for path, value, line in example.leaves:
        if value in sent:
            fact = f"{example.name}/body/{path}"
            yield Contradiction(
                "docs-secret-echoed", f"an answer repeats the secret at {path}", (fact,), line
            )


_EXAMPLE_RULES: tuple[Callable[[Example, SlateFile], Iterator[Contradiction]], ...] = (
    _status_and_reason,
    _body_that_cannot_be,
    _malformed,
    _duplicate_keys,
    _echoed_secrets,
)


def _twins(slate: SlateFile) -> Iterator[Contradiction]:
    for example, header in slate.left_out():
        message = f"this example has no {header}, and its twin has"
        twins = [twin for twin in slate.examples if twin.kind == example.kind and header in twin.headers]
        facts = tuple(f"{each.name}/headers/{header}" for each in (example, *twins))
        yield Contradiction("docs-header-missing", message, facts, example.line)


def _links(slate: SlateFile) -> Iterator[Contradiction]:
    """Compare the path of a link with that of the request: a difference before the end is a contradiction."""
    request: Example | None = None
    for example in slate.examples:
        if example.target is not None:
            request = example
        elif request is not None:
            for leaf in example.leaves:
                yield from _link(request, example, leaf)


def _link(request: Example, answer: Example, leaf: Leaf) -> Iterator[Contradiction]:
    path, value, line = leaf
    link = _ADDRESS.match(value) if isinstance(value, str) else None
    target = _ADDRESS.match(request.target or "")
    if link is None or target is None:
        return
    asked, linked = target[1].strip("/").split("/"), link[1].strip("/").split("/")
    matcher = difflib.SequenceMatcher(None, asked, linked, autojunk=False)
    for kind, i, j, k, n in matcher.get_opcodes():
        # A link may lead on from the request's path, or to another thing in its place.
        if kind == "equal" or j == len(asked):
            continue
        before, after = "/".join(asked[i:j]), "/".join(linked[k:n])
        rule = "docs-link-queue" if kind == "replace" else "docs-link-base"
        message = f"the link leads to /{'/'.join(linked)}, the request went to {request.target}"
        message += f": {before or 'nothing'} has become {after or 'nothing'}"
        yield Contradiction(rule, message, (f"{answer.name}/body/{path}",), line)


def _units(slate: SlateFile) -> Iterator[Contradiction]:
    """A described unit of time and the size of the values that are shown for it have to fit."""
    for fact in slate.facts:
        row = re.search(r"#table(?:-\d+)?/(.+)/[^/]*\Z", fact.name)
        unit = _unit(fact.value)
        if row is None or unit is None:
            continue
        for name, value, line in _sample_values(slate, row[1]):
            if unit != ("milliseconds" if value >= FIRST_MILLISECONDS else "seconds"):
                message = f"{row[1]} is said to be in {unit}, which {value} cannot be"
                yield Contradiction("docs-unit", message, (fact.name, name), line)


def _unit(text: Json) -> str | None:
    if not isinstance(text, str) or not _EPOCH.search(text):
        return None
    found = re.search(r"\b(milli)?seconds?\b|\bms\b", text, re.IGNORECASE)
    return None if found is None else "seconds" if found[0].lower().startswith("s") else "milliseconds"


def _sample_values(slate: SlateFile, parameter: str) -> Iterator[tuple[str, int, int]]:
    for example in slate.examples:
        for path, value, line in example.leaves:
            if plain(path) == parameter and isinstance(value, int) and value > 0:
                yield f"{example.name}/body/{path}", value, line


def _template_words(slate: SlateFile) -> Iterator[Contradiction]:
    for fact in slate.facts:
        found = TEMPLATE_WORDS.search(fact.value) if isinstance(fact.value, str) else None
        if found:
            message = f'"{found[0]}" is left over from the template of the page'
            yield Contradiction("docs-template-words", message, (fact.name,), fact.line)


def _gaps(slate: SlateFile) -> Iterator[Contradiction]:
    for fact in slate.facts:
        if fact.name.endswith("#empty"):
            yield Contradiction("docs-empty-section", f"{fact.value} is empty", (fact.name,), fact.line)
        elif fact.name.startswith("front/includes/") and not _included(slate, fact):
            message = f"the page {fact.value} is included, and there is none"
            yield Contradiction("docs-missing-include", message, (fact.name,), fact.line)


def _included(slate: SlateFile, fact: Fact) -> bool:
    here = slate.file.parent / "includes"
    return any((here / f"{prefix}{fact.value}.md").is_file() for prefix in ("_", ""))
