"""Handlers of the operations tagged "orders"."""

from typing import Any

from eqkit.serving import Clock, Events, Problem, Result, Sandbox, Store

from ._shelf import book_of

SHIPPED_AFTER_S = 86_400
"""The time from an order to its shipping, in seconds of the sandbox's clock."""


def place_order(sandbox: Sandbox, body: dict[str, Any], store: Store, clock: Clock, events: Events) -> Result:
    """Order a book, which is shipped a day later.

    POST /orders

    Responses:
        201: The order.
        404: An error.
        409: There are too few in stock.
        422: An error.
    """
    book, count = book_of(store, body["bookId"]), body.get("count", 1)
    if book["stock"] < count:
        raise Problem(409, f"There are {book['stock']} of {book['title']}.", code="out-of-stock")
    book["stock"] -= count
    orders = store.setdefault("orders", {})
    order = {
        "id": len(orders) + 1,
        "bookId": book["id"],
        "count": count,
        "state": "placed",
        "placedAt": clock.rfc3339(),
    }
    orders[str(order["id"])] = order

    def ship() -> None:
        order["state"] = "shipped"
        events.record("order.shipped", {"id": order["id"]})

    clock.call_later(SHIPPED_AFTER_S, ship)
    return order


def show_order(sandbox: Sandbox, order_id: int, store: Store) -> Result:
    """Show an order.

    GET /orders/{orderId}

    Responses:
        200: The order.
        404: An error.
    """
    found = store.get("orders", {}).get(str(order_id))
    if found is None:
        raise Problem(404, f"There is no order {order_id}.")
    return found
