"""Violations that a proxy reports: in headers that stay short, and of bodies compressed or long."""

import gzip
import json
import zlib
from pathlib import Path

import pytest

from eqkit.checks.findings import Finding
from eqkit.checks.proxy.validation_apart import LONGEST_AT_ONCE
from eqkit.checks.proxy.violations import LONGEST_HEADERS, LONGEST_TOLD, headers_of
from tests.checks.proxy.wire import ASKED, asked_and_answered


def test_the_headers_of_violations_stay_short() -> None:
    """The headers describe a few of hundreds of violations, and count the others."""
    messages = headers_of([Finding("response-body", f"at /{number}: " + "ä" * 200) for number in range(500)])
    assert sum(len(name) + len(value) + 4 for name, value in messages) <= LONGEST_HEADERS
    assert messages[-1][1] == b"and %d more" % (501 - len(messages))


@pytest.mark.parametrize("character", ["a", "ä", "🐇", "\x00"])
def test_the_header_of_one_long_violation_stays_short(character: str) -> None:
    """Its beginning is there, whatever room the escapes of its characters take."""
    [(_, value)] = headers_of([Finding("response-body", f"at /a: {character * 100_000}")])
    assert value.startswith(b"error; response-body; at /a:")
    assert len(value) <= LONGEST_TOLD


@pytest.mark.parametrize("fails", [False, True])
def test_hundreds_of_violations_break_no_client(tmp_path: Path, *, fails: bool) -> None:
    """Node takes a head of 16 kB, and http.client 100 headers."""
    body = json.dumps(["wrong"] * 500).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    _, got, _ = asked_and_answered(tmp_path, ASKED, head + body, fails=fails)
    assert sum(len(name) + len(value) + 4 for name, value in got.headers.raw) < LONGEST_HEADERS + 200
    assert got.status == (502 if fails else 200)


def deflated(body: bytes) -> bytes:
    """Compress without a frame, as old servers do for deflate."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body", "rules"),
    [
        ("gzip", gzip.compress(b"[1]"), []),
        ("gzip", gzip.compress(b"[1") + gzip.compress(b", 2]"), []),
        ("gzip", gzip.compress(b'["x"]'), ["response-body"]),
        ("deflate", zlib.compress(b'["x"]'), ["response-body"]),
        ("deflate", deflated(b'["x"]'), ["response-body"]),
        ("deflate, gzip", gzip.compress(zlib.compress(b'["x"]')), ["response-body"]),
        ("identity", b'["x"]', ["response-body"]),
        ("br", b"\x8b\x01\x80[1]\x03", ["inconclusive"]),
        ("gzip", b"[1]", ["inconclusive"]),
        ("gzip", gzip.compress(bytes(65 * 1024 * 1024), 9), ["inconclusive"]),
    ],
    ids=["gzip", "two members", "wrong", "zlib", "bare", "twice", "none", "unknown", "no gzip", "bomb"],
)  # fmt: skip
def test_a_body_that_a_service_compresses_unasked_is_validated(
    coding: str, body: bytes, rules: list[str], tmp_path: Path
) -> None:
    """Unpacked within bounds for the validation alone; the client gets it as it came."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\n"
    asked, got, messages = asked_and_answered(
        tmp_path, ASKED, head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
    )
    assert b"accept-encoding: identity" in asked.lower()
    assert [finding.rule for finding in messages] == rules
    assert got.headers["content-encoding"] == coding


def test_a_long_answer_is_validated_beside_the_traffic(tmp_path: Path) -> None:
    """A process of its own validates it, and finds the same as for a short one."""
    body = json.dumps([1] * LONGEST_AT_ONCE + ["x"]).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    _, got, messages = asked_and_answered(tmp_path, ASKED, head + body, fails=True)
    assert got.status == 502
    assert [finding.message.partition(": ")[2] for finding in messages] == [
        f'at /{LONGEST_AT_ONCE}: "document" must be an integer, not a string.'
    ]
    assert messages[0].place is not None
    assert messages[0].place.line is not None
