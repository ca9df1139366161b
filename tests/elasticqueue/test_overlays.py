"""The contract that a server hands out describes that server, under all settings."""

import functools
import importlib.resources
from typing import Any

import httpx
import openapi_spec_validator
import pytest

from eqkit.contract.document import Document, Json
from eqkit.elasticqueue.overlays import overlay_actions
from eqkit.elasticqueue.service import elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from tests.clients import Client, message
from tests.clients import errors as errors_of
from tests.contract.documents import CONTRACT, Oracle, operations, wrong_examples

LAST_SECOND = 253402300799
LAST_MILLISECOND = 253402300799999
AMENDING: list[dict[str, Any]] = [
    {"max_body": 20},
    {"max_bulk": 2},
    {"unknown_attributes": "ignore"},
    {"wait_until_unit": "seconds"},
    {"enqueue_status": 201},
    {"enqueue_status": 204},
]
"""ElasticQueueSettings that change the requests or responses of a client."""

SILENT: list[dict[str, Any]] = [
    {"key": ("secret",)},
    {"seed": 7},
    {"public_url": "https://mock.test"},
    {"declared_queues": ("a-queue",)},
    {"max_delay": 60},
    {"validate_responses": True},
]
"""ElasticQueueSettings that the contract leaves room for: it describes their answers for every server."""


def handed_out(client: Client) -> Document:
    """The contract as a client gets it."""
    return Document(client.get("/openapi.json").json())


@functools.cache
def serving(**settings: Any) -> Client:
    """A client of the one server that is set so, whose answers are held against its contract."""
    return Client(elasticqueue(ElasticQueueSettings(validate_responses=True, **settings)))


def success_of(document: Document, operation_id: str) -> list[str]:
    """The statuses of success that a document promises for an operation."""
    return [status for status in operations(document)[operation_id]["responses"] if status < "300"]


@pytest.mark.parametrize("settings", [{}, *SILENT], ids=str)
def test_a_server_set_as_usual_hands_out_the_very_file(settings: dict[str, Any]) -> None:
    """The server shows the file of the repository, comments and order included."""
    file = importlib.resources.files("eqkit.openapi") / "elasticqueue.yaml"
    client = Client(elasticqueue(ElasticQueueSettings(**settings)), key="secret")
    assert client.get("/openapi.yaml").content == file.read_bytes()
    assert handed_out(client).data == CONTRACT.data


@pytest.mark.parametrize("settings", AMENDING, ids=str)
def test_an_overlaid_contract_is_another_and_still_valid(settings: dict[str, Any]) -> None:
    """SDK teams generate from the contract that is handed out, in YAML as in JSON."""
    document = handed_out(serving(**settings))
    openapi_spec_validator.validate(document.data)
    assert document.data != CONTRACT.data
    assert overlay_actions(CONTRACT, ElasticQueueSettings(**settings)) != []


@pytest.mark.parametrize("settings", AMENDING, ids=str)
def test_the_examples_of_an_overlaid_contract_are_valid(settings: dict[str, Any]) -> None:
    """An example is answered to `Prefer: example=…`, and copied by people: the server must take it itself."""
    assert wrong_examples(handed_out(serving(**settings))) == []


REQUESTS: list[tuple[dict[str, Any], str, Json, int]] = [
    ({"max_body": 20}, "enqueueMessage", message("x" * 20), 202),
    ({"max_body": 20}, "enqueueMessage", message("x" * 21), 413),
    ({"max_body": 2_000_000}, "enqueueMessage", message("x" * 1_500_000), 202),
    ({"max_bulk": 2}, "bulkEnqueueMessages", [message()] * 2, 202),
    ({"max_bulk": 2}, "bulkEnqueueMessages", [message()] * 3, 400),
    ({"max_bulk": 1001}, "bulkEnqueueMessages", [message()] * 1001, 202),
    ({}, "enqueueMessage", {"type": "message", "attributes": {"body": "", "delay": 1}}, 400),
    (
        {"unknown_attributes": "ignore"},
        "enqueueMessage",
        {"type": "message", "attributes": {"body": "", "delay": 1}},
        202,
    ),
    ({"wait_until_unit": "seconds"}, "enqueueMessage", message("", LAST_SECOND), 202),
    ({"wait_until_unit": "seconds"}, "enqueueMessage", message("", LAST_SECOND + 1), 400),
    ({"wait_until_unit": "milliseconds"}, "enqueueMessage", message("", LAST_MILLISECOND), 202),
    ({"wait_until_unit": "milliseconds"}, "enqueueMessage", message("", LAST_MILLISECOND + 1), 400),
    ({"enqueue_status": 201}, "enqueueMessage", message(), 201),
    ({"enqueue_status": 201}, "bulkEnqueueMessages", [message()], 201),
    ({"enqueue_status": 204}, "enqueueMessage", message(), 204),
    ({"enqueue_status": 204}, "bulkEnqueueMessages", [message()], 204),
]


@pytest.mark.parametrize(("settings", "operation_id", "data", "status"), REQUESTS)
def test_the_server_takes_the_requests_that_its_contract_allows_alone(
    settings: dict[str, Any], operation_id: str, data: Json, status: int
) -> None:
    """At each limit, the schema that was handed out and the server give the same verdict."""
    client = serving(**settings)
    document = handed_out(client)
    path = "/v1/queues/a-queue/messages" + ("/_bulk" if isinstance(data, list) else "")
    answer: httpx.Response = client.post(path, json={"data": data})
    assert answer.status_code == status
    operation = document.inlined(operations(document)[operation_id])
    (body,) = operation["requestBody"]["content"].values()
    assert Oracle(body["schema"]).accepts({"data": data}) == (status < 300)
    promised = operation["responses"][str(status)]
    assert bool(promised.get("content")) == bool(answer.content)
    required = [name for name, header in promised["headers"].items() if header["required"]]
    assert [name for name in required if name not in answer.headers] == []
    assert success_of(document, operation_id) == [str(settings.get("enqueue_status", 202))]


def test_another_limit_of_a_body_is_counted_in_bytes_too() -> None:
    """The limit is one of UTF-8 (ruling B3), in the contract that is handed out as well."""
    client = serving(max_body=20)
    body = handed_out(client).at("/components/schemas/MessageInputAttributes/properties/body")
    assert (body["x-max-bytes"], body["maxLength"]) == (20, 20)
    assert client.enqueue("é" * 10).status_code == 202
    assert errors_of(client.enqueue("é" * 11)) == [("413", "body-too-large", "/data/attributes/body")]


@pytest.mark.parametrize(
    ("unit", "wait_until"), [("seconds", LAST_SECOND), ("milliseconds", LAST_MILLISECOND)]
)
def test_the_last_instant_is_the_same_in_every_unit(unit: str, wait_until: int) -> None:
    """The end of the year 9999, or its last second (ruling T10)."""
    client = serving(wait_until_unit=unit)
    location = client.enqueue(wait_until=wait_until).headers["location"]
    assert client.get(location).json()["data"]["meta"]["due-at"].startswith("9999-12-31T23:59:59.")


def test_a_longest_delay_is_refused_as_the_contract_lists_it() -> None:
    """This bound moves with the clock, which no schema can say; its code is in the contract (ruling T10)."""
    refused = serving(max_delay=60).enqueue(wait_until=LAST_MILLISECOND)
    assert errors_of(refused) == [("400", "invalid-wait-until", "/data/attributes/wait-until")]


@pytest.mark.parametrize(
    ("settings", "phrase"),
    [
        ({"max_body": 20}, "1 MiB"),
        ({"max_bulk": 2}, "1,000"),
        ({"max_request": 1000}, "10 MiB"),
        ({"wait_until_unit": "seconds"}, "10^11"),
        ({"wait_until_unit": "milliseconds"}, "10^11"),
    ],
)
def test_the_prose_of_an_overlaid_contract_states_no_limit_of_another_server(
    settings: dict[str, Any], phrase: str
) -> None:
    """People read descriptions and examples, and not `maximum`: a limit that was moved stands nowhere."""
    assert phrase in CONTRACT.as_yaml.decode()
    assert phrase not in serving(**settings).get("/openapi.yaml").text
