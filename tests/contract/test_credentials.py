"""A key goes where the contract of the operation wants it, and as its scheme is written."""

import base64
import subprocess
from typing import Any

import pytest

from eqkit.checks.fuzz.settings import header, settings
from eqkit.contract.credentials import Credentials, bare, credentials
from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.traffic.curl import curl_line
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes
from eqkit.traffic.sending import Unsendable, send, send_again
from tests.checks.pets import serving

BASIC = base64.b64encode(b"me:secret").decode()
SCHEMES: dict[str, dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "Bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "digest": {"type": "http", "scheme": "digest"},
    "oauth": {"type": "oauth2", "flows": {}},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "odd": {"type": "apiKey", "in": "header", "name": "X-`id`$(id)"},
}


def document(*names: str, **operation: Any) -> Document:
    """Return a contract whose one operation wants some schemes, unless it says otherwise."""
    schemes = {name: SCHEMES[name] for name in names}
    return Document(
        {
            "openapi": "3.0.3",
            "security": [{}, {name: [] for name in names}] if names else [],
            "paths": {"/a": {"get": {"responses": {"200": {}}, **operation}}},
            "components": {"securitySchemes": schemes},
        }
    )


@pytest.mark.parametrize(
    ("names", "key", "wanted"),
    [
        ([], "me:secret", bare("me:secret")),
        (["bearer"], "secret", Credentials((("Authorization", "Bearer secret"),))),
        (["bearer"], "bearer secret", Credentials((("Authorization", "bearer secret"),))),
        (["basic"], "me:secret", Credentials((("Authorization", f"Basic {BASIC}"),))),
        (["basic"], "me", Credentials((("Authorization", f"Basic {base64.b64encode(b'me:').decode()}"),))),
        (["digest"], "secret", bare("secret")),
        (["oauth"], "secret", Credentials((("Authorization", "Bearer secret"),))),
        (["header"], "secret", Credentials((("X-Key", "secret"),))),
        (["query"], "secret", Credentials(query=(("key", "secret"),))),
        (["cookie"], "a b", Credentials((("Cookie", "sid=a%20b"),))),
        (["bearer", "oauth"], "k", Credentials((("Authorization", "Bearer k"),))),
        (["header", "query"], "k", Credentials((("X-Key", "k"),), (("key", "k"),))),
    ],
)
def test_a_key_is_sent_as_its_scheme_wants_it(names: list[str], key: str, wanted: Credentials) -> None:
    """All schemes of an alternative are wanted together, and an alternative of none is no use."""
    given = document(*names)
    assert credentials(given, key, Contract(given).operations["GET /a"]) == wanted


def test_the_security_of_an_operation_goes_before_that_of_the_document() -> None:
    """A list of its own, even an empty one, replaces the document's."""
    given = document("bearer", "header", security=[{"header": []}])
    assert credentials(given, "k", Contract(given).operations["GET /a"]).headers == (("X-Key", "k"),)


def test_schemathesis_gets_the_key_for_each_scheme_and_hides_it() -> None:
    """A scheme with a setting gets it, any other gets a header; names that hold keys are sanitized."""
    text = settings(document("bearer", "basic", "query"), "me:s3cret")
    assert '[auth.openapi."bearer"]\nbearer = "me:s3cret"' in text
    assert '[auth.openapi."basic"]\nusername = "me"\npassword = "s3cret"' in text
    assert '[auth.openapi."query"]\napi_key = "me:s3cret"' in text
    assert 'keys-to-sanitize = ["authorization", "key"]' in text
    assert header(document("bearer"), "k") is None
    assert header(document("header"), "k") is None
    assert '[headers]\nAuthorization = "k"' in settings(document(), "k")
    assert header(document("oauth"), "k") == "Bearer k"


def test_the_recorded_trace_of_a_key_is_replaced() -> None:
    """Neither the header nor the query that held a key is sent again, nor a cookie that is not declared."""
    parameter = {"name": "session", "in": "cookie", "schema": {}}
    given = document("header", "query", parameters=[parameter])
    recorded = RecordedExchange(
        "one", "GET", "http://recorded.test/a?key=%5Bredacted%5D&b=1",
        (("x-key", "[redacted]"), ("Cookie", "session=1; other=2"), ("Accept", "*/*")), b"", 200,
    )  # fmt: skip
    with serving() as url:
        again = send_again(recorded, url, Routes(Contract(given)), "k")
    assert again.url == f"{url}/a?b=1&key=k"
    assert again.request_headers == (("Accept", "*/*"), ("X-Key", "k"), ("Cookie", "session=1"))


@pytest.mark.parametrize(
    ("scheme", "given"),
    [
        ("bearer", ["http://a.test/a?b=1&key=[redacted]", "-H", "Authorization: Bearer me:x y"]),
        ("basic", ["http://a.test/a?b=1&key=[redacted]", "--user", "me:x y"]),
        ("digest", ["http://a.test/a?b=1&key=[redacted]", "-H", "Authorization: me:x y"]),
        ("header", ["http://a.test/a?b=1&key=[redacted]", "-H", "X-Key: me:x y"]),
        ("query", ["http://a.test/a?b=1&key=me:x y"]),
        ("cookie", ["http://a.test/a?b=1&key=[redacted]", "-H", "Cookie: sid=me:x y"]),
        ("odd", ["http://a.test/a?b=1&key=[redacted]", "-H", "X-`id`$(id): me:x y"]),
    ],
)
def test_a_curl_line_takes_the_key_from_the_shell_to_where_it_belongs(scheme: str, given: list[str]) -> None:
    """The shell fills it in there and nowhere else; it runs nothing that a contract says."""
    contract = document(scheme)
    asked = RecordedExchange("", "GET", "http://a.test/a?b=1&key=old", request_body=b"", status=200)
    line = curl_line(asked, contract, Routes(Contract(contract)).operation(asked))
    script = f"curl() {{ printf '%s\\n' \"$@\"; }}; {line}"
    message = subprocess.run(
        ["bash", "-c", script], env={"EQKIT_CLIENT_KEY": "me:x y"}, capture_output=True, check=True
    )
    assert message.stdout.decode().splitlines() == ["-i", *given]


@pytest.mark.parametrize("scheme", ["bearer", "basic", "header", "query", "cookie"])
def test_a_curl_line_has_no_key_where_it_was_refused_for_want_of_one(scheme: str) -> None:
    """With the key it would be answered otherwise."""
    contract = document(scheme)
    asked = RecordedExchange("", "GET", "http://a.test/a", request_body=b"", status=401)
    assert (
        curl_line(asked, contract, Routes(Contract(contract)).operation(asked)) == "curl -i http://a.test/a"
    )


@pytest.mark.parametrize(("path", "key"), [("/a b", "s3cret"), ("/a", "s3cret\n")])
def test_an_unsendable_request_is_reported_without_its_key(path: str, key: str) -> None:
    """Python's own words repeat the address or the header that is no HTTP."""
    given = document("header", "query")
    asked = RecordedExchange("one", "GET", f"http://a.test{path}", request_body=b"", status=200)
    wanted = credentials(given, key, Contract(given).operations["GET /a"])
    with serving() as url, pytest.raises(Unsendable) as message:
        send(asked, url, wanted)
    assert "s3cret" not in str(message.value)
