"""The exchanges of a recording: those for the contract, and none of their secrets."""

import json
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.exports.formats.har import har
from eqkit.exports.sources import Export, of_recordings
from eqkit.traffic.exchanges import RecordedExchange, exchanges
from eqkit.traffic.routes import Routes
from tests.exports.shops import shop

JSON = ("Content-Type", "application/json")


def recorded(method: str, path: str, **members: Any) -> RecordedExchange:
    """Return an exchange with the shop, which is answered 200 unless it says otherwise."""
    defaults: dict[str, Any] = {"request_body": b"", "status": 200, "response_body": b""}
    return RecordedExchange("r", method, f"https://shop.example/v1{path}", **defaults | members)


def export_of(*found: RecordedExchange, **members: Any) -> Export:
    """Return the exchanges of a recording."""
    return of_recordings(Routes(Contract(Document(shop(**members)))), found)


def test_recorded_exchanges_are_those_of_the_contract() -> None:
    """Each has its operation and the texts of its path; others are told, and those of other hosts are not."""
    export = export_of(
        recorded("GET", "/things/7%2F8"),
        recorded("GET", "/things/9"),
        recorded("PUT", "/things/9"),
        recorded("GET", "/things/9", status=0),
        RecordedExchange("other", "GET", "https://other.example/x", status=200),
        RecordedExchange("line 6", "", "", broken="neither HAR nor JSONL"),
    )
    assert [(each.operation.id, each.name, each.path) for each in export.exchanges] == [
        ("showThing", "recorded-1", {"id": "7%2F8"}),
        ("showThing", "recorded-2", {"id": "9"}),
    ]
    assert [str(each) for each in export.left_out] == [
        "line 6: neither HAR nor JSONL",
        "r: the contract has no such operation",
        "r: it has no answer",
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"request_headers": (("Authorization", "Bearer s3cret"),)},
        {"request_headers": (("Cookie", "sid=s3cret"),)},
        {"request_headers": (("X-Own", "s3cret"),)},
        {"request_headers": (("X-Session-Token", "s3cret"),)},
        {"response_headers": (("Set-Cookie", "sid=s3cret"),)},
        {"response_headers": (("Location", "/a?token=s3cret"),)},
        {"request_headers": (JSON,), "request_body": b'{"password": "s3cret"}'},
        {"response_headers": (JSON,), "response_body": b'{"a": [{"accessToken": "s3cret"}]}'},
        {"request_headers": (("Content-Type", "application/x-www-form-urlencoded"),),
         "request_body": b"password=s3cret"},
        {"url": "https://user:s3cret@shop.example/v1/things?own=s3cret&token=s3cret"},
    ],
)  # fmt: skip
def test_no_secret_is_exported(members: dict[str, Any]) -> None:
    """Secrets are known by their names, and by those that the contract gives its keys."""
    components = {
        "securitySchemes": {
            "Token": {"type": "apiKey", "in": "header", "name": "X-Own"},
            "Query": {"type": "apiKey", "in": "query", "name": "own"},
        }
    }
    found: dict[str, Any] = {"url": "https://shop.example/v1/things"} | members
    export = export_of(RecordedExchange("r", "GET", status=200, **found), components=components)
    assert len(export.exchanges) == 1
    assert "s3cret" not in json.dumps(har(export.exchanges))
    assert "s3cret" not in repr(export.exchanges)


def test_a_recording_stays_as_it_was() -> None:
    """As an archive again, nothing but its secrets is changed, and no key or preference is added."""
    first = recorded("GET", "/things/7", response_headers=(JSON,), response_body=b'{"n": 1e400, "n": 1.0}')
    second = recorded("GET", "/things/8", request_body=None, response_body=None, status=500)
    archive = json.dumps(har(export_of(first, second).exchanges)).encode()
    again = exchanges(archive, "a.har")
    assert [each.response_body for each in again] == [first.response_body, None]
    assert [each.url for each in again] == [first.url, second.url]
    assert [each.request_headers for each in again] == [(), ()]
    assert not any(each.has_all_headers for each in again)
