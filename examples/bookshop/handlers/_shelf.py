"""The books of a sandbox: those of the contract's example, until a test adds more."""

from typing import Any

from eqkit.serving import Problem, Store

Book = dict[str, Any]

FIRST: tuple[Book, ...] = (
    {"title": "Emma", "author": "Jane Austen", "price": 9.5, "stock": 3},
    {"title": "Persuasion", "author": "Jane Austen", "price": 8, "stock": 0},
)
"""The books of a new sandbox."""


def shelf(store: Store) -> dict[str, Book]:
    """Return the books of the sandbox by their ids."""
    if "books" not in store:
        store["books"] = {str(number): {"id": number, **book} for number, book in enumerate(FIRST, 1)}
    books: dict[str, Book] = store["books"]
    return books


def book_of(store: Store, book_id: int) -> Book:
    """Return a book; raises Problem (404)."""
    found = shelf(store).get(str(book_id))
    if found is None:
        raise Problem(404, f"There is no book {book_id}.")
    return found
