"""The journal of a proxy, on real sockets: the mock's entries of the same traffic, and the violations."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from eqkit.checks.proxy.proxied_exchange import LONGEST_KEPT
from eqkit.client import Client, Requests
from eqkit.settings import Settings
from eqkit.traffic.exchanges import exchanges
from tests.checks.proxies import Broken, journaled, served
from tests.clients import JSON_API, MESSAGES, message
from tests.processes import ServerProcess

SENT = {"content-type": JSON_API}
VALIDATED = Settings(validate_responses=True)


@pytest.fixture(scope="module")
def proxy(live: ServerProcess) -> Iterator[str]:
    """The address of a proxy before a mock; give each test a key of its own."""
    with journaled(live.url) as (url, _):
        yield url


def enqueue(url: str, key: str | None, *bodies: str, **headers: str) -> httpx.Response:
    """Enqueue a message, or a bulk of several."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    known = {} if key is None else {"authorization": key}
    if len(bodies) == 1:
        return httpx.post(url + MESSAGES, headers=SENT | known | named, json={"data": message(bodies[0])})
    document = {"data": [message(body, 4_102_444_800) for body in bodies]}
    return httpx.post(f"{url}{MESSAGES}/_bulk", headers=SENT | known | named, json=document)


def journal(url: str, key: str | None, path: str = "", **headers: str) -> Any:
    """Return the answer of a journal."""
    known = {} if key is None else {"authorization": key}
    return httpx.get(f"{url}/_mock/journal{path}", headers=known | headers).json()


def test_the_journals_of_a_proxy_and_of_the_mock_agree(proxy: str, live: ServerProcess) -> None:
    """Both show the same operations, queue, codes, messages and times of the same traffic."""
    key = "test_proxy_same"
    location = enqueue(proxy, key, "one").headers["location"]
    assert enqueue(proxy, key, "two", "three").status_code == 202
    for path in (httpx.URL(location).path, f"{MESSAGES}/1", f"{MESSAGES}/2?no=1"):
        httpx.get(proxy + path, headers={"authorization": key})
    ours, theirs = (Client(url, key).journal.list().entries for url in (proxy, live.url))
    assert len(ours) == 5
    for our, their in zip(ours, theirs, strict=True):
        for name in ("number", "method", "path", "operation", "queue", "query", "status", "error_codes"):
            assert getattr(our, name) == getattr(their, name), name
        assert our.request.document == their.request.document
        assert our.answer.document == their.answer.document
        assert our.stored is their.stored
        assert [each.id for each in our.messages] == [each.id for each in their.messages]
        assert [each.wait_until_at for each in our.messages] == [
            each.wait_until_at for each in their.messages
        ]
    assert [len(each.messages) for each in ours] == [1, 2, 0, 0, 0]


def test_a_client_is_verified_through_a_proxy(proxy: str) -> None:
    """A retry that the service answers from memory has stored nothing, as in the journal of the mock."""
    client = Client(proxy, key := "test_proxy_verified")
    for _ in range(3):
        assert enqueue(proxy, key, "order 17", idempotency_key="a1").status_code == 202
    stored = Requests(operation="enqueueMessage", stored=True, body={"/data/attributes/body": "order 17"})
    assert client.journal.verify(stored.exactly(1))
    missed = client.journal.check(stored.exactly(2))
    assert (bool(missed), missed.misses[0].rule) == (False, "count")
    assert client.journal.count(Requests(queue="a-queue")) == 3
    client.journal.clear()
    assert client.journal.list().entries == ()


def test_mistakes_of_a_client_are_found(proxy: str) -> None:
    """The journal of a proxy gives the same client warnings as the journal of the mock."""
    key = "test_proxy_mistaken"
    body = {"data": message("soon", 3600)}
    assert httpx.post(proxy + MESSAGES, headers=SENT | {"authorization": key}, json=body).status_code == 202
    enqueue(proxy, key, "twice")
    enqueue(proxy, key, "twice")
    kinds = [warning["kind"] for warning in journal(proxy, key, "/summary")["warnings"]]
    assert kinds == ["relative-delay", "duplicate-message"]


def test_each_key_has_a_journal_of_its_own(proxy: str) -> None:
    """Each key, known to the service or not, opens its own journal; requests without a key share one."""
    for key, body in (("test_proxy_a", "for a"), ("sk-live/other=", "for b")):
        enqueue(proxy, key, body)
        messages = journal(proxy, key)
        assert [
            each["request"]["document"]["data"]["attributes"]["body"] for each in messages["entries"]
        ] == [body]
    enqueue(proxy, None, "for nobody")
    assert [each["status"] for each in journal(proxy, None)["entries"]] == [401]
    assert [each["status"] for each in journal(proxy, "test_proxy_a")["entries"]] == [202]


def test_a_key_is_never_kept(live: ServerProcess) -> None:
    """A key is redacted in headers, in the query and in findings; so is a cookie."""
    key = "test_proxy_never_kept"
    with journaled(live.url) as (url, messages):
        headers = {"authorization": key, "user-agent": f"sdk ({key})", "cookie": "a=secret"}
        httpx.head(f"{url}{MESSAGES}/1?{key}=1&other={key}", headers=headers)
        texts = [httpx.get(f"{url}/_mock/journal{path}", headers={"authorization": key}).text
                 for path in ("", "/har")]  # fmt: skip
    assert any(key in finding.message for finding in messages)
    for text in texts:
        assert "sdk ([redacted])" in text
        assert key not in text
        assert "secret" not in text


@pytest.mark.parametrize(
    ("key", "secret"), [("Bearer tok-12345", "tok-12345"), ("Basic bWU6c2VjcmV0", "me:secret")]
)
def test_a_key_behind_a_scheme_is_never_kept_either(proxy: str, key: str, secret: str) -> None:
    """Neither a token nor user and password stay anywhere in the journal; either opens it."""
    headers = {"authorization": key, "user-agent": f"sdk ({secret})"}
    httpx.get(f"{proxy}{MESSAGES}/1", params={"again": secret}, headers=headers)
    text = httpx.get(f"{proxy}/_mock/journal", headers={"authorization": secret}).text
    assert "sdk ([redacted])" in text
    assert not [each for each in (secret, quote(secret, safe=""), key.split()[1]) if each in text]


def test_a_short_key_mangles_nothing(proxy: str) -> None:
    """A key that is short enough to occur by chance in other words is left in them."""
    httpx.get(f"{proxy}{MESSAGES}/1", headers={"authorization": "a", "accept": "a/a"})
    assert '"a/a"' in httpx.get(f"{proxy}/_mock/journal", headers={"authorization": "a"}).text


def test_a_violation_is_in_header_terminal_and_journal() -> None:
    """All three report each violation, and the journal shows the answer as the service gave it."""
    with served(Broken().application) as upstream, journaled(upstream) as (url, findings):
        answer = enqueue(url, "test_proxy_broken", "hello")
        (entry,) = journal(url, "test_proxy_broken")["entries"]
    assert len(findings) == len(answer.headers.get_list("contract-violation")) == len(entry["violations"]) > 1
    assert "error: the answer has no header Location [response-header]" in entry["violations"]
    assert (entry["status"], entry["answer"]["document"], entry["outcome"]) == (202, {"data": {}}, "sent")
    assert (entry["stored"], entry["messages"]) == (False, [])


def test_a_violation_of_a_client_is_in_its_journal(proxy: str, tmp_path: Path) -> None:
    """A request that the service refused is a warning and no error."""
    body = {"data": message(1)}
    httpx.post(proxy + MESSAGES, headers=SENT | {"authorization": "test_proxy_wrong"}, json=body)
    (entry,) = journal(proxy, "test_proxy_wrong")["entries"]
    assert entry["error-codes"] == ["wrong-type"]
    assert [each.partition(":")[0] for each in entry["violations"]] == ["warning"]
    shown = run("journal", "--url", proxy, "--key", "test_proxy_wrong", folder=tmp_path).stdout
    assert shown.splitlines()[0].endswith("VIOLATIONS")
    assert entry["violations"][0] in shown


def test_a_withheld_answer_is_lost() -> None:
    """On fail the journal has the service's response, marked as lost to the client."""
    with served(Broken().application) as upstream, journaled(upstream, fails=True) as (url, _):
        assert enqueue(url, "test_proxy_fails", "hello").status_code == 502
        (entry,) = journal(url, "test_proxy_fails")["entries"]
    assert (entry["status"], entry["outcome"], entry["sent-bytes"]) == (202, "lost", 0)


def test_a_service_that_does_not_answer_is_in_the_journal() -> None:
    """The entry has no answer, and of the body, which was not fetched, the length alone."""
    with journaled("http://127.0.0.1:1") as (url, _):
        assert enqueue(url, "test_proxy_alone", "hello").status_code == 502
        (entry,) = journal(url, "test_proxy_alone")["entries"]
    assert (entry["status"], entry["outcome"], entry["answer"]) == (0, "lost", {"headers": [], "size": 0})
    assert entry["request"]["size"] > 0


def test_a_body_that_is_too_long_is_journaled_by_its_length(live: ServerProcess) -> None:
    """The body is not kept, and a later validation of the journal does not take it for missing."""
    content = b"x" * (LONGEST_KEPT + 1)
    with journaled(live.url) as (url, _):
        headers = SENT | {"authorization": "test_proxy_long"}
        answer = httpx.post(url + MESSAGES, headers=headers, content=content, timeout=60)
        (entry,) = journal(url, "test_proxy_long")["entries"]
        har = httpx.get(f"{url}/_mock/journal/har", headers=headers).content
    assert (answer.status_code, entry["status"]) == (413, 413)
    assert {name: entry["request"].get(name) for name in ("size", "text", "document")} == {
        "size": len(content), "text": None, "document": None
    }  # fmt: skip
    assert [each.request_body for each in exchanges(har, "har")] == [None]


def test_only_the_journal_can_be_asked_of_a_proxy(proxy: str, live: ServerProcess) -> None:
    """Every other path of the mock's control plane is a 404 that says so, and is not sent to the service."""
    assert httpx.get(f"{live.url}/_mock/clock").status_code == 200
    for path in ("/clock", "/faults", "", "/journal/nothing"):
        answer = httpx.get(f"{proxy}/_mock{path}")
        assert answer.status_code == 404
        assert "Of a proxy only the journal can be asked" in answer.json()["errors"][0]["detail"]
    assert [*httpx.get(f"{proxy}/_mock/openapi.json").json()["paths"]] == [
        "/journal", "/journal/summary", "/journal/count", "/journal/verify", "/journal/har"
    ]  # fmt: skip


def test_the_journal_is_guarded_as_that_of_the_mock(live: ServerProcess) -> None:
    """Without a token the journal is for this machine and its own pages; with one, for each holder."""
    with journaled(live.url) as (url, _):
        assert httpx.get(f"{url}/_mock/journal", headers={"host": "evil.example"}).status_code == 403
        assert (
            httpx.get(f"{url}/_mock/journal", headers={"origin": "https://evil.example"}).status_code == 403
        )
    with journaled(live.url, Settings(host="0.0.0.0", control_token="t0ken")) as (url, _):
        assert httpx.get(f"{url}/_mock/journal").status_code == 401
        known = {"control-token": "t0ken", "host": "proxy.example"}
        assert httpx.get(f"{url}/_mock/journal", headers=known).status_code == 200


@pytest.mark.parametrize(
    "settings", [Settings(host="0.0.0.0"), Settings(control=False, control_token="t0ken")]
)
def test_a_journal_that_is_not_to_be_shown_is_not_there(live: ServerProcess, settings: Settings) -> None:
    """The journal of the service, which the proxy would ask from its own machine, is not there either."""
    with journaled(live.url, settings) as (url, _):
        for path in ("/journal", "/clock"):
            answer = httpx.get(f"{url}/_mock{path}", headers={"control-token": "t0ken"})
            assert answer.status_code == 404
            assert "This proxy shows no journal" in answer.json()["errors"][0]["detail"]


OTHER = """
openapi: 3.0.3
info: {title: Pets, version: 1.0.0}
security: [{Key: []}]
paths:
  /pets/{pet}:
    get:
      operationId: get_pet
      tags: [pets]
      parameters: [{name: pet, in: path, required: true, schema: {type: string}}]
      responses:
        '200': {description: The pet., content: {application/json: {schema: {type: object}}}}
components:
  securitySchemes:
    Key: {type: apiKey, in: header, name: X-Api-Key}
"""


@pytest.mark.parametrize(("name", "named"), [("get_pet", True), ("GET /pets/{pet}", False)])
def test_any_contract_has_a_journal(tmp_path: Path, name: str, *, named: bool) -> None:
    """The journal names the operations of the contract, and takes the key from its place there."""
    file = tmp_path / "pets.yaml"
    file.write_text(OTHER if named else OTHER.replace("operationId: get_pet", "x-unnamed: true"))

    async def pets(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [(b"content-type", b"application/json"), (b"set-cookie", b"a=secret")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b'{"name": "Rex"}'})

    with served(pets) as upstream, journaled(upstream, VALIDATED, contract=file) as (url, messages):
        httpx.get(f"{url}/pets/rex", headers={"x-api-key": "k1", "authorization": "Bearer else"})
        httpx.put(f"{url}/pets/rex", headers={"x-api-key": "k1"})
        found = journal(url, "k1", f"?operation={quote(name)}")
        summary = journal(url, "k1", "/summary")
        assert journal(url, "Bearer else")["total"] == 0
        har = httpx.get(f"{url}/_mock/journal/har", headers={"authorization": "k1"}).text
    (entry,) = found["entries"]
    assert (entry["operation"], entry["stored"], entry["violations"]) == (name, False, [])
    assert [finding.rule for finding in messages] == ["request-method", "accepted-violation"]
    assert summary["answers"] == [{"operation": name, "status": 200, "count": 1}, {"status": 200, "count": 1}]
    assert entry["answer"]["document"] == {"name": "Rex"}
    assert '"mimeType":"application/json"' in har
    assert "secret" not in har


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of eqkit to its end."""
    command = [sys.executable, "-m", "eqkit", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_the_other_commands_ask_a_proxy_as_they_ask_a_mock(live: ServerProcess, tmp_path: Path) -> None:
    """`eqkit journal`, `coverage` and `replay` work on the journal of `eqkit proxy`."""
    key = "test_proxy_commands"
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "eqkit", "proxy", live.url, "--port", "0", "--control-token", "t0ken"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as client:
            headers = SENT | {"authorization": key}
            assert (
                client.post(url + MESSAGES, headers=headers, json={"data": message("a")}).status_code == 202
            )
        asked = ("journal", "--url", url, "--key", key, "--control-token", "t0ken")
        listed = run(*asked, folder=tmp_path).stdout
        archive = run(*asked, "har", folder=tmp_path).stdout
        (tmp_path / "journal.har").write_text(archive)
        replayed = run("replay", "journal.har", folder=tmp_path).stdout
        token = ("--key", key, "--control-token", "t0ken")
        covered = run("coverage", url, *token, folder=tmp_path).stdout
        client_covered = run("coverage", url, *token, "--for", "client", folder=tmp_path)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    assert process.returncode == 0
    assert "POST    /v1/queues/" in listed
    assert "replay: passed; 1 tested, nothing found" in replayed
    assert "enqueueMessage" in covered
    assert (client_covered.returncode, ": error: " in client_covered.stdout) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--control-token", "a b"], "--control-token: expected 1 to 200"),
        (["--contract", "bad.yaml"], "bad.yaml: not a contract that can be validated against"),
        (["--record", "all.txt"], "all.txt: a recording is called"),
        (["--host", "256.0.0.1", "--control-token", "t0ken"], "cannot listen on 256.0.0.1"),
    ],
)
def test_a_wrong_argument_of_the_proxy_ends_in_one_line(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    """The line says where the error is, and nothing is served."""
    (tmp_path / "bad.yaml").write_text("openapi: 3.0.3\npaths: {/a: 3}\n")
    answer = run("proxy", "http://127.0.0.1:1", "--port", "0", *arguments, folder=tmp_path)
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1), answer.stderr
    assert message in answer.stderr


def test_an_open_address_without_a_token_has_a_warning(tmp_path: Path) -> None:
    """A proxy that other machines can reach warns that its journal needs a control token."""
    answer = run("proxy", "http://127.0.0.1:1", "--host", "256.0.0.1", folder=tmp_path)
    assert "no journal: other machines may reach 256.0.0.1, so it needs --control-token" in answer.stderr
