"""Subscriptions to webhooks: their URLs, queues and secrets, and the attempts to post to them."""

import base64
import copy
import hashlib
import hmac
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from eqkit.timing.instants import MAX_MS

MOST_SUBSCRIPTIONS = 100
"""How many subscriptions a sandbox has at most."""

MOST_UNDER_WAY = 1_000
"""How many posts of a sandbox may be under way before those of a contract are dropped."""

ATTEMPTS_KEPT = 1_000
"""How many attempts of a subscription are kept; the oldest go first."""

SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with, as Standard Webhooks says
SECRET_BYTES = range(24, 65)
"""How long a secret may be, as Standard Webhooks says."""

JITTER = 0.2
"""A pause is longer than planned by up to this share of it, and never shorter."""

LONGEST_PAUSE_MS = 24 * 60 * 60 * 1000
"""No pause between two attempts is planned to be longer."""

MAX_ATTEMPTS = 5
FIRST_RETRY_MS = 5_000
"""How a receiver is retried that does not say."""


class Post(Protocol):
    """A thing that the service posts to the subscribers of its queue; it never changes."""

    @property
    def id(self) -> int:
        """Its id."""
        ...

    @property
    def queue(self) -> str:
        """The queue that it comes from."""
        ...

    @property
    def method(self) -> str:
        """The method by which it is sent."""
        ...

    @property
    def media_type(self) -> str:
        """The media type of its body; empty for one without a body."""
        ...

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        """Its headers beside those of each attempt."""
        ...

    def document(self, attempt: int) -> bytes:
        """Return the body of an attempt to post it; attempts count from 1."""
        ...


class Attempt(NamedTuple):
    """One attempt to post a message: its answer or error, and the instant of the next attempt."""

    number: int
    webhook_id: str
    message: int
    queue: str
    attempt: int
    at_ms: int
    outcome: str
    status: int | None
    error: str | None
    retry_at_ms: int | None


@dataclass(slots=True, kw_only=True)
class Subscription:
    """A receiver of the messages of a queue, or of all queues, at a URL; or of the webhooks of a contract."""

    id: str
    url: str
    queue: str | None
    secret: bytes
    max_attempts: int
    first_retry_ms: int
    webhooks: tuple[str, ...] = ()
    """The names of the wanted webhooks of a contract; all of them without any."""
    disabled: bool = False
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=ATTEMPTS_KEPT))
    attempted: int = 0
    succeeded: int = 0
    dead_lettered: int = 0

    def wants(self, queue: str) -> bool:
        """Return whether messages of a queue, or a webhook of that name, are to be posted."""
        return (
            not self.disabled
            and self.queue in (None, queue)
            and (not self.webhooks or queue in self.webhooks)
        )


@dataclass(slots=True, kw_only=True)
class PendingAttempt:
    """A message on its way to one subscriber; `attempt` is the one that comes next, at `at_ms`."""

    number: int
    subscription: Subscription
    post: Post
    at_ms: int
    attempt: int = 1

    @property
    def webhook_id(self) -> str:
        """The id of a post, the same in all its attempts, so that a receiver recognises a repeated one."""
        return f"msg_{self.post.id}_{self.subscription.id}"

    def headers(self, now_ms: int, body: bytes) -> list[tuple[str, str]]:
        """Return the headers of an attempt at an instant, signed as Standard Webhooks says."""
        timestamp_s = now_ms // 1000
        return [
            *self.post.headers,
            *((("content-type", self.post.media_type),) if self.post.media_type else ()),
            ("webhook-id", self.webhook_id),
            ("webhook-timestamp", str(timestamp_s)),
            (
                "webhook-signature",
                signature(self.subscription.secret, self.webhook_id, timestamp_s, body),
            ),
        ]

    def retry_at_ms(self, now_ms: int, seed: int) -> int:
        """Return when to try again: after a pause that doubles each time, and a bit longer at random.

        The random part depends on the seed, the message and the attempt alone.
        """
        pause_ms = min(self.subscription.first_retry_ms << (self.attempt - 1), LONGEST_PAUSE_MS)
        lot = random.Random(f"{seed}/{self.webhook_id}/{self.attempt}")  # noqa: S311 - has to repeat itself
        return min(now_ms + pause_ms + int(pause_ms * lot.uniform(0, JITTER)), MAX_MS)


class Subscriptions:
    """The subscriptions of one sandbox, and the posts under way to them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.by_id: dict[str, Subscription] = {}
        self.postings: dict[int, PendingAttempt] = {}
        """The posts under way by their number, in the order in which they fell due."""
        self._made = 0
        self._posted = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> "Subscriptions":
        """Copy the parts that change: the attempts of a subscription, and the state of each post."""
        subscriptions = Subscriptions()
        subscriptions._made, subscriptions._posted = self._made, self._posted
        known = {each.subscription.id: each.subscription for each in self.postings.values()} | self.by_id
        copies = {each.id: replace(each, attempts=each.attempts.copy()) for each in known.values()}
        subscriptions.by_id = {identifier: copies[identifier] for identifier in self.by_id}
        for number, posting in self.postings.items():
            copied = copy.copy(posting)
            copied.subscription = copies[posting.subscription.id]
            subscriptions.postings[number] = copied
        return subscriptions

    def add(
        self,
        url: str,
        queue: str | None,
        secret: bytes | None,
        *,
        max_attempts: int,
        first_retry_ms: int,
        seed: int,
        webhooks: tuple[str, ...] = (),
    ) -> Subscription:
        """Add a subscription; without a secret it gets one that follows from the seed."""
        self._made += 1
        subscription = Subscription(
            id=str(self._made),
            url=url,
            queue=queue,
            secret=secret or hashlib.sha256(f"eqkit webhook {seed}/{self._made}".encode()).digest(),
            max_attempts=max_attempts,
            first_retry_ms=first_retry_ms,
            webhooks=webhooks,
        )
        self.by_id[subscription.id] = subscription
        return subscription

    def wanting(self, queue: str) -> list[Subscription]:
        """Return the subscriptions to a queue, or to a webhook of that name."""
        return [each for each in self.by_id.values() if each.wants(queue)]

    def send(self, post: Post, at_ms: int) -> list[PendingAttempt]:
        """Put a post on its way to each subscription that matches, for its first attempt at an instant."""
        return [self._pending(each, post, at_ms) for each in self.wanting(post.queue)]

    def send_once(self, post: Post, url: str, now_ms: int, seed: int) -> PendingAttempt:
        """Put a post on its way to an address that has not subscribed: a callback."""
        self._made += 1
        identifier = f"callback-{self._made}"
        receiver = Subscription(
            id=identifier,
            url=url,
            queue=post.queue,
            secret=hashlib.sha256(f"eqkit callback {seed}".encode()).digest(),
            max_attempts=MAX_ATTEMPTS,
            first_retry_ms=FIRST_RETRY_MS,
        )
        return self._pending(receiver, post, now_ms)

    def _pending(self, subscription: Subscription, post: Post, at_ms: int) -> PendingAttempt:
        self._posted += 1
        posting = PendingAttempt(number=self._posted, subscription=subscription, post=post, at_ms=at_ms)
        self.postings[posting.number] = posting
        return posting

    def on_the_way(self, subscription: Subscription) -> list[PendingAttempt]:
        """Return the post under way to a subscriber."""
        return [each for each in self.postings.values() if each.subscription is subscription]


def signature(secret: bytes, webhook_id: str, timestamp_s: int, body: bytes) -> str:
    """Return the signature of a body, sent at a time under an id, by the secret."""
    signed = b"%b.%d.%b" % (webhook_id.encode(), timestamp_s, body)
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def read_secret(text: str) -> bytes:
    """Return the bytes of a secret; raises ValueError for a text that is not one of Standard Webhooks."""
    secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    if not text.startswith(SECRET_PREFIX) or len(secret) not in SECRET_BYTES:
        raise ValueError("a secret is whsec_ and 24 to 64 bytes in base64")
    return secret


def secret_text(secret: bytes) -> str:
    """Return a secret as it is handed out."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()
