"""Each violation of the contract is found in a recorded exchange, at its place in the document."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from eqkit.checks.conformance import Conformance
from eqkit.checks.findings import Finding, Severity
from eqkit.contract.loading.source_map import ContractFile
from eqkit.contract.operations import Contract
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes
from tests.clients import JSON_API, message

FILE = ContractFile.load()
CONFORMANCE = Conformance(FILE, Routes(Contract(FILE.document)))
URL = "http://mock.test/v1/queues/mail/messages"
SENT = (("Content-Type", JSON_API), ("Authorization", "live_secret"))
ID = "72301093732"
SCHEMAS = "/components/schemas"
RESPONSES = "/components/responses"


def body(document: Any) -> bytes:
    """Write a document as a client does."""
    return json.dumps(document).encode()


def link(identifier: str) -> str:
    """Return the self link of a message."""
    return f"{URL}/{identifier}"


def accepted(**members: Any) -> bytes:
    """Return the body of a 202, with other members in its resource."""
    data = {"type": "message", "id": ID, "links": {"self": link(ID)}} | members
    return body({"jsonapi": {"version": "1.1"}, "data": {k: v for k, v in data.items() if v is not None}})


def error(code: str = "missing-member", status: str = "400") -> bytes:
    """Return an error document."""
    messages = {"id": "error-1", "status": status, "code": code, "title": "Member missing", "detail": "No."}
    return body({"jsonapi": {"version": "1.1"}, "errors": [messages]})


ALWAYS = (("content-type", JSON_API), ("vary", "Accept"), ("access-control-allow-origin", "*"))
GOOD = RecordedExchange(
    name="good",
    method="POST",
    url=URL,
    request_headers=SENT,
    request_body=body({"data": message()}),
    status=202,
    response_headers=(*ALWAYS, ("location", link(ID)), ("content-location", link(ID))),
    response_body=accepted(),
)
REFUSED = replace(
    GOOD,
    name="refused",
    request_body=b'{"data":{}}',
    status=400,
    response_headers=ALWAYS,
    response_body=error(),
)


def validated(exchange: RecordedExchange) -> list[tuple[str, str]]:
    """Return rule and pointer of each finding that is an error."""
    return [
        (finding.rule, str(finding.place and finding.place.pointer))
        for finding in CONFORMANCE.validate(exchange)
        if finding.severity is Severity.ERROR
    ]


def warned(exchange: RecordedExchange) -> list[Finding]:
    """Return the warnings about an exchange."""
    return [each for each in CONFORMANCE.validate(exchange) if each.severity is Severity.WARNING]


@pytest.mark.parametrize(
    "exchange",
    [
        GOOD,
        replace(GOOD, request_body=None, response_body=None),
        replace(GOOD, url=URL.replace("mail", "m%61il")),
        replace(GOOD, status=0, response_headers=(), response_body=None),
        replace(GOOD, request_headers=(("content-type", f"{JSON_API}; profile=x"), ("Idempotency-Key", "k"))),
        replace(GOOD, method="OPTIONS", request_body=b"", status=204, response_body=b""),
    ],
)
def test_a_good_exchange_raises_no_alarm(exchange: RecordedExchange) -> None:
    """Bodies that were not kept, headers that an export leaves out, and HTTP's own OPTIONS included."""
    assert CONFORMANCE.validate(exchange) == []


@pytest.mark.parametrize(
    ("changed", "rule", "pointer"),
    [
        ({"status": 200}, "response-status", "/paths/~1v1~1queues~1{queue}~1messages/post/responses"),
        ({"response_headers": ALWAYS[1:]}, "response-media-type", f"{RESPONSES}/Enqueued/content"),
        ({"response_body": accepted(id=1)}, "response-body", f"{SCHEMAS}/MessageId"),
        ({"response_body": accepted(links=None)}, "response-body", f"{SCHEMAS}/EnqueuedMessage"),
        ({"response_body": accepted(attributes={})}, "response-undocumented", f"{SCHEMAS}/EnqueuedMessage"),
        ({"response_body": accepted()[:-1]}, "response-body", f"{SCHEMAS}/EnqueuedMessageDocument"),
        ({"response_body": b""}, "response-body", f"{SCHEMAS}/EnqueuedMessageDocument"),
        (
            {"response_body": b'{"data": null, ' + accepted()[1:]},
            "response-body",
            f"{SCHEMAS}/EnqueuedMessageDocument",
        ),
        (
            {"response_headers": (*GOOD.response_headers[:3], ("content-location", link(ID)))},
            "response-header",
            "/components/headers/Location",
        ),
        (
            {"response_headers": (*GOOD.response_headers, ("vary", "?"))},
            "response-header",
            "/components/headers/Vary",
        ),
        ({"request_body": b'{"data":{"type":"message"}}'}, "accepted-violation", f"{SCHEMAS}/MessageInput"),
        ({"url": URL + "?verbose=1"}, "accepted-violation", "/paths/~1v1~1queues~1{queue}~1messages"),
        ({"url": URL.replace("mail", "_mail")}, "accepted-violation", "/components/parameters/queue"),
        ({"url": URL + "/"}, "accepted-violation", "/paths"),
        ({"method": "PUT"}, "accepted-violation", "/paths/~1v1~1queues~1{queue}~1messages"),
    ],
)
def test_each_break_is_found_at_its_place(changed: dict[str, Any], rule: str, pointer: str) -> None:
    """A violation of the server is an error, with the pointer to its rule in the contract."""
    assert (rule, pointer) in validated(replace(GOOD, **changed))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"response_body": error(status="409")}, "response-error-status"),
        ({"response_body": error(code="no-such-code")}, "response-body"),
        ({"status": 500, "response_body": error("internal-error", "500")}, "server-error"),
        ({"status": 422}, "response-status"),
    ],
)
def test_a_wrong_refusal_is_found(changed: dict[str, Any], rule: str) -> None:
    """A status that the errors contradict, a code that nobody has, a failure, and a status that is none."""
    assert [each[0] for each in validated(replace(REFUSED, **changed))] == [rule]


def test_a_head_with_a_body_is_found() -> None:
    """A response to HEAD has no content, even where GET has some (RFC 9110 9.3.2)."""
    head = replace(GOOD, method="HEAD", url=link(ID), request_body=b"", status=200, response_body=b"{}")
    assert [each[0] for each in validated(head)] == ["response-body"]
    assert validated(replace(head, response_body=b"")) == []


def test_a_violation_that_was_refused_is_the_clients() -> None:
    """It is a warning, for the server did right; the line is the one where the rule stands."""
    assert validated(REFUSED) == []
    warnings = warned(REFUSED)
    assert [each.rule for each in warnings] == ["request-body", "request-body"]
    assert warnings[0].place is not None
    line = FILE.file.read_text().splitlines()[(warnings[0].place.line or 0) - 1]
    assert line.strip() == "MessageInput:"


def test_a_good_request_that_is_refused_is_doubted() -> None:
    """A schema cannot state every rule, so it is a warning and no error."""
    doubted = replace(REFUSED, request_body=GOOD.request_body)
    assert [each.rule for each in warned(doubted)] == ["refused-good-request"]
    applied = (*ALWAYS, ("preference-applied", "code=400"))
    assert CONFORMANCE.validate(replace(doubted, response_headers=applied)) == []


@pytest.mark.parametrize("mask", ["[Filtered]", "[redacted]", "*****"])
def test_a_value_that_was_made_unreadable_is_not_validated(mask: str) -> None:
    """Schemathesis and others mask possible secrets; with such a value the request itself is in doubt."""
    masked = (*GOOD.response_headers[:3], ("location", mask), ("content-location", mask))
    assert CONFORMANCE.validate(replace(GOOD, response_headers=masked)) == []
    doubted = replace(
        REFUSED, request_body=GOOD.request_body, request_headers=(*SENT, ("Idempotency-Key", mask))
    )
    assert CONFORMANCE.validate(doubted) == []


NUMBERS = """
openapi: 3.0.3
info: {title: Numbers, version: 1.0.0}
paths:
  /numbers/{id}:
    post:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: X-Sent, in: header, schema: {type: integer}}
        - {name: session, in: cookie, schema: {type: integer}}
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Number"}}}}
      responses:
        200:
          description: The number.
          headers: {X-Answered: {schema: {type: integer}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Number"}}}
components:
  schemas:
    Number: {type: object, properties: {token: {type: integer}}}
"""
MASKS = ("[redacted]", "[Filtered]", "<removed>", "***")


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Conformance:
    """A contract that has a number in each place where a tool may mask a value."""
    file = tmp_path_factory.mktemp("numbers") / "numbers.yaml"
    file.write_text(NUMBERS)
    contract = ContractFile.load(file)
    return Conformance(contract, Routes(Contract(contract.document)))


def with_value(value: str, place: str) -> RecordedExchange:
    """Return an exchange that is as the contract has it, but for the value in one place."""
    places: tuple[str, ...] = ("path", "query", "header", "cookie", "answered", "sent", "body")
    values: dict[str, str] = dict.fromkeys(places, "7")
    values[place] = value
    as_json = {name: body({"token": 7 if text == "7" else text}) for name, text in values.items()}
    return RecordedExchange(
        name=place,
        method="POST",
        url=f"http://mock.test/numbers/{quote(values['path'])}?limit={quote(values['query'])}",
        request_headers=(
            ("Content-Type", "application/json"),
            ("X-Sent", values["header"]),
            ("Cookie", f"session={values['cookie']}"),
        ),
        request_body=as_json["sent"],
        status=200,
        response_headers=(("content-type", "application/json"), ("x-answered", values["answered"])),
        response_body=as_json["body"],
    )


@pytest.mark.parametrize("place", ["path", "query", "header", "cookie", "answered"])
def test_no_place_of_a_masked_value_is_validated(numbers: Conformance, place: str) -> None:
    """Any other value that is no number is a finding in each of them."""
    assert numbers.validate(with_value("7", place)) == []
    assert [numbers.validate(with_value(mask, place)) for mask in MASKS] == [[]] * len(MASKS)
    assert numbers.validate(with_value("masked", place)) != []


@pytest.mark.parametrize("place", ["sent", "body"])
def test_a_masked_member_is_not_validated_where_we_have_masked_it(numbers: Conformance, place: str) -> None:
    """Our own recordings hide the secrets of documents; in those of others the text is the value."""
    masked = with_value("[redacted]", place)
    assert numbers.validate(replace(masked, is_ours=True)) == []
    assert numbers.validate(masked) != []
    assert numbers.validate(replace(with_value("[filtered]", place), is_ours=True)) != []


def test_a_lie_that_was_armed_is_a_note() -> None:
    """An answer that a fault has changed is intended."""
    lying = replace(GOOD, status=200, armed=(("liar", "status"),))
    assert {each.severity for each in CONFORMANCE.validate(lying)} == {Severity.NOTE}


def test_a_path_that_the_contract_has_not_got_is_404() -> None:
    """Nothing else answers there."""
    nowhere = replace(REFUSED, url=URL + "/1/2")
    assert validated(nowhere) == [("response-status", "/paths")]
    assert validated(replace(nowhere, status=404)) == []


def test_a_finding_shows_its_request_as_a_curl_line_without_the_key() -> None:
    """It can be pasted into a shell; neither the key nor a secret of the query is in it."""
    secret = replace(GOOD, status=200, url=URL + "?api_key=hidden&b=%20", request_body=b"it's @ \x00")
    line = CONFORMANCE.validate(secret)[0].request
    assert line == (
        "curl -i 'http://mock.test/v1/queues/mail/messages?api_key=[redacted]&b=%20' "
        """-H "Authorization: $EQKIT_CLIENT_KEY" -H 'Content-Type: application/vnd.api+json' """
        r"--data-binary $'it\x27s \x40 \x00'"
    )
