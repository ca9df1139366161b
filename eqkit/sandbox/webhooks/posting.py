"""Webhooks at work: each post goes to every subscriber who wants it, and again if that fails."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from eqkit.sandbox.clock import SandboxClock
from eqkit.sandbox.events import Events
from eqkit.sandbox.webhooks.subscriptions import (
    MOST_UNDER_WAY,
    Attempt,
    PendingAttempt,
    Post,
    Subscription,
    Subscriptions,
)
from eqkit.timing.clock import Alarm
from eqkit.timing.instants import MAX_MS, rfc3339

GONE = 410
"""The status of a receiver that wants no more posts, as Standard Webhooks says."""

SUCCEEDED, TO_BE_RETRIED, DEAD_LETTERED = "succeeded", "to-be-retried", "dead-lettered"
"""The outcomes of an attempt."""


class SendFailed(Exception):
    """A request did not get an answer; the message says why."""


class TargetRefused(SendFailed):
    """Nothing may be posted to that URL."""


class Outbound(Protocol):
    """The way out of this machine's memory, handed in from above."""

    async def check(self, url: str) -> None:
        """Raise SendFailed for a URL that nothing can be posted to, TargetRefused for one not allowed."""

    async def post(
        self, url: str, headers: Sequence[tuple[str, str]], body: bytes, method: str = "POST"
    ) -> int:
        """Post a body and return the status that is answered; raises SendFailed when there is none."""
        ...


class DisabledSender:
    """For a sandbox without a server around it."""

    async def check(self, url: str) -> None:
        """Refuse every URL."""
        raise TargetRefused("nothing is posted from here")

    async def post(
        self, url: str, headers: Sequence[tuple[str, str]], body: bytes, method: str = "POST"
    ) -> int:
        """Post nothing."""
        raise TargetRefused("nothing is posted from here")


DISABLED_SENDER = DisabledSender()


class Webhooks:
    """Makes the attempts that fall due, one after the other, by the clock of the sandbox.

    One at a time, so that the same requests lead to the same attempts in the same order, and that a receiver
    gets messages in the order of the queue. A retry takes its turn when it is due.
    """

    def __init__(
        self, subscriptions: Subscriptions, clock: SandboxClock, events: Events, outbound: Outbound, seed: int
    ) -> None:
        """Serve subscriptions; `wake` begins with the posts that are under way already."""
        self._subscriptions = subscriptions
        self._clock = clock
        self._events = events
        self._outbound = outbound
        self._seed = seed
        self._line: deque[PendingAttempt] = deque()
        self._alarms: dict[int, Alarm] = {}
        self._worker: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Plan the next attempt of every post under way, for its due time."""
        for posting in self._subscriptions.postings.values():
            self._plan(posting)

    def close(self) -> None:
        """Make no attempts any more, and break off the one that is being made."""
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        self._line.clear()
        if self._worker is not None:
            self._worker.cancel()

    def begin_loop(self) -> None:
        """Go on in another event loop: an attempt that was being made in one that has ended is made again."""
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        self._line.clear()
        self._worker = None
        self.wake()

    async def subscribe(
        self,
        url: str,
        queue: str | None,
        secret: bytes | None,
        *,
        max_attempts: int,
        first_retry_ms: int,
        webhooks: tuple[str, ...] = (),
    ) -> Subscription:
        """Add a subscription; raises SendFailed for a URL that nothing can or may be posted to.

        It wants the posts of one queue, or of some webhooks of a contract, where any are named.
        """
        await self._outbound.check(url)
        return self._subscriptions.add(
            url,
            queue,
            secret,
            max_attempts=max_attempts,
            first_retry_ms=first_retry_ms,
            seed=self._seed,
            webhooks=webhooks,
        )

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a subscription and the posts under way to it."""
        del self._subscriptions.by_id[subscription.id]
        for posting in self._subscriptions.on_the_way(subscription):
            self._call_off(posting)

    @property
    def are_wanted(self) -> bool:
        """Whether there is a subscription."""
        return bool(self._subscriptions.by_id)

    def send(self, posts: Iterable[Post]) -> None:
        """Post things that have just happened."""
        now_ms = self._clock.now()
        for post in posts:
            self._line += self._subscriptions.send(post, now_ms)
        self._go_on()

    def send_at(self, post: Post, at_ms: int) -> int | None:
        """Post something to each subscriber of now who wants it, at an instant of the clock.

        Returns to how many; None, and nothing is posted, where there is no room for all of them.
        """
        room = MOST_UNDER_WAY - len(self._subscriptions.postings)
        if len(self._subscriptions.wanting(post.queue)) > room:
            return None
        postings = self._subscriptions.send(post, min(at_ms, MAX_MS))
        if at_ms > self._clock.now():
            for posting in postings:
                self._plan(posting)
        else:
            self._line += postings
            self._go_on()
        return len(postings)

    def send_once(self, post: Post, url: str) -> bool:
        """Post something to an address that has not subscribed: a callback.

        Returns whether there was room: receivers may be slower than the requests that name them.
        """
        if len(self._subscriptions.postings) >= MOST_UNDER_WAY:
            return False
        self._line.append(self._subscriptions.send_once(post, url, self._clock.now(), self._seed))
        self._go_on()
        return True

    def _plan(self, posting: PendingAttempt) -> None:
        self._alarms[posting.number] = self._clock.call_at(posting.at_ms, partial(self._queue_up, posting))

    def _queue_up(self, posting: PendingAttempt) -> None:
        del self._alarms[posting.number]
        self._line.append(posting)
        self._go_on()

    def _call_off(self, posting: PendingAttempt) -> None:
        del self._subscriptions.postings[posting.number]
        alarm = self._alarms.pop(posting.number, None)
        if alarm is not None:
            alarm.cancel()

    def _go_on(self) -> None:
        if self._line and (self._worker is None or self._worker.done()):
            self._worker = self._clock.start(self._work())

    async def _work(self) -> None:
        while self._line:
            posting = self._line.popleft()
            if self._is_wanted(posting):
                await self._attempt(posting)

    def _is_wanted(self, posting: PendingAttempt) -> bool:
        return posting.number in self._subscriptions.postings

    async def _attempt(self, posting: PendingAttempt) -> None:
        at_ms = self._clock.now()
        body = posting.post.document(posting.attempt)
        status, error = None, None
        try:
            headers = posting.headers(at_ms, body)
            status = await self._outbound.post(posting.subscription.url, headers, body, posting.post.method)
        except SendFailed as failure:
            error = str(failure)
        # Somebody may have unsubscribed while the receiver was busy.
        if self._is_wanted(posting):
            self._note(posting, at_ms, status, error)

    def _note(self, posting: PendingAttempt, at_ms: int, status: int | None, error: str | None) -> None:
        """Record an attempt, and settle its outcome."""
        subscription = posting.subscription
        retry_at_ms = None
        if status is not None and 200 <= status <= 299:
            outcome = SUCCEEDED
        elif status == GONE or posting.attempt >= subscription.max_attempts:
            outcome = DEAD_LETTERED
        else:
            outcome, retry_at_ms = TO_BE_RETRIED, posting.retry_at_ms(self._clock.now(), self._seed)
        subscription.attempted += 1
        attempt = Attempt(
            subscription.attempted,
            posting.webhook_id,
            posting.post.id,
            posting.post.queue,
            posting.attempt,
            at_ms,
            outcome,
            status,
            error,
            retry_at_ms,
        )
        subscription.attempts.append(attempt)
        self._record(posting, "webhook.attempted", attempt=posting.attempt, **_result(attempt))
        if retry_at_ms is not None:
            posting.attempt += 1
            posting.at_ms = retry_at_ms
            self._plan(posting)
        elif outcome == SUCCEEDED:
            self._call_off(posting)
            subscription.succeeded += 1
            self._record(posting, "webhook.succeeded", attempts=posting.attempt)
        else:
            self._give_up(posting, attempts=posting.attempt)
            if status == GONE:
                self._disable(subscription)

    def _give_up(self, posting: PendingAttempt, attempts: int) -> None:
        self._call_off(posting)
        posting.subscription.dead_lettered += 1
        self._record(posting, "webhook.dead-lettered", attempts=attempts)

    def _disable(self, subscription: Subscription) -> None:
        subscription.disabled = True
        self._events.record(self._clock.now(), "webhook.disabled", {"webhook": subscription.id})
        for posting in self._subscriptions.on_the_way(subscription):
            self._give_up(posting, attempts=posting.attempt - 1)

    def _record(self, posting: PendingAttempt, kind: str, **more: Any) -> None:
        post = posting.post
        data = {"webhook": posting.subscription.id, "queue": post.queue, "id": str(post.id), **more}
        self._events.record(self._clock.now(), kind, data)


def _result(attempt: Attempt) -> dict[str, Any]:
    result: dict[str, Any] = (
        {"error": attempt.error} if attempt.status is None else {"status": attempt.status}
    )
    if attempt.retry_at_ms is not None:
        result["next-retry-at"] = rfc3339(attempt.retry_at_ms)
    return result
