"""Failures of fuzzing as a pytest file that stands alone: plain urllib, one test for each failure."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from eqkit.checks.fuzz import FILTERED, Failure, is_repeatable
from eqkit.contract.document import Document

HEADER = '''"""What `eqkit fuzz` found: each test fails as long as the server breaks the contract as it did.

Needs pytest, and jsonschema for answers that break their schema. EQKIT_URL is the base URL, EQKIT_KEY a key.
"""

import json
import os
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("EQKIT_URL", {url!r})
KEY = os.environ.get("EQKIT_KEY", "test_fuzz")
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

OF_THE_CLIENT = {"user-agent", "accept-encoding", "connection", "x-schemathesis-testcaseid", "content-length"}
"""Headers that Schemathesis adds to each request and that no failure is about."""


def pytest_file(document: Document, url: str, failures: Sequence[Failure]) -> str:
    """Return the text of a pytest file with one test for each failure."""
    tests, names = [], set()
    for failure in failures:
        stem = re.sub(r"\W+", "_", f"{failure['operation']}_{failure['fingerprint']}").strip("_").lower()
        assert stem not in names
        names.add(stem)
        tests.append(_test(f"test_{stem}", document, failure))
    return "\n\n".join([HEADER.format(url=url.rstrip("/")), *tests])


def _test(name: str, document: Document, failure: Failure) -> str:
    *before, last = failure["sequence"]
    check = next(each for each in last["checks"] if each["status"] == "failure")
    told = check["message"].strip().splitlines()[0]
    lines = [f"def {name}():", f"    # {failure['operation']}: {ascii(told)[1:-1]} ({check['name']})"]
    tag = f"-{failure['fingerprint']}-"
    lines += [f"    {_sent(step, tag)}" for step in before]
    lines.append(f"    status, headers, body = {_sent(last, tag)}")
    lines += [f"    {line}" for line in _claims(check["name"], document, failure)]
    return "\n".join(lines) + "\n"


def _sent(step: Mapping[str, Any], tag: str) -> str:
    parts = urlsplit(step["url"])
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = ", ".join(
        f"{header!r}: {_value(header, value, tag)}"
        for header, value in step["headers"].items()
        if header.lower() not in OF_THE_CLIENT
    )
    return f"send({step['method']!r}, {path!r}, {{{headers}}}, {_body(step.get('case_body'))})"


def _value(header: str, value: str, tag: str) -> str:
    if value == FILTERED:
        return "KEY"
    return f"{value + tag!r} + RUN" if is_repeatable(header, value) else repr(value)


def _body(stored: Mapping[str, Any] | None) -> str:
    match (stored or {}).get("encoding"):
        case "json" if stored:
            return repr(json.dumps(stored["value"]).encode())
        case "base64" if stored:
            return f'__import__("base64").b64decode({stored["value"]!r})'
    return "None"


def _claims(check: str, document: Document, failure: Failure) -> list[str]:
    """Return the lines that hold for an answer which passes a check."""
    last = failure["sequence"][-1]
    operation = document.data["paths"][failure["path_template"]].get(failure["method"].lower(), {})
    responses = document.inlined(operation.get("responses", {}))
    answer = responses.get(str(last["response"]["status_code"]), {})
    match check:
        case "not_a_server_error":
            return ["assert status < 500, body"]
        case "status_code_conformance":
            return [f"assert str(status) in {sorted(responses)!r}, body"]
        case "negative_data_rejection" | "missing_required_header":
            return ["assert 400 <= status < 500, body"]
        case "positive_data_acceptance":
            return ["assert 200 <= status < 300 or status in (401, 403, 404, 409, 413, 429), body"]
        case "ignored_auth":
            return ["assert status == 401, body"]
        case "unsupported_method":
            return ["assert status == 405, body", 'assert headers["allow"]']
        case "response_headers_conformance":
            wanted = [
                name.lower() for name, each in answer.get("headers", {}).items() if each.get("required")
            ]
            return [f"assert set({wanted!r}) <= set(headers), headers"]
        case "content_type_conformance":
            return [
                f'assert headers["content-type"].partition(";")[0] in {sorted(answer.get("content", {}))!r}'
            ]
        case "response_schema_conformance" if answer.get("content"):
            schema = json.dumps(_plain(next(iter(answer["content"].values()))["schema"]))
            status = last["response"]["status_code"]
            return [
                "import jsonschema",
                f"schema = json.loads({schema!r})",
                f"if status == {status}:",
                "    jsonschema.Draft4Validator(schema).validate(json.loads(body))",
            ]
    seen = (last["response"]["status_code"], last["response"]["body"])
    return [f"assert (status, body.decode(errors='replace')) != {seen!r}"]


def _plain(schema: Any) -> Any:
    """Return a schema without what is written for people only."""
    if isinstance(schema, dict):
        told = {"description", "title", "example", "examples"}
        is_schema = "type" in schema or "properties" in schema
        return {
            name: _plain(value)
            for name, value in schema.items()
            if not (name.startswith("x-") or (is_schema and name in told and not isinstance(value, dict)))
        }
    return [_plain(each) for each in schema] if isinstance(schema, list) else schema
