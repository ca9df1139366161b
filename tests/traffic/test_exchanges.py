"""Recordings are read as browsers, Playwright, mitmproxy and our own tools write them."""

import base64
import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from eqkit.errors import StartupError
from eqkit.traffic.exchanges import RecordedExchange, exchanges, read
from eqkit.traffic.routes import Routes
from tests.checks.traffic import CONTRACT

RECORDINGS = Path(__file__).parents[1] / "checks/recordings"
MAIL = "/v1/queues/mail/messages"


def ours(file: str, *bases: str) -> list[str]:
    """Name the exchanges of a recording that are for our contract."""
    return [each.name.partition("#")[2] for each in Routes(CONTRACT, bases).ours(read(RECORDINGS / file))]


def entry(request: dict[str, Any], response: dict[str, Any]) -> RecordedExchange:
    """Read the one entry of a HAR."""
    request = {"method": "POST", "url": f"http://mock.test{MAIL}", "headers": [], **request}
    har = {"log": {"entries": [{"request": request, "response": response}]}}
    return exchanges(json.dumps(har).encode(), "one.har")[0]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("chrome.har", [f"4 POST {MAIL}", f"5 GET {MAIL}/72301093732", f"8 POST {MAIL}"]),
        ("firefox.har", [f"1 POST {MAIL}", f"2 HEAD {MAIL}/72301093732", f"3 GET {MAIL}/72301093732"]),
        ("playwright.har", [f"1 POST {MAIL}", f"2 GET {MAIL}/72301093732", f"3 GET {MAIL}/72301093733"]),
        ("mitmproxy.har", [f"1 POST {MAIL}", f"2 POST {MAIL}", f"3 GET {MAIL}/1"]),
        ("proxy.jsonl", [f"1 POST {MAIL}", f"2 POST {MAIL}"]),
    ],
)
def test_traffic_of_others_is_left_out(file: str, expected: list[str]) -> None:
    """Other hosts, pages, preflights, redirects elsewhere, answers from a cache, the control plane."""
    assert ours(file) == expected


def test_a_base_leaves_only_the_exchanges_below_it() -> None:
    """A path that begins alike, and another port, are elsewhere."""
    assert len(ours("chrome.har", "http://127.0.0.1:8080")) == 3
    assert ours("chrome.har", "http://127.0.0.1:80", "http://127.0.0.1:8080/v1/queue") == []


@pytest.mark.parametrize(
    ("file", "number", "request_body", "response_body"),
    [
        ("chrome.har", 4, b'{"data":{"type":"message"', b'{"jsonapi"'),
        ("chrome.har", 5, b"", b'{"jsonapi"'),
        ("firefox.har", 2, b"", b""),
        ("firefox.har", 3, b"", None),
        ("playwright.har", 1, b'{"data"', b'{"jsonapi"'),
        ("playwright.har", 3, b"", None),
        ("mitmproxy.har", 1, b'{"data"', b'{"jsonapi"'),
        ("mitmproxy.har", 2, b'{"data"', None),
    ],
)
def test_bodies_are_decoded_and_distinguished_from_those_not_kept(
    file: str, number: int, request_body: bytes, response_body: bytes | None
) -> None:
    """Base64, attached files and gzip are undone; a left-out or unreadable body is None."""
    exchange = read(RECORDINGS / file)[number - 1]
    assert exchange.request_body is not None
    assert exchange.request_body.startswith(request_body)
    if not response_body:
        assert exchange.response_body == response_body
    else:
        assert exchange.response_body is not None
        assert exchange.response_body.startswith(response_body)


def test_an_exchange_that_was_never_answered_has_no_status() -> None:
    """Chrome and mitmproxy write 0, Playwright -1."""
    files = (("chrome.har", 8), ("playwright.har", 2), ("mitmproxy.har", 3))
    assert [read(RECORDINGS / file)[number - 1].status for file, number in files] == [0, 0, 0]


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        ({"bodySize": 0}, b""),
        ({"bodySize": 12}, None),
        ({"bodySize": -1}, None),
        ({"bodySize": -1, "headers": [{"name": "Content-Length", "value": "0"}]}, b""),
        ({"postData": {"mimeType": "text/plain", "text": ""}}, b""),
        ({"postData": {"params": [{"name": "a", "value": "b"}]}}, None),
        ({"postData": {"text": "AAE=", "encoding": "base64"}}, b"\x00\x01"),
        ({"method": "get", "bodySize": -1}, b""),
    ],
)
def test_a_request_without_text_is_distinguished_from_one_without_body(
    request_: dict[str, Any], body: bytes | None
) -> None:
    """Its size or its Content-Length says which; a form that was taken apart is no body."""
    assert entry(request_, {}).request_body == body


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_counts_as_not_kept(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that decompresses to more than LARGEST_BODY is not taken into memory."""
    monkeypatch.setattr("eqkit.traffic.exchanges.LARGEST_BODY", 1000)
    text = base64.b64encode(gzip.compress(bytes(1001))).decode()
    headers = [{"name": "content-encoding", "value": encoding}]
    content = {"size": 1001, "text": text, "encoding": "base64"}
    assert entry({}, {"status": 200, "headers": headers, "content": content}).response_body is None


def test_headers_of_http_2_and_repeated_ones_are_read_as_those_of_http() -> None:
    """Pseudo headers are none; names count in any case; Chrome joins the same header by line breaks."""
    headers = [{"name": ":status", "value": "200"}, {"name": "vary", "value": "Accept\nOrigin"}]
    exchange = entry({}, {"status": 200, "headers": headers})
    assert exchange.response_headers == (("vary", "Accept"), ("vary", "Origin"))
    assert exchange.response_header("Vary") == "Accept, Origin"


def test_lone_surrogates_do_no_harm() -> None:
    """JSON allows half a character in a URL or a header, and neither HTTP nor a report does."""
    headers = [{"name": "vary\ud800", "value": "\udc00"}]
    exchange = entry({"url": "http://mock.test/\ud800"}, {"status": 200, "headers": headers})
    assert (exchange.path, exchange.response_headers) == ("/\ufffd", (("vary\ufffd", "\ufffd"),))


def test_a_zipped_recording_is_read_with_its_attachments(tmp_path: Path) -> None:
    """Playwright's `recordHar` writes one, with the bodies in files of their own."""
    with zipfile.ZipFile(tmp_path / "recording.zip", "w") as archive:
        for name in ("playwright.har", "playwright-enqueued.json"):
            archive.write(RECORDINGS / name, name)
    assert (
        read(tmp_path / "recording.zip")[0].response_body
        == read(RECORDINGS / "playwright.har")[0].response_body
    )


def test_a_recording_names_no_file_elsewhere(tmp_path: Path) -> None:
    """A body's file may stand beside the recording, and nowhere else."""
    (tmp_path / "secret").write_text("{}")
    (tmp_path / "inner").mkdir()
    har = json.loads((RECORDINGS / "playwright.har").read_text())
    har["log"]["entries"][0]["response"]["content"]["_file"] = "../secret"
    (tmp_path / "inner" / "moved.har").write_text(json.dumps(har))
    assert read(tmp_path / "inner" / "moved.har")[0].response_body is None


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    """Tools of Windows write one."""
    marked = tmp_path / "marked.har"
    marked.write_bytes(b"\xef\xbb\xbf" + (RECORDINGS / "chrome.har").read_bytes())
    assert len(read(marked)) == 8


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"not a recording", "r.har:1: neither HAR nor JSONL: Expecting value"),
        (b'{"log": {}}', "there is no member log.entries"),
        (b"[]", "there is no member log.entries"),
        (b"[" * 100_000, "r.har:1: neither HAR nor JSONL: nested too deep"),
        (b'{"log": {"entries": [1]}}', "entry 1 is not one of a HAR: it is not an object"),
        (b"1\n2\n", "entry 1 is not one of a HAR: it is not an object"),
        (
            b'{"log": {"entries": [{"request": 1}]}}',
            "entry 1 is not one of a HAR: its request is not an object",
        ),
        (
            b'{"request": {"method": "GET", "url": "/"}, "response": [1]}',
            "entry 1 is not one of a HAR: its response is not an object",
        ),
        (
            b'{"request": {"method": "GET", "url": "/", "headers": [1]}}',
            "entry 1 is not one of a HAR: something in it is not of the type that a HAR has there",
        ),
        (b'{"log": {"entries": [{}]}}', "entry 1 is not one of a HAR: no 'request'"),
        (b'{"requ\n{"requ', "r.har:1: neither HAR nor JSONL"),
        (b'{"requ\n{}\n', "r.har:1: neither HAR nor JSONL"),
        (
            b'{"request": {"method": "GET", "url": "/"}, "response": {"status": "a"}}',
            "entry 1 is not one of a HAR",
        ),
        (
            b'{"request": {"method": "GET", "url": "/"}, "response": {"status": 1e400}}',
            "entry 1 is not one of a HAR",
        ),
        (b'{"request": {"method": "GET", "url": "http://[::1"}}', "entry 1 is not one of a HAR"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_in_one_line(
    text: bytes, message: str, tmp_path: Path
) -> None:
    """The line names the file, and the line or the entry in it."""
    (tmp_path / "r.har").write_bytes(text)
    with pytest.raises(StartupError) as caught:
        read(tmp_path / "r.har")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
