"""The reference of the client lists all operations of the client, and no others."""

from inspect import Parameter, Signature

from eqkit.client import Client
from tests.docs.pages import DOCS, rows
from tests.interfaces.test_client_surface import methods


def named(signature: Signature) -> str:
    """Return the names of parameters; an asterisk stands before one that takes any number of values."""
    shown = [each for each in signature.parameters.values() if each.name != "self"]
    return ", ".join(f"{'*' if each.kind is Parameter.VAR_POSITIONAL else ''}{each.name}" for each in shown)


def test_the_reference_lists_every_method() -> None:
    """docs/reference/client.md has a row for each, with its parameters, and none that there is not."""
    listed = [row[0].strip("`") for row in rows(DOCS / "reference" / "client.md", "Method")]
    expected = [f"{name}({named(signature)})" for name, signature in methods(Client("http://127.0.0.1:9"))]
    assert sorted(listed) == sorted(expected)
