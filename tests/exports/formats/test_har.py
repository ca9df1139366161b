"""The archive: read by our reader, it is the exchanges that it was made of."""

import json

from eqkit.exports.exchanges import with_credentials
from eqkit.exports.formats.har import har
from eqkit.traffic.exchanges import exchanges
from tests.exports.shops import export_of, only, shop


def test_the_archive_is_read_as_it_was_written() -> None:
    """Each member that the reader knows; a request for a forced answer asks for it."""
    made = export_of(shop()).exchanges
    again = exchanges(json.dumps(har(made)).encode(), "a.har")
    for exported, read in zip(made, again, strict=True):
        sent = with_credentials(exported)
        assert (read.method, read.url, read.status) == (sent.method, sent.url, sent.status)
        assert (read.request_body, read.response_body) == (sent.request_body, sent.response_body)
        assert read.request_headers[: len(sent.request_headers)] == sent.request_headers
        assert read.response_headers[: len(sent.response_headers)] == sent.response_headers
        assert (read.request_header("prefer") is not None) == exported.is_forced == read.on_request
        assert read.has_all_headers


def test_bytes_that_are_no_text_survive() -> None:
    """HAR has base64 for them."""
    content = {"text/plain": {"example": "\x00`${a}`</script>\u2028"}}
    made = only({"responses": {"200": {"description": "", "content": content}}}).exchanges
    (read,) = exchanges(json.dumps(har(made)).encode(), "a.har")
    assert (read.response_body or b"").decode() == "\x00`${a}`</script>\u2028"


def test_two_archives_of_one_contract_are_the_same() -> None:
    """No clock and no chance is in them."""
    assert har(export_of(shop()).exchanges) == har(export_of(shop()).exchanges)


def test_the_entries_are_those_of_har() -> None:
    """HAR 1.2: every member that it requires of an entry is there."""
    (log,) = har(export_of(shop()).exchanges).values()
    assert log["version"] == "1.2"
    assert log["creator"].keys() == {"name", "version"}
    required = {"startedDateTime", "time", "request", "response", "cache", "timings"}
    asked = {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"}
    for entry in log["entries"]:
        assert required <= entry.keys()
        assert asked <= entry["request"].keys()
        assert {"size", "mimeType"} <= entry["response"]["content"].keys()
    assert log["entries"][0]["request"]["queryString"] == [{"name": "limit", "value": "2"}]
    assert log["entries"][0]["comment"] == "listThings: 200"
