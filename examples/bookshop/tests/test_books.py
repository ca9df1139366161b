"""The handlers of books.py answer as the contract says."""

import pytest

from eqkit.asgi import InProcess

EMMA = {"title": "Emma", "author": "Jane Austen", "price": 9.5, "stock": 3}
KEY = {"Authorization": "Bearer test_handlers"}


def test_books_are_listed_by_title(mock: InProcess) -> None:
    """A new sandbox has the two of the contract's example."""
    response = mock.send("GET", "/books")
    assert (response.status, [book["title"] for book in response.json()]) == (200, ["Emma", "Persuasion"])


@pytest.mark.parametrize(
    ("query", "titles"),
    [("limit=1", ["Emma"]), ("author=Jane%20Austen&limit=50", ["Emma", "Persuasion"]), ("author=Homer", [])],
)
def test_books_are_chosen_by_the_query(mock: InProcess, query: str, titles: list[str]) -> None:
    """By their author, and no more than wanted."""
    assert [book["title"] for book in mock.send("GET", f"/books?{query}").json()] == titles


def test_a_book_that_was_added_is_there(mock: InProcess) -> None:
    """Location leads to it, and a book without a stock has none."""
    response = mock.send("POST", "/books", headers=KEY, json={**EMMA, "title": "Lady Susan", "stock": 1})
    assert response.status == 201, response.text
    assert response.headers["location"].endswith("/books/3")
    assert mock.send("GET", "/books/3").json() == response.json()


def test_another_sandbox_has_books_of_its_own(mock: InProcess) -> None:
    """The test before has added one elsewhere."""
    assert mock.send("GET", "/books/3").status == 404


def test_every_fault_of_a_book_is_told(mock: InProcess) -> None:
    """The request is validated before the handler sees it, and the error has the shape of the contract."""
    response = mock.send("POST", "/books", headers=KEY, json={"title": "", "price": -1})
    message = response.json()["error"]["message"]
    assert response.status == 400
    assert all(name in message for name in ("author", "title", "price"))


def test_adding_a_book_needs_a_token(mock: InProcess) -> None:
    """Reading needs none."""
    assert mock.send("POST", "/books", json=EMMA).status == 401
