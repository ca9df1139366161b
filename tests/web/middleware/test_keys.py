"""Keys: the known ones, the sandbox of its own that each key opens, and that no key is ever recorded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from eqkit.elasticqueue.service import elasticqueue
from eqkit.sandbox.sandboxes import SAMPLE_KEY
from eqkit.web.app import Application
from eqkit.web.logs.log_output import LogOutput
from eqkit.web.logs.request_log import RequestLog
from tests.clients import BULK, MESSAGES, Client, errors, message

FIRST = "72301093732"


@pytest.mark.parametrize("key", [SAMPLE_KEY, "test_a", "test_A-b_9", "test_" + "a" * 200])
def test_an_open_server_takes_the_sample_key_and_test_keys(application: Application, key: str) -> None:
    """Ruling H4: the docs' own key, and `test_` with letters, digits, `_` and `-`."""
    assert Client(application, key).enqueue().status_code == 202


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "test_",
        "test",
        "TEST_a",
        "test_a b",
        "test_a.b",
        "test_a,test_b",
        "test_ä".encode("latin-1").decode("latin-1"),
        "test_" + "a" * 201,
        "xxxxxxxxxxxxxx",
        "xxxxxxxxxxxxxxxx",
        "Bearer test_a",
        "Basic dGVzdF9hOg==",
        'ApiKey realm="ElasticQueue"',
        "secret",
    ],
)
def test_a_missing_and_a_wrong_key_are_answered_alike(application: Application, key: str | None) -> None:
    """Rulings H3, H4: 401 with the challenge, the same words for every reason, and no scheme is taken."""
    headers = None if key is None else {"authorization": key.encode("latin-1")}
    client = Client(application, None)
    response = client.enqueue(headers=headers or {})
    assert errors(response) == [("401", "unauthorized", "Authorization")]
    assert response.headers["www-authenticate"] == 'ApiKey realm="ElasticQueue"'
    without = client.enqueue()
    assert without.json()["errors"][0]["detail"] == response.json()["errors"][0]["detail"]
    assert application.sandboxes._by_key == {}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_operation_wants_a_key(application: Application, method: str) -> None:
    """Ruling H3: reading is as closed as writing."""
    path = MESSAGES if method == "POST" else f"{MESSAGES}/{FIRST}"
    response = Client(application, None).request(method, path)
    assert response.status_code == 401
    assert "www-authenticate" in response.headers


def test_a_closed_server_takes_its_listed_keys_only(set_up: Callable[..., Application]) -> None:
    """Ruling H4: with `--key`, neither the sample key nor a test key opens anything."""
    application = set_up(key=("first", "s3cret!"))
    statuses = {
        key: Client(application, key).enqueue().status_code
        for key in ("first", "s3cret!", "First", "second", SAMPLE_KEY, "test_key")
    }
    assert statuses == {
        "first": 202,
        "s3cret!": 202,
        "First": 401,
        "second": 401,
        SAMPLE_KEY: 401,
        "test_key": 401,
    }


def test_two_keys_share_nothing(application: Application) -> None:
    """Ruling H4: each key is a sandbox: own ids, messages, journal, error ids and idempotency keys."""
    one, other = Client(application, "test_one"), Client(application, "test_other")
    once = {"idempotency-key": "k"}
    assert one.enqueue("secret of one", headers=once).json()["data"]["id"] == FIRST
    assert errors(other.get(f"{MESSAGES}/{FIRST}")) == [("404", "message-not-found", "id")]
    assert other.enqueue("of other", headers=once).json()["data"]["id"] == FIRST
    assert other.get(f"{MESSAGES}/{FIRST}").json()["data"]["attributes"]["body"] == "of other"
    assert one.get(f"{MESSAGES}/{FIRST}").json()["data"]["attributes"]["body"] == "secret of one"
    assert [entry.method for entry in one.journal] == ["POST", "GET"]
    assert [entry.method for entry in other.journal] == ["GET", "POST", "GET"]
    assert one.post(MESSAGES, json={}).json()["errors"][0]["id"] == "error-1"
    assert other.post(MESSAGES, json={}).json()["errors"][0]["id"] == "error-2"


def test_no_key_comes_into_log_or_journal(tmp_path: Path) -> None:
    """Ruling H4: neither a good nor a wrong key is recorded, in the log or in the journal."""
    log = tmp_path / "log"
    with log.open("w") as stream:
        application = elasticqueue(request_log=RequestLog(LogOutput(stream), "text"))
        client = Client(application, "test_very_secret")
        client.enqueue()
        client.post(BULK, json={"data": [message(1)]})
        client.get(f"{MESSAGES}/{FIRST}")
        client.enqueue(headers={"authorization": "wrong_but_secret"})
    lines = log.read_text()
    assert f"POST {MESSAGES} 202" in lines
    assert f"POST {MESSAGES} 401" in lines
    assert "secret" not in lines
    assert len(client.journal) == 3
    assert "secret" not in repr(client.journal)
