"""The request of each test: made of the contract's examples, and generated where it has none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from eqkit.contract.credentials import asked_for
from eqkit.contract.document import Document, Json
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.media_types import essence, is_json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Operation
from eqkit.exports.exchanges import NotExportable, with_headers, with_keys
from eqkit.exports.requests import RequestExamples
from eqkit.exports.values import Values

KEY = "test_handlers"
"""Stands where an operation wants credentials; it opens a sandbox of its own."""


LONGEST, LONGEST_DOCUMENT = 20_000, 4_000
"""The most characters of a request that a test has, and of a document that it has as one."""

DEEPEST = 20
"""How deep such a document is nested at most."""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A valid request: method, target, headers, and its body, as a document where it is JSON."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    document: Json = None
    is_json: bool = False


class SentRequests:
    """Makes the requests of one contract."""

    def __init__(self, document: Document, compiled: CompiledContract) -> None:
        """Take the contract."""
        self._document, self._compiled = document, compiled
        self._examples = RequestExamples(Values(compiled.requests))

    def of(self, operation: Operation) -> SentRequest:
        """Return a request of valid parameters and a valid body; raises NotExportable."""
        example = self._examples.default(self._compiled.operation(operation.pointer))
        credentials = asked_for(self._document, KEY, operation)
        target = with_keys(example.target(operation.path), credentials)
        headers = dict(with_headers(example.headers, credentials.headers))
        if len(target) + len(example.body) > LONGEST:
            raise NotExportable(f"its example has {len(example.body):,} bytes")
        return _readable(SentRequest(operation.method, target, headers, example.body))


def _readable(request: SentRequest) -> SentRequest:
    """Return a request with the document of its body, where that is JSON and plain enough to be read."""
    sent_as = request.headers.get("Content-Type")
    if not is_json(sent_as) or len(request.body) > LONGEST_DOCUMENT:
        return request
    try:
        document = json_of(request.body)
    except NotJson:
        return request
    if _depth(document) > DEEPEST:
        return request
    is_usual = essence(sent_as) == "application/json"
    headers = {
        name: value for name, value in request.headers.items() if name != "Content-Type" or not is_usual
    }
    return replace(request, headers=headers, body=b"", document=document, is_json=True)


def _depth(document: Json) -> int:
    depth, level = 0, [document]
    while level and depth <= DEEPEST:
        depth += 1
        lists = [
            each.values() if isinstance(each, dict) else each
            for each in level
            if isinstance(each, dict | list)
        ]
        level = [value for values in lists for value in values]
    return depth
