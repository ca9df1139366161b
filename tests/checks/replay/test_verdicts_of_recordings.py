"""The verdict of ``eqkit replay`` on each kind of entry that browsers and proxies write into a HAR."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from eqkit.cli.checks.replay import command

CONTRACT = """
openapi: VERSION
info: {title: C, version: "1"}
servers: [{url: "https://api.example/v1"}]
paths:
  /items:
    get:
      parameters:
        - {name: ids, in: query, schema: {type: array, items: {type: integer}}}
        - name: filter
          in: query
          style: deepObject
          schema: {type: object, properties: {a: {type: integer}}}
        - {name: at, in: query, schema: {type: string, format: date-time}}
      responses:
        200:
          description: x
          content:
            application/json:
              schema: {type: array, items: {required: [id], properties: {id: {type: integer}}}}
    post:
      requestBody:
        required: true
        content:
          application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string}, count: {type: integer}}
      responses:
        201:
          description: x
          content: {application/json: {schema: {type: object}}}
  /ws: {get: {responses: {101: {description: switching}}}}
  /sse:
    get:
      responses:
        200: {description: x, content: {text/event-stream: {schema: {type: string}}}}
"""
URL = "https://api.example/v1/items"
TYPE = [{"name": "content-type", "value": "application/json"}]
GOOD = '[{"id":1}]'
EVENTS = {"mimeType": "text/event-stream", "text": "data: x\n\n"}
FORM = "application/x-www-form-urlencoded"
PASSED, FAILED, NOTHING = 0, 1, 2
NO_FINDING, OTHERS = "nothing found", "none of the 1 recorded"
UNANSWERED = "1         1          0           1"
NOT_KEPT = "1         1          0           0           1"
"""The row of an exchange without an answer, and of one without a body that it had."""


def get(url: str = URL, text: Any = GOOD, **response: Any) -> dict[str, Any]:
    """An entry of a GET and its answer."""
    content = {"size": -1, "mimeType": "application/json", "text": text}
    return {
        "request": {"method": "GET", "url": url, "headers": [], "bodySize": -1},
        "response": {"status": 200, "headers": TYPE, "content": content} | response,
    }


def packed(text: str, encoding: str, body: bytes) -> dict[str, Any]:
    """An entry whose answer stands in base64, or as a text, with a Content-Encoding."""
    content = {"size": len(text), "mimeType": "application/json"}
    content |= {"text": base64.b64encode(body).decode(), "encoding": "base64"} if body else {"text": text}
    return get(headers=[*TYPE, {"name": "content-encoding", "value": encoding}], content=content)


def post(media_type: str, *, named: bool = True, **data: Any) -> dict[str, Any]:
    """An entry of a POST that was answered well; its media type stands in a header, too, or not."""
    headers = [{"name": "content-type" if named else "x-sent-as", "value": media_type}]
    request = {"method": "POST", "url": URL, "headers": headers, "bodySize": -1}
    answer = {"status": 201, "headers": TYPE, "content": {"size": 2, "text": "{}"}}
    return {"request": request | {"postData": {"mimeType": media_type, **data}}, "response": answer}


NO_HEADERS = {
    "method": "POST",
    "url": URL,
    "headers": [],
    "postData": {"mimeType": "application/json", "text": '{"name":"a"}'},
}
VERDICTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "good": (get(), PASSED, "1 tested, nothing found"),
    "not modified": (get(status=304, headers=[], content={"size": 0}), NOTHING, OTHERS),
    "from the cache": (get() | {"_fromCache": "disk"}, NOTHING, OTHERS),
    "aborted": (get(status=0, content={"size": 0}), PASSED, UNANSWERED),
    "no status": (get(status=None), PASSED, UNANSWERED),
    "no response": (get() | {"response": None}, PASSED, UNANSWERED),
    "status as a text": (get(status="200"), PASSED, NO_FINDING),
    "text not kept": (get(text=None), PASSED, NOT_KEPT),
    "content null": (get(content=None), PASSED, NOT_KEPT),
    "headers null": (get(headers=None), PASSED, NO_FINDING),
    "headers of HTTP/2": (get(headers=[{"name": ":status", "value": "200"}, *TYPE]), PASSED, NO_FINDING),
    "type in capitals": (
        get(headers=[{"name": "Content-Type", "value": "Application/JSON; charset=UTF-8"}]),
        PASSED,
        NO_FINDING,
    ),
    "a mark of byte order": (get(text=f"\ufeff{GOOD}"), PASSED, NO_FINDING),
    "base64": (packed(GOOD, "identity", GOOD.encode()), PASSED, NO_FINDING),
    "gzip": (packed(GOOD, "gzip", gzip.compress(b'[{"id":"x"}]')), FAILED, "[response-body]"),
    "brotli": (packed(GOOD, "br", b"\x8b\x02\x80"), PASSED, NOT_KEPT),
    "brotli, decoded": (packed(GOOD, "br", b""), PASSED, NO_FINDING),
    "a word in place of the body": (get(text="[redacted]"), PASSED, NOT_KEPT),
    "the beginning of a body": (
        get(content={"size": 1000, "mimeType": "application/json", "text": GOOD[:-1]}),
        PASSED,
        NOT_KEPT,
    ),
    "a wrong answer": (get(text='[{"id":"x"}]'), FAILED, "[response-body]"),
    "NaN": (get(text='[{"id":NaN}]'), FAILED, "not JSON"),
    "a prefix": (get(text=f")]}}',\n{GOOD}"), FAILED, "not JSON"),
    "a key twice": (get(text='[{"id":"x","id":1}]'), FAILED, "stands more than once"),
    "another status": (
        get(status=302, headers=[{"name": "location", "value": "/a"}]),
        FAILED,
        "answered 302",
    ),
    "a redirect elsewhere": (
        get(status=302, headers=[{"name": "location", "value": "https://sso.example/"}]),
        NOTHING,
        "none of",
    ),
    "a picture": (get("data:image/png;base64,AAAA"), NOTHING, OTHERS),
    "an extension": (get("chrome-extension://abc/x.js"), NOTHING, OTHERS),
    "no URL": (get("http://[::1"), NOTHING, "entry 1 is not one of a HAR: Invalid IPv6 URL"),
    "a slash too many": (get(f"{URL}/"), NOTHING, OTHERS),
    "two slashes": (get("https://api.example/v1//items"), NOTHING, OTHERS),
    "a fragment": (get(f"{URL}#part"), PASSED, NO_FINDING),
    "items": (get(f"{URL}?ids=1&ids=2"), PASSED, NO_FINDING),
    "items in another style": (get(f"{URL}?ids=1,2"), FAILED, "[accepted-violation]"),
    "a name that is not there": (get(f"{URL}?ids[]=1&ids[]=2"), PASSED, NO_FINDING),
    "an instant": (get(f"{URL}?at=2024-01-01T00:00:00%2B02:00"), PASSED, NO_FINDING),
    "a deep object": (get(f"{URL}?filter[a]=1&filter%5Bb%5D=x"), PASSED, NO_FINDING),
    "a wrong deep object": (get(f"{URL}?filter[a]=x"), FAILED, "[request-parameter]"),
    "a wrong deep object, escaped": (get(f"{URL}?filter%5Ba%5D=x"), FAILED, "[request-parameter]"),
    "a deeper object": (get(f"{URL}?filter[a][b]=x"), FAILED, "[request-parameter]"),
    "a socket": (get("wss://api.example/v1/ws", status=101, headers=[], content={}), PASSED, NO_FINDING),
    "events": (
        get("https://api.example/v1/sse", headers=[], content=EVENTS),
        PASSED,
        NO_FINDING,
    ),
    "type beside the headers": (
        post("application/json", named=False, text='{"name":"a"}'),
        PASSED,
        NO_FINDING,
    ),
    "no header at all": (
        post("application/json", text='{"name":"a"}') | {"request": NO_HEADERS},
        PASSED,
        NO_FINDING,
    ),
    "a wrong document": (post("application/json", text='{"nome":"a"}'), FAILED, "[accepted-violation]"),
    "a form": (post(FORM, text="name=1&count=2"), PASSED, NO_FINDING),
    "a form without a member": (post(FORM, text="nome=1"), FAILED, '"name" is missing. [accepted-violation]'),
    "a form of a wrong type": (post(f"{FORM}; charset=UTF-8", text="name=a&count=b"), FAILED, "at /count"),
    "a form taken apart": (
        post(FORM, params=[{"name": "name", "value": "1"}]),
        PASSED,
        NOT_KEPT,
    ),
}


def replayed(
    folder: Path, *entries: Any, version: str = "3.0.3", options: tuple[str, ...] = ()
) -> tuple[int, str]:
    """Return the exit code and the output for a HAR of some entries."""
    (folder / "c.yaml").write_text(CONTRACT.replace("VERSION", version))
    (folder / "r.har").write_text(json.dumps({"log": {"entries": entries}}))
    arguments = [str(folder / "r.har"), "--contract", str(folder / "c.yaml"), *options]
    result = CliRunner().invoke(command, arguments)
    return result.exit_code, result.output


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(("entry", "code", "message"), VERDICTS.values(), ids=VERDICTS)
def test_an_entry_gets_its_verdict(entry: Any, code: int, message: str, version: str, tmp_path: Path) -> None:
    """An entry is validated by HAR 1.2, HTTP and OpenAPI, with a contract of either version."""
    exit_code, output = replayed(tmp_path, entry, version=version)
    assert (exit_code, message in output) == (code, True), output


@pytest.mark.parametrize(("version", "code"), [("3.0.3", FAILED), ("3.1.0", PASSED)])
def test_a_whole_number_with_a_fraction_is_an_integer_of_3_1(version: str, code: int, tmp_path: Path) -> None:
    """JSON Schema has it so since draft 6 (validation, 6.1.1); 3.0 is by a draft before it."""
    assert replayed(tmp_path, get(text='[{"id":1.0}]'), version=version)[0] == code


def test_an_endpoint_below_the_base_that_the_contract_has_not_is_an_error(tmp_path: Path) -> None:
    """It is an error with a named base; without one, the request may be somebody else's."""
    entries = get(), get("https://api.example/v1/admin/users/7")
    assert replayed(tmp_path, *entries)[0] == PASSED
    code, output = replayed(tmp_path, *entries, options=("--base", "https://api.example/v1"))
    assert (code, "the contract has no path" in output) == (FAILED, True), output
