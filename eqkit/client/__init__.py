"""Clients of the control plane: `Client`, and `AsyncClient` for coroutines. They need no other package."""

from eqkit.client.asynchronous import AsyncClient
from eqkit.client.durations import Duration, Instant
from eqkit.client.errors import ClientError, ConnectError, DecodeError, ErrorObject, StatusError
from eqkit.client.faults import Fault, FaultRule, Limit, LimitRule, Pack
from eqkit.client.journal import (
    ClientMistake,
    Expectation,
    Journal,
    JournalBody,
    JournalEntry,
    JournalMessage,
    JournalSummary,
    Miss,
    Requests,
    VerificationError,
    Verified,
)
from eqkit.client.models import (
    ClockState,
    Deliveries,
    Delivery,
    Event,
    Moved,
    PendingMessage,
    PendingMessages,
    Queue,
    Sandbox,
    Webhook,
    WebhookAttempt,
    WebhookAttempts,
)
from eqkit.client.sync import Client

__all__ = [
    "AsyncClient",
    "Client",
    "ClientError",
    "ClientMistake",
    "ClockState",
    "ConnectError",
    "DecodeError",
    "Deliveries",
    "Delivery",
    "Duration",
    "ErrorObject",
    "Event",
    "Expectation",
    "Fault",
    "FaultRule",
    "Instant",
    "Journal",
    "JournalBody",
    "JournalEntry",
    "JournalMessage",
    "JournalSummary",
    "Limit",
    "LimitRule",
    "Miss",
    "Moved",
    "Pack",
    "PendingMessage",
    "PendingMessages",
    "Queue",
    "Requests",
    "Sandbox",
    "StatusError",
    "VerificationError",
    "Verified",
    "Webhook",
    "WebhookAttempt",
    "WebhookAttempts",
]
