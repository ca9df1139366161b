"""The targets of a proxy: the form in which each is sent, and none that leads elsewhere."""

from pathlib import Path

import pytest

from eqkit.checks.proxy.targets import Base, Misdirected
from tests.checks.proxies import accepted, connected, listening, until
from tests.checks.proxy.wire import ASKED, GOOD, asked_and_answered, before


@pytest.mark.parametrize(
    ("base", "path", "sent"),
    [
        ("/api", "/../admin", "/api/admin"),
        ("/api", "/a/../../admin", "/api/admin"),
        ("/api", "/%2e%2e/admin", "/api/admin"),
        ("/api", "/.%2E/./admin", "/api/admin"),
        ("/api", "/a/..", "/api/"),
        ("/api/", "/a//b/%7Ec/%2f", "/api/a//b/~c/%2F"),
        ("", "/a/%2e", "/a/"),
        ("", "/../a%2520%C3%A4", "/a%2520%C3%A4"),
        ("", "//other.example/x", "//other.example/x"),
        ("/a%20b", "/c", "/a%20b/c"),
        ("", "/ä", "/%C3%A4"),
    ],
)
def test_a_target_has_one_form_that_stays_below_the_base(base: str, path: str, sent: str) -> None:
    """Dot segments are resolved, and needless percent encoding is undone (RFC 3986 5.2.4, 6.2.2)."""
    assert Base(f"http://service.example{base}").target(path.encode(), b"") == sent


@pytest.mark.parametrize(
    "path",
    [
        *("*", "*@other.example/x", "other.example:80", "@other.example/x", ""),
        *("/..%2fadmin", "/..%5Cadmin", "/a/..%2f..%2fadmin", "/%252e%252e/admin", "/..\\admin"),
    ],
)
def test_a_target_that_may_lead_elsewhere_is_refused(path: str) -> None:
    """A target is refused if it is no path, or if a lenient decoder may lead it out of the base."""
    with pytest.raises(Misdirected):
        Base("http://service.example/api").target(path.encode(), b"")


@pytest.mark.parametrize(
    "target",
    ["*@{other}/x", "http://{other}/things", "//{other}/things", "/\\{other}/things", "*", "/@{other}/x", "/http://{other}/"],
)  # fmt: skip
def test_nothing_is_ever_sent_to_another_host(target: str, tmp_path: Path) -> None:
    """A proxy connects to the address of its service alone, for every target and every Host."""
    with listening() as (upstream, listener), listening() as (other, elsewhere):
        listener.settimeout(0.5)
        elsewhere.settimeout(0.2)
        asked = target.format(other=other.removeprefix("http://"))
        with before(upstream, tmp_path) as (url, _), connected(url) as client:
            client.sendall(f"OPTIONS {asked} HTTP/1.1\r\nHost: {other}\r\nConnection: close\r\n\r\n".encode())
            try:
                with accepted(listener) as service:
                    head = until(service, b"\r\n\r\n")
                    service.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    assert f"host: {upstream.removeprefix('http://')}\r\n".encode() in head
                    assert head.startswith(b"OPTIONS /")
            except TimeoutError:
                assert asked.startswith("*")
            assert client.recv(20).startswith(b"HTTP/1.1 ")
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_the_form_that_is_sent_is_the_one_that_is_validated(tmp_path: Path) -> None:
    """An answer that breaks the contract does so under any spelling of its path."""
    head, _, messages = asked_and_answered(
        tmp_path, ASKED.replace(b"/things", b"/x/../%74hings"), GOOD.replace(b"[1]", b"{} ")
    )
    assert head.startswith(b"GET /things HTTP/1.1\r\n")
    assert [finding.rule for finding in messages] == ["response-body"]


@pytest.mark.parametrize("path", ["/admin", "/", "/things/1", "/thingsandmore"])
def test_an_endpoint_that_the_contract_has_not_is_an_error(path: str, tmp_path: Path) -> None:
    """All that is below the address of the service is for the contract, and on fail the client gets a 502."""
    asked = ASKED.replace(b"/things", path.encode())
    _, got, messages = asked_and_answered(tmp_path, asked, GOOD, base="/v1", fails=True)
    assert got.status == 502
    assert "response-status" in {finding.rule for finding in messages}


def test_a_404_at_an_undocumented_path_is_no_error(tmp_path: Path) -> None:
    """A 404 at a path that the contract has not is as it should be."""
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    _, got, messages = asked_and_answered(
        tmp_path, ASKED.replace(b"things", b"favicon.ico"), missing, fails=True
    )
    assert (got.status, [finding.rule for finding in messages]) == (404, ["request-path"])
