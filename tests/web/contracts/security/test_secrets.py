"""No credential comes into the journal, the log or an error, by any scheme and in any place."""

import asyncio
import io
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.sandbox.journal.entries import JournalEntry
from eqkit.web.logs.log_output import LogOutput
from eqkit.web.logs.request_log import RequestLog
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.recording import record
from tests.web.contracts.security.asking import SCHEMES, Headers, Served, basic

SECRET = "s3cret/credential+of=somebody"
CARRIERS: list[tuple[str, Headers, str]] = [
    ("header", [("x-api-key", SECRET)], ""),
    ("bare", [("authorization", SECRET)], ""),
    ("bare", [("authorization", f"Token {SECRET}")], ""),
    ("query", [], f"api_key={quote(SECRET, safe='')}"),
    ("query", [], f"b=1&api%5Fkey={quote(quote(SECRET, safe=''), safe='')}"),
    ("cookie", [("cookie", f'a=b; session="{SECRET}"')], ""),
    ("cookie", [("cookie", f"session={quote(SECRET, safe='')}")], ""),
    ("basic", [("authorization", basic(f"me:{SECRET}"))], ""),
    ("basic", [("authorization", basic(f":{SECRET}"))], ""),
    ("bearer", [("authorization", f"Bearer {SECRET}")], ""),
    ("oauth", [("authorization", f"Bearer {SECRET}"), ("x-app-id", SECRET)], ""),
]


def recorded(context: RequestContext, body: bytes = b"{}") -> JournalEntry:
    """Put an answered request into the journal of its sandbox, and return its entry."""
    assert context.sandbox is not None
    record(context, Response(200, body=body))
    return context.sandbox.journal.entries[-1]


@pytest.mark.parametrize(("scheme", "headers", "query"), CARRIERS)
def test_a_credential_is_not_in_the_journal(scheme: str, headers: Headers, query: str) -> None:
    """Neither where it was sent nor where it is repeated: in other headers, the query, a path or a body."""
    served = Served([{scheme: []}])
    repeated = [*headers, ("user-agent", f"odd/1 ({SECRET})"), ("prefer", SECRET)]
    asked = served.ask(repeated, f"{query}&other={quote(SECRET, safe='')}&open=1".removeprefix("&"))
    assert asked.status == 200
    context = served.contexts[-1]
    context.path = f"/a/{SECRET}"
    context.body = b'{"a": "%b"}' % SECRET.encode()
    entry = recorded(context, b'{"b": "%b"}' % SECRET.encode())
    assert "s3cret" not in repr(entry)
    assert b"open=1" in entry.query
    assert entry.headers[b"user-agent"].startswith(b"odd/1 (")


def test_a_short_key_is_redacted_in_its_own_place_alone() -> None:
    """It occurs elsewhere by chance."""
    served = Served([{"query": []}])
    served.ask([("user-agent", "abc")], "q=abc&api_key=abc&api_key2=abc")
    entry = recorded(served.contexts[-1], b'{"abc": 1}')
    assert entry.query == b"q=abc&api_key=[redacted]&api_key2=abc"
    assert entry.headers[b"user-agent"] == b"abc"
    assert entry.answer == b'{"abc": 1}'


def test_a_password_that_is_a_word_hides_no_member() -> None:
    """Bodies are kept as they were sent, unless they have a credential that is no word."""
    served = Served([{"basic": []}])
    served.ask([("authorization", basic("me:password"))], "grant=password")
    context = served.contexts[-1]
    context.body = b'{"password": "password"}'
    entry = recorded(context)
    assert entry.request == context.body
    assert entry.query == b"grant=[redacted]"


def test_a_key_in_a_header_of_the_journal_is_redacted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A contract may have its keys in one that is otherwise kept."""
    monkeypatch.setitem(SCHEMES, "kept", {"type": "apiKey", "in": "header", "name": "X-Request-Id"})
    served = Served([{"kept": []}])
    assert served.ask([("x-request-id", "abc")]).key == "abc"
    assert recorded(served.contexts[-1]).headers[b"x-request-id"] == b"[redacted]"


def test_credentials_that_nobody_asked_for_are_not_kept_either() -> None:
    """All schemes of the contract count, and not those of the operation alone."""
    served = Served([{"header": []}])
    served.ask([("x-api-key", "k1"), ("authorization", f"Bearer {SECRET}"), ("prefer", SECRET)],
               f"api_key={SECRET}&x={SECRET}")  # fmt: skip
    assert "s3cret" not in repr(recorded(served.contexts[-1]))


def test_no_credential_is_in_the_log() -> None:
    """A line shows the path, and a credential may stand in it."""
    stream = io.StringIO()
    served = Served([{"bearer": []}])

    async def ask() -> None:
        context = served.context([("authorization", f"Bearer {SECRET}")])
        context.path = f"/users/{SECRET}/keys"
        context.response = await served.handler(context)
        RequestLog(LogOutput(stream), "text").add(context)

    asyncio.run(ask())
    assert "/users/[redacted]/keys" in stream.getvalue()


WORDS = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=";,\"'%&+\\"), min_size=7
).map(lambda text: f"zq{text}")  # which no word of an error has in it


@given(
    word=WORDS,
    scheme=st.sampled_from(sorted(SCHEMES)),
    prefix=st.sampled_from(("", "Basic ", "Bearer ", "Odd ")),
)
def test_no_credential_is_in_an_error(word: str, scheme: str, prefix: str) -> None:
    """Whichever is sent for any scheme of a closed server, and however wrong it is."""
    served = Served([{scheme: ["read"]}], keys=("listed",))
    value = prefix + word
    headers = [
        ("authorization", value),
        ("x-api-key", word),
        ("x-app-id", word),
        ("cookie", f"session={word}"),
    ]
    asked = served.ask(headers, f"api_key={quote(word)}")
    assert asked.status == (200 if scheme == "tls" else 401)
    said = "\n".join((*asked.details, *asked.challenges))
    assert word not in said


LINES = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"))
PLACES = st.sampled_from(["authorization", "cookie", "x-api-key", "eqkit-sandbox"])
NEEDS: st.SearchStrategy[dict[str, list[str]]] = st.dictionaries(
    st.sampled_from([*sorted(SCHEMES), "undefined"]), st.just([]), max_size=2
)


@given(
    headers=st.lists(st.tuples(PLACES, LINES)),
    query=st.text(st.characters(max_codepoint=127)),
    security=st.lists(NEEDS, max_size=3),
)
def test_any_request_is_let_in_or_refused(headers: Any, query: str, security: Any) -> None:
    """By an answer of its own; and what is let in can be recorded."""
    served = Served(security)
    asked = served.ask(headers, query)
    assert asked.status in (200, 400, 401)
    assert (asked.status == 401) is bool(asked.challenges)
    if asked.status == 200:
        recorded(served.contexts[-1])
