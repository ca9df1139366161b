"""The recording of a proxy: whole after each exchange, for its owner alone, and without a secret."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from eqkit.cli.checks import load_command
from eqkit.traffic.exchanges import RecordedExchange, exchanges, read
from eqkit.traffic.recording import Recording
from eqkit.traffic.secrets import is_secret, without_key, without_members
from tests.checks.traffic import CONTRACT, Recorder
from tests.processes import ServerProcess

JSON = (("content-type", "application/json"),)
HIDING = (("X-Session-Token", "s3cret"), ("Set-Cookie", "s3cret"), ("Location", "/a?token=s3cret"))
ASKED = RecordedExchange(
    name="x",
    method="POST",
    url="http://h/x?api_key=s3cret",
    request_headers=JSON,
    request_body=b'{"password": "s3cret", "name": "a"}',
    status=200,
    response_headers=(*JSON, *HIDING),
    response_body=b'{"access_token": "s3cret", "accessToken":"s3\\"cret", "author": "b", "n": [1e400, 1, 1]}',
)


@pytest.mark.parametrize("suffix", [".har", ".jsonl"])
def test_a_recording_is_whole_after_each_exchange(suffix: str, tmp_path: Path) -> None:
    """A killed recording keeps the exchanges so far; its owner alone reads it, and no secret is in it."""
    file = tmp_path / f"all{suffix}"
    file.touch(0o644)
    recording = Recording(file)
    for count in range(1, 4):
        recording.add(ASKED, 1)
        assert len(read(file)) == count
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "s3" not in file.read_text()
    assert b'"author": "b", "n": [1e400, 1, 1]' in (read(file)[0].response_body or b"")
    assert recording.close() is None


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (b"x=test_key", b"x=[redacted]"),
        (b"x=test%5Fkey&y=1", b"x=[redacted]&y=1"),
        (b"x=%74est%5fkey", b"x=[redacted]"),
        (b"x=test%255Fkey", b"x=[redacted]"),
        (b"test%5Fkey=1", b"[redacted]=1"),
        (b"x=test%20key", b"x=test%20key"),
    ],
)
def test_a_key_in_a_query_is_known_by_its_value(query: bytes, shown: bytes) -> None:
    """The value is found in any escaping (ruling H4)."""
    assert without_key(query, b"test_key") == shown


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Proxy-Authorization",
        "x-authorisation",
        "X-Auth",
        "Authentication",
        "Cookie",
        "Set-Cookie",
    ],
)
def test_credentials_are_secret_by_their_name(name: str, tmp_path: Path) -> None:
    """A header whose name is or sounds like HTTP's credentials is redacted, in either direction."""
    assert is_secret(name)
    recording = Recording(tmp_path / "r.jsonl")
    headers = ((name, "Bearer s3cret"),)
    recording.add(RecordedExchange("x", "GET", "http://h/", headers, status=200, response_headers=headers), 1)
    assert recording.close() is None
    assert "s3cret" not in (tmp_path / "r.jsonl").read_text()


@pytest.mark.parametrize("name", ["author", "Authority", "WWW-Authenticate", "Idempotency-Key"])
def test_a_header_that_only_sounds_like_a_credential_is_shown(name: str) -> None:
    """An author, or the name of a resource, gives nothing away."""
    assert not is_secret(name)


def test_secret_members_are_hidden_and_nothing_else_is() -> None:
    """The text of a document stays as it was written, and that of many quotes is read in linear time."""
    assert without_members('{"token" : "a\\"b", "k": "token", "t\\u006fken":"c"}') == (
        '{"token" : "[redacted]", "k": "token", "t\\u006fken":"[redacted]"}'
    )
    quotes = '"' + '\\"' * 500_000
    assert without_members(quotes) == quotes


def test_a_broken_entry_is_left_out() -> None:
    """It is named, and the others are read."""
    entry = {"request": {"method": "GET", "url": "http://h/x"}, "response": {"status": 200}}
    broken = {"request": {"method": "GET", "url": "http://[::1"}}
    found = exchanges(json.dumps({"log": {"entries": [entry, broken, entry]}}).encode(), "r.har")
    assert [bool(each.broken) for each in found] == [False, True, False]
    assert "entry 2" in found[1].broken


@pytest.mark.parametrize(
    "broken", ['{"requ', "not JSON", "[" * 100_000, "1", '{"request": {"method": "GET"}}']
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_line_is_left_out(broken: str, place: int) -> None:
    """It is named wherever it stands, as the last one that a killed recorder wrote, and others are read."""
    lines = [json.dumps({"request": {"method": "GET", "url": "http://h/x"}, "response": {"status": 200}})] * 2
    lines.insert(place, broken)
    found = exchanges("\n".join(lines).encode(), "r.jsonl")
    assert [bool(each.broken) for each in found] == [number == place for number in range(3)]
    messages = f"{found[place].name} {found[place].broken}"
    assert f":{place + 1} " in messages or f"entry {place + 1} " in messages


def test_a_part_that_is_left_out_is_reported_by_each_check(live: ServerProcess, tmp_path: Path) -> None:
    """It is a warning, and the exit code is that of the rest."""
    recorder = Recorder(live.url, "test_left_out")
    recorder.send(CONTRACT.operations["enqueueMessage"])
    good = json.loads(recorder.save(tmp_path / "good.har").read_text())["log"]["entries"]
    recording = str(tmp_path / "r.jsonl")
    (tmp_path / "r.jsonl").write_text(f'{json.dumps(good[0])}\n{{"requ')
    for check, arguments in (
        ("replay", [recording]),
        ("coverage", [recording]),
        ("diff-servers", [live.url, live.url, recording]),
    ):
        result = CliRunner().invoke(load_command(check), arguments)
        assert result.exit_code == 0, result.output
        assert "warning: r.jsonl:2: neither HAR nor JSONL" in result.output, check
        assert "it was left out [recording-entry]" in result.output


def test_words_of_a_comment_excuse_nothing() -> None:
    """A fault is marked by a member of our own."""
    entry = {"request": {"method": "GET", "url": "http://h/x"}, "response": {"status": 500}}
    text = json.dumps(entry | {"comment": "request 1 of the journal, fault x (status)"})
    marked = json.dumps(entry | {"_eqkit": {"faults": [{"name": "x", "kind": "status"}], "outcome": "sent"}})
    assert [each.faults for each in exchanges(f"{text}\n{marked}".encode(), "r")] == [(), (("x", "status"),)]
