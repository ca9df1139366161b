"""Handlers of the operations tagged "books"."""

from typing import Any

from eqkit.serving import Links, Result, Sandbox, Store

from ._shelf import book_of, shelf


def list_books(sandbox: Sandbox, store: Store, author: str | None = None, limit: int = 20) -> Result:
    """List the books.

    GET /books

    Responses:
        200: The books, by title.
        4XX: An error.
    """
    found = [book for book in shelf(store).values() if author in (None, book["author"])]
    return sorted(found, key=lambda book: str(book["title"]))[:limit]


def add_book(sandbox: Sandbox, body: dict[str, Any], store: Store, links: Links) -> Result:
    """Add a book.

    POST /books

    Responses:
        201: The book, with its id.
        4XX: An error.
    """
    books = shelf(store)
    book = {"stock": 0, **body, "id": len(books) + 1}
    books[str(book["id"])] = book
    return 201, book, {"Location": links.to("showBook", bookId=book["id"])}


def show_book(sandbox: Sandbox, book_id: int, store: Store) -> Result:
    """Show a book.

    GET /books/{bookId}

    Responses:
        200: The book.
        404: An error.
    """
    return book_of(store, book_id)
