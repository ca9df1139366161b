"""Our own answers compared with the contract, and the log of a crash."""

import logging
from collections.abc import Callable

import pytest

from eqkit.elasticqueue.service import elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.errors import ContractError
from eqkit.timing.clock import ManualClock
from eqkit.web.app import Application, load_contract
from tests.clients import BULK, MESSAGES, Client, errors, message

CONTRACT = load_contract("elasticqueue.yaml")
WRONG = "tests.web.wrong_handlers"
DOCUMENTED = ", ".join(CONTRACT.at("/paths/~1v1~1queues~1{queue}~1messages/post/responses"))
BROKEN = [
    (
        "a status that is not documented",
        202,
        f"enqueueMessage 299: answered 299, and enqueueMessage has only {DOCUMENTED}",
    ),
    ("a header is missing", 202, "enqueueMessage 202: the answer has no header Content-Location"),
    (
        "a member is null",
        202,
        'enqueueMessage 202: at /data/id: "id" must be a string, not null.',
    ),
    (
        "no document",
        202,
        "enqueueMessage 202: the answer is of no media type, and not application/vnd.api+json",
    ),
    (
        "a document where none should be",
        204,
        "enqueueMessage 204: the 204 has a body of 29 bytes, and must not have any",
    ),
]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    """The log of eqkit, even after a test has configured its logger for a server."""
    monkeypatch.setattr(logging.getLogger("eqkit"), "propagate", True)
    return caplog


@pytest.fixture
def wrong(clock: ManualClock) -> Callable[..., Application]:
    """Make applications with handlers that break the contract; not held to it by the fixture."""

    def wrong(**settings: object) -> Application:
        chosen = ElasticQueueSettings(**({"validate_responses": True} | settings))  # type: ignore[arg-type]
        return elasticqueue(chosen, make_clock=lambda: clock, handlers=WRONG)

    return wrong


@pytest.mark.parametrize(("body", "status", "message"), BROKEN)
def test_an_answer_that_breaks_the_contract_becomes_a_500(
    wrong: Callable[..., Application], log: pytest.LogCaptureFixture, body: str, status: int, message: str
) -> None:
    """Ruling H12: with validate_responses a break is kept, logged, and answered as ours to mend."""
    application = wrong(enqueue_status=status)
    client = Client(application)
    response = client.enqueue(body)
    assert errors(response) == [("500", "internal-error", None)]
    assert message not in response.text
    assert [str(broken) for broken in application.broken] == [message]
    assert f"POST {MESSAGES}: {message}" in log.text
    assert (client.journal[-1].status, client.journal[-1].error_codes) == (500, ("internal-error",))


def test_every_operation_is_validated(wrong: Callable[..., Application]) -> None:
    """Ruling H12: bulk, reading and HEAD are held against the contract like the single call."""
    application = wrong()
    client = Client(application)
    answers = [
        client.post(BULK, json={"data": [message()]}),
        client.get(f"{MESSAGES}/1"),
        client.request("HEAD", f"{MESSAGES}/1"),
    ]
    assert [response.status_code for response in answers] == [500, 500, 500]
    messages = [str(broken).split(" ")[0] for broken in application.broken]
    assert messages == ["bulkEnqueueMessages", "getMessage", "headMessage"]


def test_our_own_refusals_are_validated_and_found_right(wrong: Callable[..., Application]) -> None:
    """Ruling B10: the errors of the middleware are the contract's, for all handlers behind it."""
    application = wrong()
    client = Client(application)
    assert client.post(MESSAGES, json={}).status_code == 400
    assert client.get("/nowhere").status_code == 404
    assert client.enqueue(headers={"prefer": "code=503"}).status_code == 503
    assert application.broken == []


def test_without_validation_an_answer_leaves_as_it_is(wrong: Callable[..., Application]) -> None:
    """Ruling H12: validation is for development and tests, and costs nothing where it is off."""
    application = wrong(validate_responses=False)
    assert Client(application).enqueue("a status that is not documented").status_code == 299
    assert application.broken == []


@pytest.mark.parametrize("validated", [True, False])
def test_a_crash_is_a_500_without_details(
    wrong: Callable[..., Application], log: pytest.LogCaptureFixture, validated: bool
) -> None:
    """Rulings B2, H9: an error document without a traceback; the log has it, and the key is in neither."""
    application = wrong(validate_responses=validated)
    client = Client(application)
    response = client.enqueue("crash")
    assert errors(response) == [("500", "internal-error", None)]
    assert "Traceback" not in response.text
    assert "on purpose" not in response.text
    assert f"POST {MESSAGES} failed" in log.text
    assert "RuntimeError: the handler crashed on purpose" in log.text
    assert "test_key" not in log.text
    assert application.broken == []
    assert client.get("/health").status_code == 200


def test_a_package_without_a_handler_is_refused_at_the_start() -> None:
    """No operation without a function: a server that could not answer one does not come up."""
    with pytest.raises(ContractError, match=r"enqueueMessage has no handler tests\.web\.messages\."):
        elasticqueue(handlers="tests.web")
