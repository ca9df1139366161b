"""Failures of fuzzing as a pytest file that stands alone: plain urllib, one test for each failure."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from eqkit.checks.fuzz.findings import Failure
from eqkit.checks.fuzz.fuzzing import is_repeatable
from eqkit.checks.fuzz.json_schemas import to_json_schema
from eqkit.checks.fuzz.requests import FILTERED, HIDDEN, OF_THE_CLIENT, Step, body_of
from eqkit.contract.credentials import authorization
from eqkit.contract.document import Document
from eqkit.contract.media_types import documented, essence
from eqkit.contract.operations import Contract, DocumentedResponse, Operation, sent_method

HEADER = '''"""What `eqkit fuzz` found: each test fails as long as the server breaks the contract as it did.

Needs pytest, and jsonschema for answers that break their schema. EQKIT_URL is the base URL, and
EQKIT_CLIENT_KEY a key.
"""

import json
import os
import urllib.error
import urllib.parse
import urllib.request
import uuid

URL = os.environ.get("EQKIT_URL", {url!r})
KEY = os.environ.get("EQKIT_CLIENT_KEY", "test_fuzz")
RUN = uuid.uuid4().hex  # makes idempotency keys that no earlier run has used


class NotFollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


OPENER = urllib.request.build_opener(NotFollowed)


def send(method, path, headers, body):
    request = urllib.request.Request(URL + path, body, headers, method=method)
    try:
        answer = OPENER.open(request, timeout=30)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    with answer:
        return answer.status, {{name.lower(): value for name, value in answer.headers.items()}}, answer.read()
'''

_KEYS = {"": "KEY", "Basic": '"Basic " + __import__("base64").b64encode(KEY.encode()).decode()'}
"""The expression for the header Authorization, by its scheme."""


def pytest_file(document: Document, url: str, failures: Sequence[Failure]) -> str:
    """Return the text of a pytest file with one test for each failure.

    Texts of the contract and the server stand in it as literals only; otherwise they would run as code.
    """
    base = urlsplit(url).path.rstrip("/")
    tests = [
        _test(_name(number, failure), document, base, failure) for number, failure in enumerate(failures, 1)
    ]
    return "\n\n".join([HEADER.format(url=url.rstrip("/")), *tests])


def _name(number: int, failure: Failure) -> str:
    """Return a name in ASCII that begins with a number, so that no two are alike."""
    return "_".join(["test", str(number), *re.findall("[a-z0-9]+", failure["operation"].lower())[:12]])


def _test(name: str, document: Document, base: str, failure: Failure) -> str:
    *before, last = failure["sequence"]
    check = next(each for each in last["checks"] if each["status"] == "failure")
    detail = f"{failure['operation']}: {check['message'].strip().partition(chr(10))[0]} ({check['name']})"
    lines = [f"def {name}():", f"    {detail!r}"]
    tag = f"-{failure['fingerprint']}-"
    lines += [f"    {_sent(document, base, step, tag)}" for step in before]
    lines.append(f"    status, headers, body = {_sent(document, base, last, tag)}")
    if _is_allowed(last, check["name"]):
        lines.append('    assert status != 401, "the server refuses the key: see EQKIT_CLIENT_KEY"')
    lines += [f"    {line}" for line in _claims(check["name"], document, failure)]
    return "\n".join(lines) + "\n"


def _is_allowed(step: Step, check: str) -> bool:
    """Return whether a request went with a key that was taken, so that a 401 would be about the key alone."""
    sent = FILTERED in step["headers"].values() or any(each in step["url"] for each in HIDDEN)
    was_refused = bool(step.get("response")) and step["response"]["status_code"] == 401
    return sent and not was_refused and check != "ignored_auth"


def _sent(document: Document, base: str, step: Step, tag: str) -> str:
    """Return the call that sends a request; its path is that below the base, which stands in `URL`."""
    parts = urlsplit(step["url"])
    path = repr(parts.path.removeprefix(base) + (f"?{parts.query}" if parts.query else ""))
    for hidden in HIDDEN:
        if hidden in path:
            path = f"{path}.replace({hidden!r}, urllib.parse.quote(KEY))"
    scheme = authorization(document, step.get("operation") or "")
    headers = ", ".join(
        f"{header!r}: {_value(header, value, tag, scheme)}"
        for header, value in step["headers"].items()
        if header.lower() not in OF_THE_CLIENT
    )
    return f"send({step['method']!r}, {path}, {{{headers}}}, {body_of(step)!r})"


def _value(header: str, value: str, tag: str, scheme: str) -> str:
    if value == FILTERED:
        return _KEYS.get(scheme, f"{scheme + ' '!r} + KEY") if header.lower() == "authorization" else "KEY"
    return f"{value + tag!r} + RUN" if is_repeatable(header, value) else repr(value)


def _claims(check: str, document: Document, failure: Failure) -> list[str]:
    """Return the lines that hold for an answer which passes a check."""
    last = failure["sequence"][-1]
    status = last["response"]["status_code"] if last.get("response") else 0
    operation = _operation(document, failure)
    answer = None if operation is None else operation.answer(status)
    match check:
        case "not_a_server_error":
            return ["assert status < 500, body"]
        case "status_code_conformance" if operation is not None:
            listed = ", ".join(sorted(repr(each.status) for each in operation.answers))
            return [f"assert {{str(status), f'{{status // 100}}XX'}} & {{{listed}}}, body"]
        case "negative_data_rejection" | "missing_required_header":
            return ["assert 400 <= status < 500, body"]
        case "positive_data_acceptance":
            return ["assert 200 <= status < 300 or status in (401, 403, 404, 409, 413, 429), body"]
        case "ignored_auth":
            return ["assert status == 401, body"]
        case "unsupported_method":
            return ["assert status == 405, body", 'assert headers["allow"]']
        case "response_headers_conformance" if answer is not None:
            wanted = sorted(name.decode() for name in answer.required_headers)
            return [f"assert set({wanted!r}) <= set(headers), headers"]
        case "content_type_conformance" if answer is not None:
            known = sorted({essence(media_type) or "" for media_type in answer.content})
            return [f'assert headers["content-type"].partition(";")[0] in {known!r}']
        case "response_schema_conformance" if answer is not None and answer.content:
            return _schema_claims(document, status, last["response"], answer)
    if not last.get("response"):
        return ["assert status"]
    seen = (last["response"]["status_code"], last["response"]["body"])
    return [f"assert (status, body.decode(errors='replace')) != {seen!r}"]


def _operation(document: Document, failure: Failure) -> Operation | None:
    wanted = sent_method(failure["method"]), failure["path_template"]
    operations = Contract(document).operations.values()
    return next((each for each in operations if (each.method, each.path) == wanted), None)


def _schema_claims(
    document: Document, status: int, response: Mapping[str, Any], answer: DocumentedResponse
) -> list[str]:
    headers = {name.lower(): value for name, value in response["headers"].items()}
    media_type = documented(answer.content, headers.get("content-type")) or next(iter(answer.content))
    schema = document.inlined(answer.content[media_type].get("schema", {}))
    schema = _plain(to_json_schema(schema))
    draft = "Draft4" if str(document.data["openapi"]).startswith("3.0") else "Draft202012"
    return [
        "import jsonschema",
        f"schema = json.loads({json.dumps(schema)!r})",
        f"if status == {status}:",
        f"    jsonschema.{draft}Validator(schema).validate(json.loads(body))",
    ]


def _plain(schema: Any) -> Any:
    """Return a schema without the members that are for people only."""
    if isinstance(schema, dict):
        messages = {"description", "title", "example", "examples"}
        is_schema = "type" in schema or "properties" in schema
        return {
            name: _plain(value)
            for name, value in schema.items()
            if not (name.startswith("x-") or (is_schema and name in messages and not isinstance(value, dict)))
        }
    return [_plain(each) for each in schema] if isinstance(schema, list) else schema
