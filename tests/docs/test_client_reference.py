"""The reference of the client is what the client can do."""

from eqkit.client import Client
from tests.docs.pages import DOCS, rows
from tests.doors.test_client_surface import methods


def test_the_reference_lists_every_method() -> None:
    """docs/reference/client.md has a row for each, with its parameters, and none that there is not."""
    listed = [row[0].strip("`") for row in rows(DOCS / "reference" / "client.md", "Method")]
    expected = [
        f"{name}({', '.join(each for each in signature.parameters if each != 'self')})"
        for name, signature in methods(Client("http://127.0.0.1:9"))
    ]
    assert sorted(listed) == sorted(expected)
