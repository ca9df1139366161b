"""Documents as nobody should send them: each one is refused in the API's own words, and quickly."""

from collections import Counter
from typing import Any

import pytest

from eqkit.web.messages.json_bodies import MAX_DEPTH
from tests.clients import MESSAGES, Client, assert_error_document, errors
from tests.processes import ServerProcess
from tests.web.sockets import GOOD, connected, request

BOM = b"\xef\xbb\xbf"


def with_meta(value: bytes) -> bytes:
    """Return a good document that has a value where nobody looks at it."""
    return GOOD[:-1] + b',"meta":' + value + b"}"


def with_body(spelt: bytes) -> bytes:
    """Return a document whose body is spelt so."""
    return b'{"data":{"type":"message","attributes":{"body":"' + spelt + b'"}}}'


REFUSED: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "invalid-json", ""),
    "blank": (b" \r\n\t", "invalid-json", ""),
    "a word": (b"hello", "invalid-json", ""),
    "two documents": (GOOD + GOOD, "invalid-json", ""),
    "cut off": (GOOD[:-1], "invalid-json", ""),
    "a comma too many": (b'{"data":1,}', "invalid-json", ""),
    "single quotes": (b"{'data':1}", "invalid-json", ""),
    "a comment": (b"/* */" + GOOD, "invalid-json", ""),
    "a form": (b"data=message&body=hello", "invalid-json", ""),
    "an open string": (b'{"data', "invalid-json", ""),
    "half an escape": (with_body(b"\\u12"), "invalid-json", ""),
    "an unknown escape": (with_body(b"\\x41"), "invalid-json", ""),
    "a leading zero": (with_meta(b"01"), "invalid-json", ""),
    "a plus sign": (with_meta(b"+1"), "invalid-json", ""),
    "NUL before": (b"\x00" + GOOD, "invalid-json", ""),
    "NUL after": (GOOD + b"\x00", "invalid-json", ""),
    "NUL within": (with_body(b"\x00"), "invalid-json", ""),
    "a control character within": (with_body(b"\x1f"), "invalid-json", ""),
    "a line break within": (with_body(b"\n"), "invalid-json", ""),
    "invalid UTF-8": (with_body(b"\xff"), "invalid-encoding", ""),
    "overlong UTF-8": (with_body(b"\xc0\xaf"), "invalid-encoding", ""),
    "a surrogate in UTF-8": (with_body(b"\xed\xa0\x80"), "invalid-encoding", ""),
    "half a character": (with_body(b"\xe2\x82"), "invalid-encoding", ""),
    "Latin-1": (with_body("é".encode("latin-1")), "invalid-encoding", ""),
    "UTF-16": (GOOD.decode().encode("utf-16"), "invalid-encoding", ""),
    "UTF-16LE without BOM": (GOOD.decode().encode("utf-16-le"), "invalid-json", ""),
    "UTF-16BE without BOM": (GOOD.decode().encode("utf-16-be"), "invalid-json", ""),
    "UTF-32": (GOOD.decode().encode("utf-32"), "invalid-encoding", ""),
    "two byte order marks": (BOM + BOM + GOOD, "invalid-json", ""),
    "nothing but a byte order mark": (BOM, "invalid-json", ""),
    "a byte order mark behind": (GOOD + BOM, "invalid-json", ""),
    "null": (b"null", "wrong-type", ""),
    "NaN": (with_meta(b"NaN"), "number-out-of-range", "/meta"),
    "Infinity": (with_meta(b"[Infinity]"), "number-out-of-range", "/meta/0"),
    "-Infinity": (with_meta(b'{"a":-Infinity}'), "number-out-of-range", "/meta/a"),
    "1e400": (with_meta(b"1e400"), "number-out-of-range", "/meta"),
    "5,000 digits": (with_meta(b"1" * 5000), "number-out-of-range", "/meta"),
    "a million digits": (with_meta(b"1" * 1_000_000), "number-out-of-range", "/meta"),
    "half a pair in a value": (with_body(b"\\ud800"), "lone-surrogate", "/data/attributes/body"),
    "the other half": (with_body(b"\\udc00x"), "lone-surrogate", "/data/attributes/body"),
    "a pair turned round": (with_meta(b'"\\udc07\\ud83d"'), "lone-surrogate", "/meta"),
    "half a pair in a key": (with_meta(b'{"a\\ud83d":1}'), "lone-surrogate", "/meta"),
    "half a pair in a key further down": (with_meta(b'{"a":{"\\ud83d":1}}'), "lone-surrogate", "/meta/a"),
    "a key twice": (b'{"data":1,"data":2}', "duplicate-key", "/data"),
    "a key twice, empty": (with_meta(b'{"":1,"":2}'), "duplicate-key", "/meta/"),
    "a key twice, spelt otherwise": (with_meta(b'{"a":1,"\\u0061":2}'), "duplicate-key", "/meta/a"),
    "a key twice, with a colon": (with_meta(b'{"a:b":1,"a:b":2}'), "duplicate-key", "/meta/a:b"),
    "a key twice, colon escaped": (with_meta(b'{"a:":1,"a\\u003a":2}'), "duplicate-key", "/meta/a:"),
    "a key twice behind a colon escaped": (
        with_meta(b'["\\u003A",{"a":1,"a":2}]'),
        "duplicate-key",
        "/meta/1/a",
    ),
    "a key twice, hidden by colons": (
        with_meta(b'{"a":"\\u003a","b":"\\u003a","a":"::"}'),
        "duplicate-key",
        "/meta/a",
    ),
    "a key twice, the same value": (with_meta(b'{"~/":[],"~/":[]}'), "duplicate-key", "/meta/~0~1"),
    "a key twice of the body": (
        b'{"data":{"type":"message","attributes":{"body":"a","body":"b"}}}',
        "duplicate-key",
        "/data/attributes/body",
    ),
    "a megabyte of nothing": (b"x" * 1_000_000, "invalid-json", ""),
    "a megabyte of backslashes": (b'"' + b"\\" * 1_000_000, "invalid-json", ""),
    "a long unknown name": (
        b'{"data":{"type":"message","attributes":{"body":"a","%b":1}}}' % (b"k" * 1_000_000),
        "unknown-attribute",
        "/data/attributes",
    ),
    "a long key twice": (
        b'{"%b":1,"%b":2}' % (b"k" * 500_000, b"k" * 500_000),
        "duplicate-key",
        "",
    ),
    "a long type": (
        b'{"data":{"type":"%b","attributes":{"body":"a"}}}' % (b"k" * 1_000_000),
        "resource-type-conflict",
        "/data/type",
    ),
}

ACCEPTED: dict[str, bytes] = {
    "one byte order mark": BOM + GOOD,
    "blanks around": b" \r\n\t" + GOOD + b"\n ",
    "a 20-digit integer": with_meta(b"1" * 20),
    "309 digits": with_meta(b"1" * 309),
    "numbers of every kind": with_meta(b"[1.0,-0,-0.0,-1,1e308,1e-400,0.1]"),
    "colons in keys and strings": with_meta(b'{"a:b":"c:d","e":":","\\u003a":"\\u003A"}'),
    "an escaped backslash before u003a": with_meta(b'"\\\\u003a"'),
    "one key in two objects": with_meta(b'[{"a":1},{"a":{"a":2}}]'),
    "keys that differ in case": with_meta(b'{"a":1,"A":2}'),
    "a pair of surrogates": with_body(b"\\ud83d\\udc07"),
    "escaped NUL and controls": with_body(b"\\u0000\\u001f\\u007f"),
    "characters beyond 16 bits": with_body("🐇\U0010ffff".encode()),
    "a noncharacter": with_body("\uffff".encode()),
    "DEL": with_body(b"\x7f"),
}


@pytest.mark.parametrize(("body", "code", "pointer"), REFUSED.values(), ids=REFUSED.keys())
def test_a_hostile_document_is_refused_in_a_few_words(
    client: Client, live: ServerProcess, body: bytes, code: str, pointer: str
) -> None:
    """Ruling B2: 400 (409 for a type) with one error at its place, on the socket as in-process."""
    ((status, message, place),) = errors(client.post(MESSAGES, content=body))
    assert (message, place) == (code, pointer)
    assert status == ("409" if code == "resource-type-conflict" else "400")
    with connected(live.address) as connection:
        connection.send(request(body))
        reply = connection.reply()
        assert_error_document(reply.json(), reply.status)
        assert [error["code"] for error in reply.json()["errors"]] == [code]
        assert len(reply.body) < 600
        connection.send(request())
        assert connection.reply().status == 202


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_an_unusual_document_is_accepted(client: Client, live: ServerProcess, body: bytes) -> None:
    """Rulings B1, B2, B7: JSON in UTF-8 that has each key once is taken."""
    assert client.post(MESSAGES, content=body).status_code == 202
    with connected(live.address) as connection:
        connection.send(request(body))
        assert connection.reply().status == 202


@pytest.mark.parametrize("levels", [200, 252, 253, 254, 255, 256, 500, 990, 1023, 1024, 1025, 5000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["arrays", "objects"])
@pytest.mark.parametrize("place", ["meta", "document", "wait-until", "unclosed", "repeating"])
def test_depth_ends_somewhere_and_harms_nobody(
    client: Client, live: ServerProcess, levels: int, opening: bytes, closing: bytes, place: str
) -> None:
    """Ruling B2: up to 254 levels are read, deeper ones refused; there is no 500 at any depth."""
    nested = opening * levels + b"1" + closing * levels
    body, depth, within = {
        "meta": (with_meta(nested), levels + 1, None),
        "document": (nested, levels, "wrong-type" if opening == b"[" else "missing-member"),
        "wait-until": (
            GOOD.replace(b'"good"', b'"good","wait-until":' + nested),
            levels + 3,
            "invalid-wait-until",
        ),
        "unclosed": (opening * levels, levels, "invalid-json"),
        "repeating": (
            with_meta(opening * levels + b'{"b":1,"b":2}' + closing * levels),
            levels + 2,
            "duplicate-key",
        ),
    }[place]
    with connected(live.address) as connection:
        connection.send(request(body))
        reply = connection.reply()
    response = client.post(MESSAGES, content=body)
    assert response.status_code == reply.status
    if depth <= MAX_DEPTH and within is None:
        assert reply.status == 202
        return
    codes = {code for _, code, _ in errors(response)}
    assert codes == {error["code"] for error in reply.json()["errors"]}
    # What cannot be read to its end is refused for that, or for being too deep to be read.
    either = {"invalid-json", "nesting-too-deep"} if place == "unclosed" else {"nesting-too-deep"}
    assert codes <= ({within} if depth <= MAX_DEPTH else either)
    assert len(reply.body) < 1500


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (b'{"a":1,"a":2}', "duplicate-key"),
        (b'"\\ud800"', "lone-surrogate"),
        (b"NaN", "number-out-of-range"),
        (b"9" * 400, "number-out-of-range"),
    ],
)
def test_of_very_many_faults_the_first_fifty_are_reported(client: Client, item: bytes, code: str) -> None:
    """Rulings B2, B9: a body full of faults costs no more than reading it, and its answer stays small."""
    content = b"[" + b",".join([item] * (1_000_000 // len(item))) + b"]"
    response = client.post(MESSAGES, content=content)
    found = errors(response)
    assert Counter(message for _, message, _ in found) == {code: 50}
    places: list[Any] = [str(place).split("/")[1] for _, _, place in found]
    assert places == [str(index) for index in range(50)]
    assert len(response.content) < 16_000


def test_faults_deep_under_long_keys_point_at_the_nearest_short_place(client: Client) -> None:
    """Rulings B2, B4: fifty pointers of 200 long keys would be longer than the request itself."""
    deep = b'{"%b":' % (b"k" * 100)
    content = with_meta(deep * 200 + b"[" + b",".join([b"NaN"] * 60) + b"]" + b"}" * 200)
    response = client.post(MESSAGES, content=content)
    found = errors(response)
    assert len(found) == 50
    assert {place for _, _, place in found} == {"/meta" + ("/" + "k" * 100) * 9}


def test_unknown_members_by_the_hundred_thousand_are_validated_at_once(client: Client) -> None:
    """Ruling B2: the place of a fault is found without counting through its object each time."""
    members = b",".join(b'"m%d":0' % index for index in range(200_000))
    content = b'{"data":{"type":"message","attributes":{%b}, %b}}' % (members, members)
    found = errors(client.post(MESSAGES, content=content))
    assert [code for _, code, _ in found] == ["missing-member"] + ["unknown-attribute"] * 49
