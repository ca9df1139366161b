"""Too many requests, and a server that goes away: never by accident, and always with `Retry-After`."""

from collections.abc import Callable

import pytest

from eqkit.web.app import Application
from tests.clients import BULK, MESSAGES, Client, errors, message


@pytest.mark.parametrize("code", [429, 503])
def test_a_temporary_error_says_when_to_try_again(client: Client, code: int) -> None:
    """Ruling H11: 429 and 503 carry `Retry-After` in whole seconds, on every operation."""
    wanted = {"prefer": f"code={code}"}
    for response in (
        client.enqueue(headers=wanted),
        client.post(BULK, json={"data": [message()]}, headers=wanted),
        client.get(f"{MESSAGES}/1", headers=wanted),
        client.request("HEAD", f"{MESSAGES}/1", headers=wanted),
    ):
        assert response.status_code == code
        assert response.headers["retry-after"].isdigit()


def test_nobody_is_limited_by_accident(client: Client) -> None:
    """Rulings H11, H12: without an armed limit there is no 429, however many requests come."""
    statuses = {client.enqueue().status_code for _ in range(300)}
    assert statuses == {202}


def test_a_draining_application_refuses_new_requests(set_up: Callable[..., Application]) -> None:
    """Ruling H11: while it shuts down, everything is a 503 with `Retry-After`, and the connection ends."""
    application = set_up()
    application.drain.begin()
    client = Client(application)
    for response in (client.enqueue(), client.get("/"), client.get("/nowhere")):
        assert errors(response) == [("503", "draining", None)]
        assert (response.headers["retry-after"], response.headers["connection"]) == ("1", "close")
    assert list(client.sandbox.state.queue.queues) == []
