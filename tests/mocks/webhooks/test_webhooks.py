"""Webhooks over real sockets: their content, times and signatures, and the retries of failed ones."""

import json
import socket
from collections.abc import Iterator
from itertools import pairwise

import orjson
import pytest

from eqkit.rfc3339 import read_instant
from eqkit.sandbox.webhooks.subscriptions import read_secret, signature
from eqkit.timing.instants import rfc3339
from tests.contract.documents import MOCK, Oracle
from tests.control import control_errors
from tests.mocks.receivers import START_MS, SandboxClient, is_genuine, receiving
from tests.processes import ServerProcess

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def sandbox(live: ServerProcess) -> Iterator[SandboxClient]:
    """A sandbox whose clock stands at START."""
    sandbox = SandboxClient(live.url)
    sandbox.freeze()
    yield sandbox
    sandbox.close()


def after(ms: int) -> str:
    """The instant so long after START."""
    return rfc3339(START_MS + ms)


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_webhook_that_is_delayed_15_seconds_fires_within_an_advance_of_60(sandbox: SandboxClient) -> None:
    """While the clock stands nothing is sent; `advance` sends it at its own time and lists it."""
    with receiving() as receiver:
        webhook = sandbox.subscribe(receiver.url)
        identifier = sandbox.enqueue("hello", 15_000)
        happened = sandbox.advance(14_999)
        assert (receiver.requests, happened) == ([], [])
        happened = sandbox.advance(45_001)
    about = {"queue": "a-queue", "id": identifier}
    assert happened == [
        (after(15_000), "message.delivered", {**about, "due-at": after(15_000)}),
        (
            after(15_000),
            "webhook.attempted",
            {"webhook": webhook["id"], **about, "attempt": 1, "status": 204},
        ),
        (after(15_000), "webhook.succeeded", {"webhook": webhook["id"], **about, "attempts": 1}),
    ]
    assert receiver.messages == [("hello", 1)]
    assert receiver.requests[0].headers["webhook-timestamp"] == str(START_MS // 1000 + 15)


def test_a_message_is_posted_as_a_signed_document_of_json_api(sandbox: SandboxClient) -> None:
    """The document has the message and its due time; the signature is that of Standard Webhooks."""
    with receiving() as receiver:
        webhook = sandbox.subscribe(receiver.url, queue="a-queue")
        identifier = sandbox.enqueue("Grüße \0", 1_500)
        sandbox.advance(2_000)
    (request,) = receiver.requests
    assert request.path == "/hooks?from=mock"
    assert request.headers["content-type"] == "application/vnd.api+json"
    assert request.headers["host"] in receiver.url
    assert request.headers["webhook-id"] == f"msg_{identifier}_{webhook['id']}"
    assert request.headers["webhook-timestamp"] == "1459036801"
    assert is_genuine(request, webhook["secret"])
    assert request.message == {
        "type": "message",
        "id": identifier,
        "attributes": {"body": "Grüße \0", "wait-until": START_MS + 1_500},
        "meta": {"queue": "a-queue", "due-at": after(1_500), "delivered-at": after(1_500), "attempt": 1},
    }


def test_signatures_are_those_of_standard_webhooks() -> None:
    """The example of its specification."""
    signed = signature(
        read_secret(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_post_is_as_the_callback_of_the_contract_promises(sandbox: SandboxClient) -> None:
    """Its headers and its document, with a time of its own and without; and the example is signed truly."""
    (callback,) = MOCK.inlined(MOCK.at("#/paths/~1webhooks/post/callbacks/delivery")).values()
    (posted,) = callback["post"]["requestBody"]["content"].values()
    headers = {each["name"]: each for each in callback["post"]["parameters"]}
    with receiving() as receiver:
        sandbox.subscribe(receiver.url)
        sandbox.enqueue("hello", 1)
        sandbox.enqueue("at once")
        sandbox.advance(1)
    assert len(receiver.requests) == 2
    for request in receiver.requests:
        assert Oracle(posted["schema"]).errors(json.loads(request.body)) == []
        for name, header in headers.items():
            assert Oracle(header["schema"]).errors(request.headers[name]) == []
    identifier, timestamp, signed = (
        example["value"] for header in headers.values() for example in header["examples"].values()
    )
    body = orjson.dumps(posted["examples"]["posted"]["value"])
    assert signature(read_secret(SECRET), identifier, int(timestamp), body) == signed


def test_failures_are_tried_again_after_pauses_that_double(sandbox: SandboxClient) -> None:
    """A pause is 5 s, 10 s, … of the sandbox's clock and up to a fifth longer, all within one advance."""
    with receiving(500, 302, 404, 204) as receiver:
        webhook = sandbox.subscribe(receiver.url)
        sandbox.enqueue("hello", 1)
        happened = sandbox.advance(60_000)
        log = sandbox.attempts(webhook)
    times = [read_instant(each["at"]) - START_MS for each in log]
    assert times[0] == 1
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert all(
        planned < pause <= planned * 1.2
        for planned, pause in zip((5_000, 10_000, 20_000), pauses, strict=True)
    )
    assert [(each["attempt"], each["outcome"], each["status"]) for each in log] == [
        (1, "to-be-retried", 500),
        (2, "to-be-retried", 302),
        (3, "to-be-retried", 404),
        (4, "succeeded", 204),
    ]
    assert [each.get("next-retry-at") for each in log] == [log[1]["at"], log[2]["at"], log[3]["at"], None]
    assert [(at, kind) for at, kind, _ in happened if kind.startswith("webhook")] == [
        (log[0]["at"], "webhook.attempted"),
        (log[1]["at"], "webhook.attempted"),
        (log[2]["at"], "webhook.attempted"),
        (log[3]["at"], "webhook.attempted"),
        (log[3]["at"], "webhook.succeeded"),
    ]
    assert receiver.messages == [("hello", attempt) for attempt in (1, 2, 3, 4)]
    assert len({each.headers["webhook-id"] for each in receiver.requests}) == 1
    stamps = [int(each.headers["webhook-timestamp"]) for each in receiver.requests]
    assert stamps == [(START_MS + ms) // 1000 for ms in times]
    assert all(is_genuine(each, webhook["secret"]) for each in receiver.requests)


def test_retries_take_their_turn_among_due_messages(sandbox: SandboxClient) -> None:
    """Attempts are made in the order of their times, for all messages together."""
    with receiving(503, 204) as receiver:
        sandbox.subscribe(receiver.url)
        for body, after_ms in (("third", 10_000), ("first", 1_000), ("second", 3_000)):
            sandbox.enqueue(body, after_ms)
        sandbox.advance(60_000)
    assert receiver.messages == [("first", 1), ("second", 1), ("first", 2), ("third", 1)]
    delivered = [each.message["meta"]["delivered-at"] for each in receiver.requests]
    assert delivered == [after(1_000), after(3_000), after(1_000), after(10_000)]


def test_a_message_is_dead_lettered_after_the_last_attempt(sandbox: SandboxClient) -> None:
    """`max-attempts` failures, and it is given up for good."""
    with receiving(500) as receiver:
        webhook = sandbox.subscribe(receiver.url, max_attempts=3, first_retry_ms=100)
        identifier = sandbox.enqueue("hello", 1)
        happened = sandbox.advance(60_000)
        sandbox.advance(60_000)
        shown = sandbox.control("GET", f"/webhooks/{webhook['id']}")
    assert len(receiver.requests) == 3
    assert happened[-1][1:] == (
        "webhook.dead-lettered",
        {"webhook": webhook["id"], "queue": "a-queue", "id": identifier, "attempts": 3},
    )
    assert (shown["attempts"], shown["succeeded"], shown["dead-lettered"], shown["on-the-way"]) == (
        3,
        0,
        1,
        0,
    )


def test_a_clock_that_stands_holds_retries(sandbox: SandboxClient) -> None:
    """The next attempt is the next due event, and `next` leads to it."""
    with receiving(500) as receiver:
        webhook = sandbox.subscribe(receiver.url)
        sandbox.enqueue("hello", 1_000)
        sandbox.advance(1_000)
        retry_at = sandbox.attempts(webhook)[0]["next-retry-at"]
        assert sandbox.control("GET", "/clock")["next-due"] == retry_at
        assert len(receiver.requests) == 1
        sandbox.control("POST", "/clock/advance", next=True)
        assert sandbox.control("GET", "/clock")["now"] == retry_at
        assert len(receiver.requests) == 2


def test_a_receiver_that_is_down_is_in_the_log(sandbox: SandboxClient) -> None:
    """An attempt without an answer has an error in place of a status."""
    webhook = sandbox.subscribe(f"http://127.0.0.1:{closed_port()}/", max_attempts=1)
    sandbox.enqueue("hello", 1)
    sandbox.advance(1)
    (attempt,) = sandbox.attempts(webhook)
    assert attempt["error"] == "the connection was refused"
    assert attempt["outcome"] == "dead-lettered"
    assert "status" not in attempt


def test_a_receiver_that_answers_410_gets_nothing_any_more(sandbox: SandboxClient) -> None:
    """Standard Webhooks: the subscription is disabled; its posts under way are dead-lettered."""
    with receiving(500, 410, 204) as receiver:
        webhook = sandbox.subscribe(receiver.url)
        waiting, gone = sandbox.enqueue("waits for a retry", 1), sandbox.enqueue("is told", 1_000)
        sandbox.enqueue("is not posted", 2_000)
        happened = sandbox.advance(60_000)
        shown = sandbox.control("GET", f"/webhooks/{webhook['id']}")
    assert receiver.messages == [("waits for a retry", 1), ("is told", 1)]
    assert [(kind, data.get("id")) for _, kind, data in happened if kind.startswith("webhook")][1:] == [
        ("webhook.attempted", gone),
        ("webhook.dead-lettered", gone),
        ("webhook.disabled", None),
        ("webhook.dead-lettered", waiting),
    ]
    assert (shown["disabled"], shown["dead-lettered"], shown["on-the-way"]) == (True, 2, 0)


def test_a_webhook_gets_the_messages_of_its_queue_or_all(sandbox: SandboxClient) -> None:
    """Each subscriber has its own copy, in the order in which they subscribed."""
    with receiving() as one, receiving() as every:
        sandbox.subscribe(one.url, queue="mails")
        sandbox.subscribe(every.url)
        sandbox.enqueue("letter", 1, queue="mails")
        sandbox.enqueue("call", 1, queue="calls")
        sandbox.advance(1)
    assert one.messages == [("letter", 1)]
    assert every.messages == [("letter", 1), ("call", 1)]


def test_a_message_that_is_delivered_by_hand_is_posted_at_once(sandbox: SandboxClient) -> None:
    """It is posted even while the clock stands."""
    with receiving() as receiver:
        sandbox.subscribe(receiver.url)
        identifier = sandbox.enqueue("hello", 60_000)
        sandbox.control("POST", f"/pending/{identifier}/run")
        receiver.wait_for(1)
        sandbox.advance(60_000)
    assert receiver.messages == [("hello", 1)]
    assert receiver.requests[0].message["meta"]["delivered-at"] == after(0)


def test_a_message_that_is_delivered_twice_is_posted_twice_under_one_id(sandbox: SandboxClient) -> None:
    """At least once: a receiver recognizes a message that it has seen by its `webhook-id`."""
    with receiving() as receiver:
        sandbox.subscribe(receiver.url)
        sandbox.control("POST", "/faults", queue="a-queue", do={"delivery": {"kind": "duplicate"}})
        sandbox.enqueue("hello", 1)
        sandbox.advance(1)
    assert receiver.messages == [("hello", 1), ("hello", 1)]
    assert len({each.headers["webhook-id"] for each in receiver.requests}) == 1


def test_a_running_clock_posts_as_time_goes_by(live: ServerProcess) -> None:
    """Without `freeze`, messages and retries come by the wall."""
    sandbox = SandboxClient(live.url)
    with receiving(500, 204) as receiver:
        sandbox.subscribe(receiver.url, first_retry_ms=10)
        sandbox.enqueue("hello")
        receiver.wait_for(2)
    sandbox.close()
    assert receiver.messages == [("hello", 1), ("hello", 2)]


def test_a_webhook_that_is_deleted_is_not_retried(sandbox: SandboxClient) -> None:
    """Nothing of it is left: not the retries, not the log."""
    with receiving(500) as receiver:
        webhook = sandbox.subscribe(receiver.url)
        sandbox.enqueue("hello", 1)
        sandbox.advance(1)
        sandbox.control("DELETE", f"/webhooks/{webhook['id']}")
        happened = sandbox.advance(60_000)
        assert (len(receiver.requests), happened) == (1, [])
    assert sandbox.control("GET", "/webhooks") == {"webhooks": []}
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/attempts")):
        response = sandbox.ask(method, f"/webhooks/{webhook['id']}{path}")
        assert control_errors(response) == [("404", "webhook-not-found", "webhook")]


def test_the_same_seed_makes_the_same_secret_and_the_same_pauses(live: ServerProcess) -> None:
    """Random choices follow from the seed, so that a test repeats itself."""
    seen = []
    for _ in range(2):
        sandbox = SandboxClient(live.url)
        sandbox.freeze()
        webhook = sandbox.subscribe(f"http://127.0.0.1:{closed_port()}/")
        sandbox.enqueue("hello", 1)
        sandbox.advance(120_000)
        seen.append((webhook["secret"], [each.get("next-retry-at") for each in sandbox.attempts(webhook)]))
        other = sandbox.subscribe(f"http://127.0.0.1:{closed_port()}/")
        assert other["secret"] != webhook["secret"]
        sandbox.close()
    assert seen[0] == seen[1]
    assert len(seen[0][1]) == 5


def test_a_secret_is_shown_with_its_webhook_and_not_in_lists(sandbox: SandboxClient) -> None:
    """A given secret is used as it is."""
    with receiving() as receiver:
        webhook = sandbox.subscribe(receiver.url, secret=SECRET)
        assert webhook["secret"] == SECRET
        assert sandbox.control("GET", f"/webhooks/{webhook['id']}") == webhook
        (listed,) = sandbox.control("GET", "/webhooks")["webhooks"]
        assert listed == {name: value for name, value in webhook.items() if name != "secret"}
        sandbox.enqueue("hello", 1)
        sandbox.advance(1)
    assert is_genuine(receiver.requests[0], SECRET)


def test_the_log_goes_on_where_somebody_left_off(sandbox: SandboxClient) -> None:
    """`after` is the `total` of an earlier answer."""
    with receiving(500) as receiver:
        webhook = sandbox.subscribe(receiver.url)
        sandbox.enqueue("hello", 1)
        sandbox.advance(600_000)
    path = f"/webhooks/{webhook['id']}/attempts"
    shown = sandbox.control("GET", f"{path}?after=2&limit=2")
    assert ([each["number"] for each in shown["attempts"]], shown["total"]) == ([3, 4], 5)
    assert sandbox.control("GET", f"{path}?after=5")["attempts"] == []
