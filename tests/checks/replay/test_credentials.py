"""Credentials that a request lacks: found where all of its headers are known, and nowhere else."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from eqkit.checks.conformance import Conformance
from eqkit.checks.findings import Finding
from eqkit.checks.proxy.proxy import Proxy
from eqkit.checks.sources import load
from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.traffic.exchanges import Headers, exchanges
from eqkit.traffic.recording import Recording
from tests.checks.pets import BASIC, BEARER, KEY, PETS, serving
from tests.checks.pets_checks import Open
from tests.checks.proxies import served
from tests.contract.messages.requests import request_of

LIST = ("GET", "/pets", {"cookie": "session=abc"})
"""Wants a token in Authorization, or a key in the query."""


def asked(tmp_path: Path, method: str, path: str, headers: dict[str, str]) -> tuple[list[Finding], Path]:
    """Send a request to a server that asks for no key, through a proxy; return its findings and recording."""
    findings: list[Finding] = []
    file = tmp_path / "passed.jsonl"
    with serving(Open) as upstream:
        proxy = Proxy(*load(PETS, [upstream]), upstream, findings.append, [Recording(file)])
        with served(proxy) as url:
            httpx.request(method, url + path, headers=headers)
    return findings, file


def rules(found: list[Finding]) -> set[str]:
    """Return the rules of findings."""
    return {each.rule for each in found}


@pytest.mark.parametrize(
    ("method", "path", "headers", "is_let_in"),
    [
        ("GET", "/pets", {}, False),
        (*LIST[:2], LIST[2], False),
        (*LIST[:2], LIST[2] | BEARER, True),
        (*LIST[:2], LIST[2] | BASIC, False),
        (*LIST[:2], LIST[2] | {"authorization": KEY}, False),
        ("GET", f"/pets?api_key={KEY}", LIST[2], True),
        ("DELETE", "/pets/7", BEARER, False),
        ("DELETE", "/pets/7", BASIC, True),
    ],
)
def test_a_proxy_reports_credentials_that_are_missing(
    method: str, path: str, headers: dict[str, str], is_let_in: bool, tmp_path: Path
) -> None:
    """It sees all headers; a service that answers all the same breaks its contract."""
    found, file = asked(tmp_path, method, path, headers)
    missing = {"request-security", "accepted-violation"}
    assert rules(found) & missing == (set() if is_let_in else missing & rules(found) | {"request-security"})
    # Its recording has every header, some of them masked: of those nobody can tell what they were.
    conformance = Conformance(*load(PETS))
    replayed = [each for entry in exchanges(file.read_bytes(), "x") for each in conformance.validate(entry)]
    assert rules(replayed) & (missing | {"request-parameter"}) == (set() if headers else rules(found))


@pytest.mark.parametrize(("headers", "is_reported"), [(LIST[2], True), (LIST[2] | BEARER, False)])
def test_a_good_answer_without_credentials_is_an_error(
    headers: dict[str, str], is_reported: bool, tmp_path: Path
) -> None:
    """The service lets in a request that its contract keeps out."""
    found, _ = asked(tmp_path, "GET", "/pets", headers)
    errors = [each.message.partition(": ")[2] for each in found if each.rule == "accepted-violation"]
    assert errors == (
        ["answered 200, though the credentials are missing: bearer or query"] if is_reported else []
    )


@pytest.mark.parametrize("ours", [True, False])
def test_a_recording_of_another_tool_proves_nothing(ours: bool) -> None:
    """Browsers leave keys and cookies out of their exports; our own recordings leave out no header."""
    entry: dict[str, Any] = {
        "request": {"method": "GET", "url": "http://pets.test/api/v2/pets", "headers": []},
        "response": {"status": 401, "headers": [], "content": {}},
    }
    recorded = exchanges(
        json.dumps(entry | ({"_eqkit": {"redacted": "[redacted]"}} if ours else {})).encode(), "x"
    )
    found = Conformance(*load(PETS)).validate(recorded[0])
    assert ("request-security" in rules(found)) == ours


SCHEMES: Json = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "oauth": {"type": "oauth2", "flows": {}},
    "certificate": {"type": "mutualTLS"},
}


@pytest.mark.parametrize(
    ("security", "query", "headers", "is_let_in"),
    [
        ([], "", (), True),
        ([{}], "", (), True),
        ([{"header": []}, {}], "", (), True),
        ([{"header": []}], "", (("x-key", "1"),), True),
        ([{"header": []}], "X-Key=1", (), False),
        ([{"query": []}], "key=1", (), True),
        ([{"query": []}], "", (("key", "1"),), False),
        ([{"cookie": []}], "", (("Cookie", "a=1; sid=2"),), True),
        ([{"cookie": []}], "", (("Cookie", "a=1"), ("Cookie", "sid=2")), True),
        ([{"cookie": []}], "", (("Cookie", "a=sid=2"),), False),
        ([{"bearer": []}], "", (("Authorization", "BEARER x"),), True),
        ([{"bearer": []}], "", (("Authorization", "x"),), False),
        ([{"oauth": ["read"]}], "", (("Authorization", "DPoP x"),), True),
        ([{"certificate": []}], "", (), True),
        ([{"unknown": []}], "", (), True),
        ([{"header": [], "query": []}], "key=1", (), False),
        ([{"header": [], "query": []}, {"cookie": []}], "", (("cookie", "sid=1"),), True),
    ],
)
@pytest.mark.parametrize("of_all", [True, False])
def test_every_kind_of_scheme_is_looked_for(
    security: Json, query: str, headers: Headers, is_let_in: bool, of_all: bool
) -> None:
    """In the place that it names; of no alternative, or an empty one, nothing is wanted."""
    post: Json = {"responses": {}} | ({} if of_all else {"security": security})
    document = {
        "openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/t": {"post": post}},
        "webhooks": {"w": {"post": {"responses": {}}}},
        "security": security if of_all else [{"header": []}], "components": {"securitySchemes": SCHEMES},
    }  # fmt: skip
    contract = CompiledContract(Document(document))
    request = request_of("POST", query, headers, has_all_headers=True)
    found = [each.rule for each in contract.operation("/paths/~1t/post").request_violations(request)]
    assert found == ([] if is_let_in else ["request-security"])
    # The requirements of a document are for its service, and not for the receivers of its webhooks.
    assert [*contract.operation("/webhooks/w/post").request_violations(request)] == []
