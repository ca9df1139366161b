"""Every check on a contract that is not ours, and on servers of it, as somebody new would run it."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from eqkit.checks.proxy.proxy import Proxy
from eqkit.checks.sources import load
from eqkit.traffic.recording import Recording
from tests.checks.pets import BASIC, BEARER, KEY, PETS, TIM, recorded, serving
from tests.checks.pets_checks import ManyLives, Open, run
from tests.checks.proxies import journaled, served

BIRDS = PETS.with_name("birds-3.1.yaml")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Traffic to a server that keeps the contract."""
    with serving() as url:
        return recorded(url, tmp_path_factory.mktemp("pets") / "pets.jsonl")


@pytest.mark.parametrize("contract", [PETS, BIRDS])
def test_a_contract_of_others_is_not_held_to_our_own_ruleset(contract: Path) -> None:
    """It is valid and its examples true; our own ways are asked for by name."""
    assert run("lint", contract=contract).output.endswith("nothing found\n")
    result = run("lint", "--ruleset", "eqkit", contract=contract)
    assert result.exit_code == 1
    assert "[eqkit-operation]" in result.output


def test_an_example_of_a_request_needs_nothing_that_the_server_makes(tmp_path: Path) -> None:
    """`readOnly` is required in answers alone, `writeOnly` in requests alone; each is held to the rest."""
    file = tmp_path / "api.yaml"
    text = PETS.read_text()
    file.write_text(text.replace("name: Tom, lives: 9}", "name: Tom}"))
    assert "[lint-example]" in run("lint", contract=file).output
    pin = text.replace("required: [id, kind, name]", "required: [id, kind, name, pin]")
    file.write_text(pin)
    assert f"{file}:48:" in run("lint", contract=file).output
    file.write_text(pin.replace("name: Tom, lives: 9}", "name: Tom, lives: 9, pin: a}"))
    assert run("lint", contract=file).exit_code == 0
    example = "example: {kind: cat, name: Tim, lives: 1}"
    wanted = "            application/json; charset=utf-8:\n"
    file.write_text(text.replace(wanted, f"{wanted}              {example}\n"))
    assert f"{file}:56:" in run("lint", contract=file).output


def test_two_operations_of_one_name_are_reported(tmp_path: Path) -> None:
    """The operationId has to be unique, where there is one."""
    file = tmp_path / "api.yaml"
    file.write_text(PETS.read_text().replace("    delete:\n", "    delete:\n      operationId: addPet\n"))
    result = run("lint", contract=file)
    assert result.exit_code == 1
    assert "addPet" in result.output
    assert "[lint-operation-id]" in result.output


def test_recorded_traffic_is_validated(recording: Path) -> None:
    """A violation of the client is a warning; the valid answers of the server raise no alarm."""
    result = run("replay", recording, "--report", "json=-")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert len(report["tested"]) == 14
    assert sorted(finding["rule"] for finding in report["findings"]) == [
        "request-body", "request-body",
        "request-media-type", "request-method", "request-parameter", "request-parameter",
    ]  # fmt: skip


def test_traffic_is_sent_again_below_the_base_with_the_key_that_each_operation_wants(recording: Path) -> None:
    """Bearer, Basic and a key in the query; the path of the recorded server is not sent twice."""
    with serving() as url:
        result = run("replay", recording, "--send", url, "--key", KEY)
        assert result.exit_code == 0, result.output
        assert "other-status" not in result.output
        assert "request-path" not in result.output
        refused = run("replay", recording, "--send", url, "--key", "wrong")
    assert "answered 204 when it was recorded, and 401 now" in refused.output


def test_an_operation_without_a_name_and_answers_of_many_statuses_are_covered(recording: Path) -> None:
    """`4XX` and `default` are seen when an answer falls under them; a 405 counts for neither."""
    result = run("coverage", recording, "--fail-under", "100", "--fail-under", "parameters=100")
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.output.splitlines()]
    assert ["OPERATION", "200", "201", "204", "404", "422", "4XX", "DEFAULT"] in rows
    assert ["addPet", "2", "1", "1"] in rows
    assert ["GET", "/pets/{petId}", "1", "1", "1"] in rows
    assert ["DELETE", "/pets/{petId}", "1", "1"] in rows
    assert ["media-types", "2", "2", "100.0", "%", "0"] in rows


def test_missing_coverage_is_reported_without_advice_for_our_mock(recording: Path, tmp_path: Path) -> None:
    """Advice for a foreign server never mentions `Prefer: code=`, which our mock alone understands."""
    first = tmp_path / "first.jsonl"
    first.write_text(recording.read_text().splitlines()[0])
    result = run("coverage", first, "--fail-under", "100")
    assert result.exit_code == 1
    assert "error: answer DELETE /pets/{petId} 4XX: never seen [coverage-answers]" in result.output
    assert "error: answer GET /pets default: never seen [coverage-answers]" in result.output
    assert "Prefer" not in result.output


def test_two_servers_are_compared_by_a_recording(recording: Path) -> None:
    """A server does not differ from itself; another is reported with its differences and its violations."""
    with serving() as first, serving() as second, serving(ManyLives) as third:
        same = run("diff-servers", first, second, recording, "--key", KEY)
        other = run("diff-servers", first, third, recording, "--key", KEY)
    assert same.exit_code == 0, same.output
    assert "14 tested, nothing found" in same.output
    assert "/lives is 9 in the first, and 'many' in the second [servers-differ]" in other.output
    assert f"(at {third}) [response-body]" in other.output


@pytest.mark.parametrize(("key", "below"), [("wrong", ""), (KEY, "/elsewhere")], ids=["key", "address"])
def test_a_recording_that_a_server_answers_nothing_of_is_not_validated(
    key: str, below: str, recording: Path, tmp_path: Path
) -> None:
    """A refused key or an address without the API ends with exit code 2 and advice."""
    file = tmp_path / "pets.jsonl"
    lines = recording.read_text().splitlines()
    file.write_text("\n".join(line for line in lines if "api_key" not in line))
    with serving() as first, serving() as second:
        messages = {"wrong": ": the server refuses the key with 401 for "}.get(
            key, f"{second}{below}: the server has nothing of what was recorded"
        )
        for arguments in (
            ("replay", file, "--send", second + below),
            ("diff-servers", first, second + below, file),
            ("diff-servers", second + below, first, file),
        ):
            result = run(*map(str, arguments), "--key", key)
            assert result.exit_code == 2, result.output
            assert f"{arguments[0]}: error: " in result.output
            assert messages in result.output


def test_a_recorded_refusal_is_validated_when_it_is_refused_again(recording: Path, tmp_path: Path) -> None:
    """A recording of nothing but refusals says nothing of the key, and of the address as little."""
    refused = tmp_path / "refused.jsonl"
    lines = recording.read_text().splitlines()
    refused.write_text("\n".join(line for line in lines if '"status": 40' in line))
    with serving() as url:
        result = run("replay", refused, "--send", url, "--key", KEY)
    assert result.exit_code == 0, result.output


def test_our_probes_are_not_sent_to_other_people_s_servers() -> None:
    """Without a recording there is nothing to send, and a line says so."""
    result = run("diff-servers", "http://127.0.0.1:1", "http://127.0.0.1:2")
    assert result.exit_code == 2
    assert "the probes are for ElasticQueue" in result.output
    assert "name a recording" in result.output


def test_a_proxy_validates_traffic_and_records_no_secret(tmp_path: Path) -> None:
    """Keys are left out of a recording wherever the API wants them: in headers and in the query."""
    messages: list[Any] = []
    file = tmp_path / "through.jsonl"
    with serving(ManyLives) as upstream:
        proxy = Proxy(*load(PETS, [upstream]), upstream, messages.append, [Recording(file)])
        with served(proxy) as url:
            read = httpx.get(f"{url}/pets/1", headers={**BEARER, "X-Api-Key": KEY})
            listed = httpx.get(f"{url}/pets", params={"api_key": KEY}, cookies={"session": "a"})
            added = httpx.post(f"{url}/pets", headers=BEARER, json=TIM)
            gone = httpx.delete(f"{url}/pets/7", headers=BASIC)
    assert [each.status_code for each in (read, listed, added, gone)] == [200, 200, 201, 204]
    assert [finding.rule for finding in messages] == ["response-body"] * 2
    assert "response-body" in read.headers["contract-violation"]
    written = file.read_text()
    assert len(written.splitlines()) == 4
    assert KEY.partition(":")[2] not in written
    assert BASIC["authorization"] not in written


@pytest.fixture
def odd_names(tmp_path: Path) -> Path:
    """The contract with a key in the query, or in a header, of names that do not sound like one."""
    contract = tmp_path / "odd.yaml"
    text = PETS.read_text().replace("        - bearer: []\n        - query: []", "        - query: []")
    text = text.replace("name: api_key}", "name: appid}\n    header: {type: apiKey, in: header, name: X-App}")
    contract.write_text(text)
    return contract


@pytest.mark.parametrize("kind", ["har", "jsonl"])
def test_a_proxy_records_no_secret_under_any_name_of_the_contract(
    odd_names: Path, tmp_path: Path, kind: str
) -> None:
    """The value at each place where the contract wants a key is redacted in recordings and journals."""
    file = tmp_path / f"through.{kind}"
    recording = Recording(file)
    with serving() as upstream, journaled(upstream, contract=odd_names, recordings=[recording]) as (url, _):
        httpx.get(f"{url}/pets", params={"limit": 3, "Appid": KEY, "appid": KEY})
        httpx.get(f"{url}/pets/1", headers={"X-App": KEY})
        seen = [httpx.get(f"{url}/_mock/journal{path}", headers=headers)
                for path in ("", "/har") for headers in ({"authorization": KEY}, {})]  # fmt: skip
    recording.close()
    texts = [file.read_text(), *(each.text for each in seen)]
    assert "limit=3&Appid=[redacted]&appid=[redacted]" in texts[0]
    assert [each.count("appid") > 0 for each in texts] == [True, False, True, False, True]
    assert not any(KEY.partition(":")[2] in each for each in texts)


def test_no_report_repeats_a_key_under_any_name_of_the_contract(odd_names: Path, recording: Path) -> None:
    """A replayed request has the key where its operation wants it, and the curl line has a variable there."""
    with serving() as first, serving(Open) as second:
        replayed = run("replay", recording, "--send", first, "--key", KEY, contract=odd_names)
        compared = run("diff-servers", first, second, recording, "--key", KEY, contract=odd_names)
    for result in (replayed, compared):
        assert 'appid=$EQKIT_CLIENT_KEY"' in result.output
        assert KEY.partition(":")[2] not in result.output


@pytest.mark.parametrize("check", ["lint", "replay", "coverage", "diff"])
def test_an_odd_but_valid_contract_is_validated(check: str) -> None:
    """Extensions among paths and answers, a path by reference, a parameter of a media type, any body."""
    odd = PETS.with_name("odd.yaml")
    recorded_odd = PETS.parents[1] / "recordings/odd.jsonl"
    # Its scheme that there isn't is for the others: to lint that is no valid document.
    arguments: dict[str, list[object]] = {
        "lint": ["--without", "lint-security-undefined"],
        "replay": [recorded_odd],
        "coverage": [recorded_odd],
        "diff": [odd, odd],
    }
    result = run(check, *arguments[check], contract=odd)
    assert result.exit_code == 0, result.output
    assert "error" not in result.output


SPOILT = {
    "a range in small letters": ("        4XX:", "        4xx:", "an answer to '4xx' is none"),
    "a version to come": ("openapi: 3.0.3", "openapi: 3.3.0", "3.0, 3.1 and 3.2 can"),
}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'#/components/schemas/Owner'", "owner.yaml#/Owner"),
        ("#/components/schemas/Owner'", "#/components/schemas/Own'"),
    ],
    ids=["another file", "nowhere"],
)
def test_an_unresolved_reference_is_named_and_the_rest_is_checked(
    old: str, new: str, tmp_path: Path, recording: Path
) -> None:
    """Every part that does not depend on the unresolved reference is validated."""
    file = tmp_path / "api.yaml"
    file.write_text(PETS.read_text().replace(old, new))
    result = run("replay", recording, contract=file)
    assert result.exit_code == 0, result.output
    assert "[contract-schema]" in result.output
    assert new.strip("'") in result.output


CALLING = ("replay", "coverage", "proxy", "diff-servers")
"""The checks that need every part of a contract; `diff` compares all that it can follow."""


@pytest.mark.parametrize(
    ("check", "old", "new", "message"),
    [
        *((check, *each) for check in CALLING for each in SPOILT.values()),
        ("diff", *SPOILT["a version to come"]),
    ],
)
def test_an_unusable_contract_ends_in_one_line(
    check: str, old: str, new: str, message: str, tmp_path: Path, recording: Path
) -> None:
    """The run ends with exit code 2, the name of the file and advice, and never with a traceback."""
    file = tmp_path / "api.yaml"
    file.write_text(PETS.read_text().replace(old, new))
    arguments: dict[str, list[object]] = {
        "replay": [recording],
        "coverage": [recording],
        "proxy": ["http://127.0.0.1:1"],
        "diff-servers": ["http://127.0.0.1:1", "http://127.0.0.1:2", recording],
        "diff": [PETS, file],
    }
    result = run(check, *arguments[check], contract=file)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.output.startswith(f"{check}: {file}:")
    assert message in result.output
    assert len(result.output.splitlines()) == 1
