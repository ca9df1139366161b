"""Attempts of webhooks: the consequence of each outcome, and the time of the next attempt."""

import asyncio
import base64
import copy
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.sandbox.clock import SandboxClock
from eqkit.sandbox.events import Events
from eqkit.sandbox.webhooks.posting import DISABLED_SENDER, SendFailed, TargetRefused, Webhooks
from eqkit.sandbox.webhooks.subscriptions import (
    ATTEMPTS_KEPT,
    JITTER,
    LONGEST_PAUSE_MS,
    PendingAttempt,
    Subscription,
    Subscriptions,
    read_secret,
    secret_text,
    signature,
)
from eqkit.timing.clock import ManualClock
from eqkit.timing.instants import MAX_MS
from tests.conftest import START_MS

Headers = Sequence[tuple[str, str]]
URL = "http://receiver.test/"
FIRST_RETRY_MS, SEED = 1_000, 7


class Message(NamedTuple):
    """A message of a queue, to be posted."""

    id: int
    queue: str = "q"
    method: str = "POST"
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    def document(self, attempt: int) -> bytes:
        """Return a body that distinguishes the attempts."""
        return b"%d/%d" % (self.id, attempt)


class Receiver:
    """Answers with one status after the other, the last of them for ever; None is no answer."""

    def __init__(self, *statuses: int | None) -> None:
        """Take the statuses."""
        self.statuses = list(statuses)
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.is_let_go = asyncio.Event()
        self.is_let_go.set()

    async def check(self, url: str) -> None:
        """Allow every URL."""

    async def post(self, url: str, headers: Headers, body: bytes, method: str = "POST") -> int:
        """Note the request, and answer."""
        self.bodies.append(body)
        self.headers.append(dict(headers))
        await self.is_let_go.wait()
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status is None:
            raise SendFailed("nobody is there")
        return status


class Setup:
    """Webhooks on a clock that is moved by hand."""

    def __init__(self, *statuses: int | None) -> None:
        """Post to a receiver that answers with these statuses."""
        self.clock = SandboxClock(ManualClock(START_MS))
        self.events = Events()
        self.subscriptions = Subscriptions()
        self.receiver = Receiver(*statuses)
        self.webhooks = Webhooks(self.subscriptions, self.clock, self.events, self.receiver, SEED)

    async def subscribe(self, max_attempts: int = 3, queue: str | None = None) -> Subscription:
        """Subscribe the receiver."""
        return await self.webhooks.subscribe(
            URL, queue, None, max_attempts=max_attempts, first_retry_ms=FIRST_RETRY_MS
        )

    async def pass_time(self, by_ms: int) -> None:
        """Move the clock on, through all that falls due."""
        await self.clock.advance(self.clock.now() + by_ms)

    @property
    def messages(self) -> list[str]:
        """The kinds of events so far, without their common prefix."""
        return [event.kind.removeprefix("webhook.") for event in self.events.since(0, 99)]


def on_the_way(attempt: int, *, first_retry_ms: int = FIRST_RETRY_MS, identifier: int = 1) -> PendingAttempt:
    """Return a message on its way, before an attempt."""
    subscription = Subscriptions().add(
        URL, None, None, max_attempts=99, first_retry_ms=first_retry_ms, seed=SEED
    )
    return PendingAttempt(
        number=1, subscription=subscription, post=Message(identifier), at_ms=0, attempt=attempt
    )


@pytest.mark.parametrize("status", [200, 202, 299])
def test_a_status_of_success_ends_the_attempts(status: int) -> None:
    """Standard Webhooks: any 2xx."""

    async def posting() -> None:
        setup = Setup(status)
        subscription = await setup.subscribe()
        setup.webhooks.send([Message(5)])
        await setup.pass_time(LONGEST_PAUSE_MS)
        assert setup.receiver.bodies == [b"5/1"]
        assert setup.messages == ["attempted", "succeeded"]
        assert (subscription.attempted, subscription.succeeded, subscription.dead_lettered) == (1, 1, 0)
        [attempt] = subscription.attempts
        assert (attempt.number, attempt.attempt, attempt.status, attempt.outcome) == (
            1, 1, status, "succeeded",
        )  # fmt: skip
        assert (attempt.message, attempt.queue, attempt.error, attempt.retry_at_ms) == (5, "q", None, None)
        assert not setup.subscriptions.postings
        assert not subscription.disabled

    asyncio.run(posting())


@pytest.mark.parametrize("status", [100, 199, 300, 404, 409, 411, 500, None])
def test_any_other_status_is_tried_again_until_the_last_attempt(status: int | None) -> None:
    """Each pause is as the attempt's log says, and after the last one the message is dead-lettered."""

    async def posting() -> None:
        setup = Setup(status)
        subscription = await setup.subscribe(max_attempts=3)
        setup.webhooks.send([Message(5)])
        await setup.pass_time(0)
        for number in (1, 2):
            retry_at_ms = subscription.attempts[-1].retry_at_ms
            assert retry_at_ms is not None
            assert setup.subscriptions.postings[1].at_ms == retry_at_ms
            await setup.clock.advance(retry_at_ms - 1)
            assert len(setup.receiver.bodies) == number
            await setup.clock.advance(retry_at_ms)
            assert len(setup.receiver.bodies) == number + 1
            assert subscription.attempts[-1].at_ms == retry_at_ms
        await setup.pass_time(LONGEST_PAUSE_MS)
        assert setup.receiver.bodies == [b"5/1", b"5/2", b"5/3"]
        assert setup.messages == ["attempted", "attempted", "attempted", "dead-lettered"]
        assert [each.attempt for each in subscription.attempts] == [1, 2, 3]
        assert [each.outcome for each in subscription.attempts] == [
            "to-be-retried", "to-be-retried", "dead-lettered",
        ]  # fmt: skip
        error = "nobody is there" if status is None else None
        assert {(each.status, each.error) for each in subscription.attempts} == {(status, error)}
        assert (subscription.attempted, subscription.succeeded, subscription.dead_lettered) == (3, 0, 1)
        assert not setup.subscriptions.postings
        messages = [event.data for event in setup.events.since(0, 9)]
        assert isinstance(messages[0], dict)
        assert messages[0] == {
            "webhook": "1", "queue": "q", "id": "5", "attempt": 1,
            **({"error": error} if status is None else {"status": status}),
            "next-retry-at": messages[0]["next-retry-at"],
        }  # fmt: skip
        assert messages[-1] == {"webhook": "1", "queue": "q", "id": "5", "attempts": 3}

    asyncio.run(posting())


def test_a_receiver_that_is_gone_is_asked_nothing_any_more() -> None:
    """Standard Webhooks: 410 disables the webhook; a delivery on its way to it is dead-lettered as it is."""

    async def posting() -> None:
        setup = Setup(500, 410, 200)
        subscription = await setup.subscribe(max_attempts=9)
        other = await setup.subscribe(queue="another")
        setup.webhooks.send([Message(1), Message(2)])
        await setup.pass_time(0)
        assert setup.messages == ["attempted", "attempted", "dead-lettered", "disabled", "dead-lettered"]
        messages = [event.data for event in setup.events.since(2, 9)]
        assert [each.get("attempts") for each in messages if isinstance(each, dict)] == [1, None, 1]
        assert (subscription.disabled, other.disabled, subscription.dead_lettered) == (True, False, 2)
        setup.webhooks.send([Message(3)])
        await setup.pass_time(LONGEST_PAUSE_MS)
        assert setup.receiver.bodies == [b"1/1", b"2/1"]
        assert not setup.subscriptions.postings

    asyncio.run(posting())


def test_a_webhook_deleted_while_its_receiver_is_busy_gets_no_event() -> None:
    """The attempt is no longer anybody's; those of other webhooks go on."""

    async def posting() -> None:
        setup = Setup(200)
        leaving, staying = await setup.subscribe(), await setup.subscribe()
        setup.receiver.is_let_go.clear()
        setup.webhooks.send([Message(1), Message(2)])
        await asyncio.sleep(0)
        assert setup.receiver.bodies == [b"1/1"]
        setup.webhooks.unsubscribe(leaving)
        setup.receiver.is_let_go.set()
        await setup.pass_time(0)
        assert (leaving.attempted, staying.attempted) == (0, 2)
        assert setup.receiver.bodies == [b"1/1", b"1/1", b"2/1"]
        assert [*setup.subscriptions.by_id] == [staying.id]
        assert setup.webhooks.are_wanted
        setup.webhooks.unsubscribe(staying)
        assert not setup.webhooks.are_wanted

    asyncio.run(posting())


@pytest.mark.parametrize("way", ["unsubscribe", "close", "begin_loop"])
def test_a_retry_that_is_called_off_leaves_no_alarm(way: str) -> None:
    """The clock has nothing more to ring for it; in another event loop it has one anew."""

    async def posting() -> None:
        setup = Setup(500)
        subscription = await setup.subscribe()
        setup.webhooks.send([Message(1)])
        await setup.pass_time(0)
        planned = setup.clock.next_alarm_ms()
        assert planned is not None
        if way == "unsubscribe":
            setup.webhooks.unsubscribe(subscription)
        elif way == "close":
            setup.webhooks.close()
        else:
            setup.webhooks.begin_loop()
        assert setup.clock.next_alarm_ms() == (planned if way == "begin_loop" else None)
        await setup.pass_time(LONGEST_PAUSE_MS)
        assert len(setup.receiver.bodies) == (3 if way == "begin_loop" else 1)

    asyncio.run(posting())


def test_an_attempt_that_an_ended_loop_has_broken_off_is_made_again() -> None:
    """The attempts behind it in the line are made again, too, each once."""
    setup = Setup(200)

    async def breaking_off() -> None:
        setup.receiver.is_let_go.clear()
        await setup.subscribe()
        setup.webhooks.send([Message(1), Message(2)])
        await asyncio.sleep(0)

    async def going_on() -> None:
        setup.receiver.is_let_go = asyncio.Event()
        setup.receiver.is_let_go.set()
        setup.clock.begin_loop(has_ended=True)
        setup.webhooks.begin_loop()
        await setup.pass_time(0)

    asyncio.run(breaking_off())
    asyncio.run(going_on())
    assert setup.receiver.bodies == [b"1/1", b"1/1", b"2/1"]
    assert not setup.subscriptions.postings


@given(attempt=st.integers(1, 70), first=st.integers(1, LONGEST_PAUSE_MS), identifier=st.integers(1, 99))
def test_a_pause_doubles_with_each_attempt_and_is_never_shorter(
    attempt: int, first: int, identifier: int
) -> None:
    """It is up to a fifth longer, the same for the same message, and a day at most."""
    posting = on_the_way(attempt, first_retry_ms=first, identifier=identifier)
    planned_ms = min(first * 2 ** (attempt - 1), LONGEST_PAUSE_MS)
    pause_ms = posting.retry_at_ms(START_MS, SEED) - START_MS
    assert planned_ms <= pause_ms <= planned_ms * (1 + JITTER)
    assert posting.retry_at_ms(START_MS, SEED) == START_MS + pause_ms
    assert posting.retry_at_ms(MAX_MS - 1, SEED) == min(MAX_MS - 1 + pause_ms, MAX_MS)


def test_pauses_differ_by_message_attempt_and_seed() -> None:
    """The pauses use the whole range, so that retries to a server that was down do not come all at once."""
    shares = [
        (on_the_way(1, first_retry_ms=10**6, identifier=each).retry_at_ms(0, seed) - 10**6) / 10**6
        for each in range(1, 40)
        for seed in (1, 2)
    ]
    assert len(set(shares)) == len(shares)
    assert (min(shares) < JITTER / 8, max(shares) > JITTER * 7 / 8) == (True, True)
    assert on_the_way(2).retry_at_ms(0, 1) != 2 * on_the_way(1).retry_at_ms(0, 1)


def test_a_log_of_attempts_is_bounded() -> None:
    """The oldest go first, and the numbers go on."""

    async def posting() -> None:
        setup = Setup(200)
        subscription = await setup.subscribe()
        setup.webhooks.send([Message(number) for number in range(ATTEMPTS_KEPT + 2)])
        await setup.pass_time(0)
        numbers = [each.number for each in subscription.attempts]
        assert numbers == [*range(3, ATTEMPTS_KEPT + 3)]

    asyncio.run(posting())


def test_a_copy_of_subscriptions_goes_on_by_itself() -> None:
    """Counts, logs and deliveries under way are its own; numbers and ids go on from where they were."""
    first = Subscriptions()
    one = first.add(URL, "q", b"secret", max_attempts=3, first_retry_ms=5, seed=SEED)
    first.send(Message(1), START_MS)
    twin = copy.deepcopy(first)
    [posting] = twin.postings.values()
    assert posting.subscription is twin.by_id[one.id] is not one
    posting.attempt += 1
    twin.by_id[one.id].attempted += 1
    assert (first.postings[1].attempt, one.attempted) == (1, 0)
    for each in (first, twin):
        assert each.add(URL, None, None, max_attempts=1, first_retry_ms=1, seed=SEED).id == "2"
        assert [made.number for made in each.send(Message(2), START_MS)] == [2, 3]
        assert [made.webhook_id for made in each.on_the_way(each.by_id["1"])] == ["msg_1_1", "msg_2_1"]


@pytest.mark.parametrize(("size", "is_one"), [(0, False), (23, False), (24, True), (64, True), (65, False)])
def test_a_secret_has_the_length_that_standard_webhooks_gives_it(size: int, *, is_one: bool) -> None:
    """24 to 64 bytes, after their prefix; handed out as it was taken."""
    secret = bytes(range(size))
    text = secret_text(secret)
    if is_one:
        assert read_secret(text) == secret
    for wrong in [text.removeprefix("whsec_"), f"{text}!", *([] if is_one else [text])]:
        with pytest.raises(ValueError, match=r"."):
            read_secret(wrong)


def test_an_attempt_is_signed_at_its_second_under_its_id() -> None:
    """Standard Webhooks: the signature is over id, time in seconds and body."""
    posting = on_the_way(1)
    headers = dict(posting.headers(START_MS + 1_999, b"body"))
    assert headers["webhook-id"] == "msg_1_1"
    assert headers["webhook-timestamp"] == str(START_MS // 1000 + 1)
    secret = posting.subscription.secret
    assert headers["webhook-signature"] == signature(secret, "msg_1_1", START_MS // 1000 + 1, b"body")
    assert len(base64.b64decode(headers["webhook-signature"].removeprefix("v1,"))) == len(secret) == 32


def test_without_a_server_nothing_is_posted() -> None:
    """A sandbox by itself has no way out."""
    for coroutine in (DISABLED_SENDER.check(URL), DISABLED_SENDER.post(URL, [], b"")):
        with pytest.raises(TargetRefused):
            asyncio.run(coroutine)
