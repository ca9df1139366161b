"""The way out for webhooks: a POST to real sockets that answer in every way there is."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from eqkit.sandbox.webhooks.posting import SendFailed, TargetRefused
from eqkit.web import outbound
from eqkit.web.outbound import MAX_CONTENT, MAX_HEAD, HttpOutbound

BODY = b'{"data":null}'
PATIENCE_S = 20
"""After this long a post that does not end fails the test."""


class Peer:
    """The requests that a connection was sent, and its answer: bytes, and then an end or silence."""

    def __init__(self, answer: bytes, *, hangs: bool = False) -> None:
        """Take the answer; one that hangs leaves the connection open until the other side closes it."""
        self.received = b""
        self.connections = 0
        self.serving: set[asyncio.Task[None]] = set()
        self._answer = answer
        self._hangs = hangs

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, and answer."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            self.received += await reader.readuntil(b"\r\n\r\n")
            self.received += await reader.readexactly(len(BODY))
            writer.write(self._answer)
            if self._hangs:
                await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def listening(
    peer: Peer, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Listen on a free port of this machine."""
    server = await asyncio.start_server(peer.serve, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*peer.serving)
        peer.serving.clear()


def post(peer: Peer, url: str = "http://127.0.0.1:{}/hooks?a=b", timeout_s: float = 5) -> int:
    """Post to a peer and return the status."""

    async def posted() -> int:
        async with asyncio.timeout(PATIENCE_S), listening(peer) as port:
            way_out = HttpOutbound(timeout_s=timeout_s)
            return await way_out.post(url.format(port), [("webhook-id", "msg_1")], BODY)

    return asyncio.run(posted())


def test_a_request_is_whole_and_plain_http() -> None:
    """One POST goes out, with its length, on a connection of its own."""
    peer = Peer(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert post(peer) == 204
    head, _, body = peer.received.partition(b"\r\n\r\n")
    request_line, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ") for line in lines)
    assert request_line == "POST /hooks?a=b HTTP/1.1"
    assert headers.pop("host").startswith("127.0.0.1:")
    assert headers.pop("user-agent").startswith("eqkit/")
    assert headers == {"webhook-id": "msg_1", "content-length": str(len(BODY)), "connection": "close"}
    assert body == BODY


def test_a_url_without_a_path_asks_for_the_root() -> None:
    """A query may come right after the host."""
    peer = Peer(b"HTTP/1.1 200 OK\r\n\r\n")
    assert post(peer, "http://localhost:{}?a=b") == 200
    assert peer.received.startswith(b"POST /?a=b HTTP/1.1\r\nhost: localhost:")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", 200),
        (b"HTTP/1.1 202\r\n\r\n", 202),
        (b"HTTP/1.0 500 Oh\r\n\r\nuntil the end", 500),
        (b"HTTP/1.1 302 Found\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n", 302),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            204,
        ),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n" + b"x" * (2 * MAX_CONTENT), 200),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\ncut", 200),
    ],
    ids=["length", "no-reason", "until-end", "redirection", "interim", "endless", "cut"],
)
def test_the_status_alone_counts(answer: bytes, status: int) -> None:
    """The content is read up to a bound and thrown away; redirections are not followed."""
    peer = Peer(answer)
    assert post(peer) == status
    assert peer.connections == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "the connection was closed without an answer"),
        (b"HTTP/1.1 200 OK\r\nx: ", "the connection was closed without an answer"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "the answer is not HTTP/1.1"),
        (b"HTTP/2 200\r\n\r\n", "the answer is not HTTP/1.1"),
        (b"HTTP/1.1 20x OK\r\n\r\n", "the answer is not HTTP/1.1"),
        (
            b"HTTP/1.1 200 OK\r\nx: " + b"x" * (2 * MAX_HEAD),
            f"the answer's head is longer than {MAX_HEAD} bytes",
        ),
    ],
    ids=["nothing", "half-a-head", "other-protocol", "http-2", "no-status", "long-head"],
)
def test_an_invalid_answer_is_described_in_words(answer: bytes, error: str) -> None:
    """The words are the same on every machine, since they stand in the log of attempts."""
    with pytest.raises(SendFailed) as caught:
        post(Peer(answer))
    assert str(caught.value) == error


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["silence", "interim"])
def test_a_receiver_that_takes_too_long_is_given_up(answer: bytes) -> None:
    """The time is real: nothing that a receiver does keeps a post from ending."""
    with pytest.raises(SendFailed, match=r"^no answer within 0\.05 s$"):
        post(Peer(answer, hangs=True), timeout_s=0.05)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
    ],
    ids=["length", "no-content"],
)
def test_a_receiver_that_keeps_its_connection_open_is_not_waited_for(
    answer: bytes, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that is whole before the connection ends is taken as it is."""
    monkeypatch.setattr(outbound, "CONTENT_S", 3600)
    assert post(Peer(answer, hangs=True)) == status


def test_content_that_does_not_come_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the status is known, the message is delivered or not, and the content changes nothing."""
    monkeypatch.setattr(outbound, "CONTENT_S", 0.01)
    assert post(Peer(b"HTTP/1.1 200 OK\r\n\r\nmore", hangs=True)) == 200


@pytest.mark.parametrize("url", ["http://192.0.2.1/", "https://[2001:db8::1]/", "http://0.0.0.0/"])
def test_only_this_machine_is_connected_to(url: str) -> None:
    """A subscription that was made elsewhere, a snapshot say, is checked again."""
    with pytest.raises(TargetRefused, match="is not this machine"):
        asyncio.run(HttpOutbound().post(url, [], BODY))


class RebindingLoop(asyncio.SelectorEventLoop):
    """A loop for which a name leads to this machine the first time, and elsewhere from then on."""

    answers = ("127.0.0.1", "192.0.2.1")
    asked = 0

    async def getaddrinfo(self, host: object, port: object, **_: object) -> list[object]:  # type: ignore[override]
        """Answer for any name."""
        address = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    """DNS rebinding: a name is resolved once for a request, and the next request checks it again."""
    peer = Peer(b"HTTP/1.1 200 OK\r\n\r\n")

    async def posted() -> list[int]:
        loop = asyncio.get_running_loop()
        async with listening(peer) as port:
            url, way_out = f"http://rebind.test:{port}/", HttpOutbound()
            statuses = [await way_out.post(url, [], BODY)]
            with pytest.raises(TargetRefused):
                await way_out.post(url, [], BODY)
            assert isinstance(loop, RebindingLoop)
            return statuses

    with asyncio.Runner(loop_factory=RebindingLoop) as runner:
        assert runner.run(posted()) == [200]
    assert peer.connections == 1
    assert peer.received.startswith(b"POST / HTTP/1.1\r\nhost: rebind.test:")


class TwoAddressesLoop(RebindingLoop):
    """A loop for which a name leads to this machine and to another one."""

    async def getaddrinfo(self, host: object, port: object, **_: object) -> list[object]:  # type: ignore[override]
        """Answer for any name."""
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in self.answers]


def test_a_name_that_leads_elsewhere_too_is_refused() -> None:
    """Every address of a name has to be of this machine, when it is subscribed as when it is posted to."""

    async def refused() -> None:
        for attempt in (HttpOutbound().check, lambda url: HttpOutbound().post(url, [], BODY)):
            with pytest.raises(TargetRefused):
                await attempt("http://two.test/")

    with asyncio.Runner(loop_factory=TwoAddressesLoop) as runner:
        runner.run(refused())


def test_each_address_of_a_name_is_tried() -> None:
    """`localhost` may be ::1 first, where a receiver listens on 127.0.0.1 alone."""

    class Loop(RebindingLoop):
        async def getaddrinfo(self, host: object, port: object, **_: object) -> list[object]:  # type: ignore[override]
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
                for each in ("127.0.0.2", "127.0.0.1")
            ]

    peer = Peer(b"HTTP/1.1 200 OK\r\n\r\n")

    async def posted() -> int:
        async with listening(peer) as port:
            return await HttpOutbound().post(f"http://both.test:{port}/", [], BODY)

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(posted()) == 200


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody has signed, with its key in the same file."""
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    )
    extension = "subjectAltName=DNS:localhost"
    subprocess.run(
        [*command.split(), "-addext", extension, "-keyout", str(file), "-out", f"{file}.crt"],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


def test_https_is_spoken_and_certificates_are_checked(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of one's own is trusted by SSL_CERT_FILE, and is for the name in the URL."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    peer = Peer(b"HTTP/1.1 200 OK\r\n\r\n")

    async def posted(url: str) -> int:
        async with listening(peer, tls) as port:
            return await HttpOutbound(timeout_s=5).post(url.format(port), [], BODY)

    with pytest.raises(SendFailed, match=r"^no TLS: CERTIFICATE_VERIFY_FAILED$"):
        asyncio.run(posted("https://localhost:{}/"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert asyncio.run(posted("https://localhost:{}/")) == 200
    with pytest.raises(SendFailed, match=r"^no TLS: CERTIFICATE_VERIFY_FAILED$"):
        asyncio.run(posted("https://127.0.0.1:{}/"))
