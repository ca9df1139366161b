"""Valid and refused requests on webhooks."""

from collections.abc import Callable

import pytest

from eqkit.sandbox.webhooks.subscriptions import MOST_SUBSCRIPTIONS
from eqkit.web.app import Application
from tests.control import Control, control_errors

HERE = "http://127.0.0.1:9/"


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("url", "ftp://127.0.0.1/", "invalid-value"),
        ("url", "http://user:password@127.0.0.1/", "invalid-value"),
        ("url", "http://127.0.0.1/a b", "invalid-value"),
        ("url", "http://127.0.0.1/\r\nx: y", "invalid-value"),
        ("url", "http://127.0.0.1:65536/", "invalid-value"),
        ("url", "http://[::1", "invalid-value"),
        ("url", f"http://{'a' * 64}.invalid/", "invalid-value"),
        ("url", 7, "wrong-type"),
        ("url", "http://192.0.2.1/", "target-not-allowed"),
        ("url", "http://[2001:db8::1]/", "target-not-allowed"),
        ("url", "http://0.0.0.0/", "target-not-allowed"),
        ("queue", "_internal", "invalid-queue-name"),
        ("secret", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "invalid-value"),
        ("secret", "whsec_c2hvcnQ=", "invalid-value"),
        ("secret", f"whsec_{'A' * 33}", "invalid-value"),
        ("max-attempts", 0, "invalid-value"),
        ("max-attempts", 21, "invalid-value"),
        ("first-retry-ms", 0, "invalid-value"),
        ("retries", 3, "unknown-member"),
    ],
)
def test_a_wrong_member_is_refused_at_its_place(
    control: Control, member: str, value: object, code: str
) -> None:
    """The pointer leads to the member, and no subscription is made."""
    response = control.post("/webhooks", json={"url": HERE, member: value})
    status = "403" if code == "target-not-allowed" else "400"
    assert control_errors(response) == [(status, code, f"/{member}")]
    assert control.get("/webhooks").json() == {"webhooks": []}


@pytest.mark.parametrize("host", ["127.0.0.1:9", "127.8.9.10:9", "localhost:9", "[::1]:9", "LOCALHOST"])
def test_this_machine_is_allowed_by_any_of_its_names(control: Control, host: str) -> None:
    """A loopback address, or a name that leads to nothing else."""
    assert control.post("/webhooks", json={"url": f"http://{host}/"}).status_code == 201


def test_any_target_is_allowed_where_the_server_says_so(set_up: Callable[..., Application]) -> None:
    """A name may be one that leads nowhere yet."""
    control = Control(set_up(webhook_targets="any"))
    for url in ("https://192.0.2.1/hooks", "http://receiver.invalid/"):
        assert control.post("/webhooks", json={"url": url}).status_code == 201


def test_a_sandbox_has_so_many_webhooks_and_no_more(control: Control) -> None:
    """The next one is a 409."""
    for _ in range(MOST_SUBSCRIPTIONS):
        assert control.post("/webhooks", json={"url": HERE}).status_code == 201
    response = control.post("/webhooks", json={"url": HERE})
    assert control_errors(response) == [("409", "too-many-webhooks", None)]
    assert len(control.get("/webhooks?limit=1000").json()["webhooks"]) == MOST_SUBSCRIPTIONS
