"""The handlers of orders.py answer as the contract says, on a clock that the test moves."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqkit.client import Client

PROJECT = Path(__file__).parents[1]
Server = Callable[..., Client]


@pytest.fixture
def shop(eqkit_server: Server) -> Client:
    """A mock of the shop in a process of its own, as the code under test would call it."""
    mock = eqkit_server(PROJECT / "openapi.yaml", handlers=PROJECT / "handlers")
    mock.clock.freeze("2026-03-02T10:00:00Z")
    return mock


def ask(shop: Client, path: str, document: Any = None, **headers: str) -> tuple[int, Any]:
    """Send a request as a client does, and return the status and the document of the answer."""
    body = None if document is None else json.dumps(document).encode()
    headers = {"Authorization": f"Bearer {shop.key}", "Content-Type": "application/json"} | headers
    try:
        with urllib.request.urlopen(urllib.request.Request(shop.url + path, body, headers)) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_an_order_is_shipped_after_a_day(shop: Client) -> None:
    """The day passes at once."""
    status, order = ask(shop, "/orders", {"bookId": 1, "count": 2})
    assert (status, order["state"], order["placedAt"]) == (201, "placed", "2026-03-02T10:00:00.000Z")
    shop.clock.advance("23h")
    assert ask(shop, "/orders/1")[1]["state"] == "placed"
    shop.clock.advance("1h")
    assert ask(shop, "/orders/1")[1]["state"] == "shipped"


def test_no_more_is_sold_than_there_is(shop: Client) -> None:
    """The second order asks for two of the one that is left."""
    assert ask(shop, "/orders", {"bookId": 1, "count": 2})[0] == 201
    status, error = ask(shop, "/orders", {"bookId": 1, "count": 2})
    assert (status, error["error"]["code"]) == (409, "out-of-stock")
    assert "There are 1 of Emma." in error["error"]["message"]


@pytest.mark.parametrize("path", ["/orders/1", "/books/9"])
def test_nothing_is_found_that_is_not_there(shop: Client, path: str) -> None:
    """The contract has a shape for the error."""
    status, error = ask(shop, path)
    assert (status, error["error"]["code"]) == (404, "not-found")


def test_a_wrong_order_is_a_422(shop: Client) -> None:
    """It is the status that the contract documents for it."""
    status, error = ask(shop, "/orders", {"count": 11})
    assert status == 422
    assert "bookId" in error["error"]["message"]


def test_a_fault_goes_before_the_handler(shop: Client) -> None:
    """The answer is lost, and the order is placed all the same."""
    shop.faults.lose_answers(1)
    with pytest.raises(OSError, match=r".+"):
        ask(shop, "/orders", {"bookId": 1})
    assert ask(shop, "/orders/1")[0] == 200
