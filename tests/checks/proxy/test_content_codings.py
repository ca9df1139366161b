"""Bodies in a content coding: the client gets them as they came, and nobody reads a secret in them."""

import gzip
import json
import threading
import time
from pathlib import Path

import httpx
import pytest

from eqkit.checks.findings import Severity
from eqkit.checks.replay.replaying import replay
from eqkit.checks.sources import load
from eqkit.traffic.codings import MAX_CODINGS, unpacked
from eqkit.traffic.exchanges import read
from eqkit.traffic.recording import Recording
from tests.checks.proxies import answer_once, journaled, listening
from tests.checks.proxy.wire import asked_and_answered

BROTLI = b"!\x08\x00\x04[1]\x03"
"""The document `[1]` in Brotli, which happens to be UTF-8."""

ZSTD = b"\x28\xb5\x2f\xfd\x20\x03\x19\x00\x00[1]"
"""The same in Zstandard."""


def answer(coding: str, body: bytes) -> bytes:
    """Return an answer of things in a coding."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize(
    ("coding", "body"),
    [("br", BROTLI), ("zstd", ZSTD), ("br, gzip", gzip.compress(BROTLI))],
    ids=["br", "zstd", "br in gzip"],
)
def test_an_unknown_coding_passes_unharmed_and_is_named(coding: str, body: bytes, tmp_path: Path) -> None:
    """It was not asked for, and cannot be read: no error is found in it, now or when it is replayed."""
    file = tmp_path / "all.har"
    recording = Recording(file)
    asked = b"GET /things HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, zstd, gzip\r\n\r\n"
    head, got, messages = asked_and_answered(tmp_path, asked, answer(coding, body), recording, fails=True)
    recording.close()
    name = coding.partition(",")[0]
    reason = f"content coding {name} cannot be read here, only gzip and deflate"
    assert head.lower().count(b"accept-encoding") == head.lower().count(b"accept-encoding: identity") == 1
    assert (got.status, got.body, got.headers["content-encoding"]) == (200, body, coding)
    assert [(each.rule, each.severity) for each in messages] == [("inconclusive", Severity.WARNING)]
    assert messages[0].message.endswith(f"the body of the answer cannot be read: {reason}")
    content = json.loads(file.read_text())["log"]["entries"][0]["response"]["content"]
    assert (content["comment"], "text" in content) == (f"the body was not kept: {reason}", False)
    run = replay(*load(tmp_path / "things.yaml"), read(file))
    assert (len(run.tested), run.findings) == (1, [])


def test_an_answer_to_head_in_an_unknown_coding_has_nothing_to_read(tmp_path: Path) -> None:
    """It has the head of the answer to GET, and no body."""
    head = answer("br", BROTLI).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    _, got, messages = asked_and_answered(tmp_path, b"HEAD /things HTTP/1.1\r\nHost: a\r\n\r\n", head)
    assert (got.status, messages) == (200, [])


@pytest.mark.parametrize("suffix", [".har", ".jsonl"])
def test_a_compressed_secret_is_not_recorded(suffix: str, tmp_path: Path) -> None:
    """The bodies are recorded and read as text, on both sides."""
    file = tmp_path / f"all{suffix}"
    recording = Recording(file)
    sent = gzip.compress(b'{"password": "s3cret", "name": "a"}')
    asked = (
        b"POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: %d\r\n\r\n" % len(sent)
    )
    got = gzip.compress(b'[{"access_token": "s3cret"}]')
    _, answered, messages = asked_and_answered(tmp_path, asked + sent, answer("gzip", got), recording)
    recording.close()
    assert (answered.body, messages) == (got, [])
    exchange = read(file)[0]
    assert json.loads(exchange.request_body or b"") == {"password": "[redacted]", "name": "a"}
    assert json.loads(exchange.response_body or b"") == [{"access_token": "[redacted]"}]
    assert replay(*load(tmp_path / "things.yaml"), [exchange]).findings == []


def test_compressed_bytes_are_recorded_as_they_came(tmp_path: Path) -> None:
    """An image stays in its coding, which its headers tell, and is read without it."""
    recording = Recording(file := tmp_path / "all.har")
    image = b"\x89PNG\xff\x00"
    asked_and_answered(
        tmp_path, b"GET /things HTTP/1.1\r\nHost: a\r\n\r\n", answer("gzip", gzip.compress(image)), recording
    )
    recording.close()
    assert read(file)[0].response_body == image


def test_the_journal_has_compressed_text_without_its_secrets() -> None:
    """And of a body in another coding only the length."""
    for coding, body in (("gzip", gzip.compress(b'{"token": "s3cret"}')), ("br", BROTLI)):
        with listening() as (upstream, listener), journaled(upstream) as (url, _):
            answering = threading.Thread(target=answer_once, args=(listener, answer(coding, body)))
            answering.start()
            assert httpx.get(f"{url}/things", headers={"accept-encoding": "gzip"}).status_code == 200
            answering.join()
            shown = httpx.get(f"{url}/_mock/journal").json()["entries"][0]["answer"]
        if coding == "gzip":
            assert shown["document"] == {"token": "[redacted]"}
        else:
            assert (shown["size"], "text" in shown, "document" in shown) == (len(body), False, False)


def test_codings_cost_a_bounded_time() -> None:
    """Neither many codings, nor many empty members, are undone without an end."""
    body, codings = b"[1]", ", ".join(["gzip"] * (MAX_CODINGS + 1))
    for _ in range(MAX_CODINGS + 1):
        body = gzip.compress(body)
    assert unpacked(body, codings, 1000) is None
    assert unpacked(gzip.compress(b"[1]") * 100, "gzip", 1000) == b"[1]" * 100
    began = time.perf_counter()
    assert unpacked(gzip.compress(b"") * 500_000, "gzip", 1000) is None
    assert time.perf_counter() - began < 2
