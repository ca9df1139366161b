"""Answers of the operations tagged ``webhooks``."""

from itertools import islice
from typing import TYPE_CHECKING, Any

from eqkit.errors import Code, api_error
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.views import attempt_view, webhook_view
from eqkit.sandbox.webhooks.posting import SendFailed, TargetRefused
from eqkit.sandbox.webhooks.subscriptions import (
    FIRST_RETRY_MS,
    MAX_ATTEMPTS,
    MOST_SUBSCRIPTIONS,
    MOST_UNDER_WAY,
    Subscription,
    read_secret,
    secret_text,
)
from eqkit.web.background import beside
from eqkit.web.messages.context import Response

if TYPE_CHECKING:
    from eqkit.web.contracts.outgoing.webhooks import ContractWebhooks

Document = dict[str, Any]


def list_webhooks(sandbox: Sandbox, limit: int = 100) -> Response:
    """List the subscriptions, without their secrets."""
    shown = islice(sandbox.subscriptions.by_id.values(), limit)
    return Response(200, {"webhooks": [webhook_view(sandbox, each) for each in shown]})


async def create_webhook(sandbox: Sandbox, body: Document) -> Response:
    """Subscribe a URL."""
    if len(sandbox.subscriptions.by_id) >= MOST_SUBSCRIPTIONS:
        raise api_error(Code.TOO_MANY_WEBHOOKS, f"A sandbox has at most {MOST_SUBSCRIPTIONS} webhooks.")
    secret = _secret(body["secret"]) if "secret" in body else None
    try:
        subscription = await sandbox.webhooks.subscribe(
            body["url"],
            body.get("queue"),
            secret,
            max_attempts=int(body.get("max-attempts", MAX_ATTEMPTS)),
            first_retry_ms=int(body.get("first-retry-ms", FIRST_RETRY_MS)),
            webhooks=tuple(body.get("webhooks", ())),
        )
    except TargetRefused as refused:
        raise api_error(
            Code.TARGET_NOT_ALLOWED, f"No webhook can be sent there: {refused}.", pointer="/url"
        ) from None
    except SendFailed as failure:
        raise api_error(
            Code.INVALID_VALUE, f"No webhook can be sent there: {failure}.", pointer="/url"
        ) from None
    return Response(201, _with_secret(sandbox, subscription))


async def send_webhook(sandbox: Sandbox, body: Document, contract_webhooks: "ContractWebhooks") -> Response:
    """Send a webhook of the contract to its subscribers."""
    name, media_type, method = body["webhook"], body.get("media-type"), body.get("method")
    if "body" in body:
        # It may be as long as a request.
        written = await beside(contract_webhooks.written, name, body["body"], media_type, method)
    else:
        written = contract_webhooks.written(name, media_type=media_type, method=method)
    subscribers = contract_webhooks.post(sandbox, name, written, int(body.get("delay-ms", 0)))
    if subscribers is None:
        detail = (
            f"{MOST_UNDER_WAY} posts of this sandbox are under way: advance its clock, or remove webhooks."
        )
        raise api_error(Code.TOO_MANY_WEBHOOKS, detail)
    return Response(200, {"webhook": body["webhook"], "subscribers": subscribers})


def get_webhook(sandbox: Sandbox, webhook: str) -> Response:
    """Show a subscription and its secret."""
    return Response(200, _with_secret(sandbox, _subscription(sandbox, webhook)))


def delete_webhook(sandbox: Sandbox, webhook: str) -> Response:
    """Forget a subscription."""
    sandbox.webhooks.unsubscribe(_subscription(sandbox, webhook))
    return Response(204)


def list_webhook_attempts(sandbox: Sandbox, webhook: str, after: int = 0, limit: int = 100) -> Response:
    """List delivery attempts."""
    subscription = _subscription(sandbox, webhook)
    lost = subscription.attempted - len(subscription.attempts)
    begin = max(0, after - lost)
    shown = islice(subscription.attempts, begin, begin + limit)
    return Response(
        200, {"attempts": [attempt_view(each) for each in shown], "total": subscription.attempted}
    )


def _subscription(sandbox: Sandbox, webhook: str) -> Subscription:
    subscription = sandbox.subscriptions.by_id.get(webhook)
    if subscription is None:
        raise api_error(Code.WEBHOOK_NOT_FOUND, f'There is no webhook "{webhook[:80]}".', parameter="webhook")
    return subscription


def _secret(text: str) -> bytes:
    try:
        return read_secret(text)
    except ValueError:
        detail = '"secret" must be whsec_ followed by 24 to 64 bytes in base64.'
        raise api_error(Code.INVALID_VALUE, detail, pointer="/secret") from None


def _with_secret(sandbox: Sandbox, subscription: Subscription) -> Document:
    return webhook_view(sandbox, subscription) | {"secret": secret_text(subscription.secret)}
