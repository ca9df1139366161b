"""The table of scopes, from a file or the values of an option."""

from pathlib import Path

import pytest

from eqkit.errors import SettingsError
from eqkit.web.contracts.credentials.scopes import TokenScopes


@pytest.mark.parametrize(
    ("values", "token", "scopes"),
    [
        (["a=read write"], "a", {"read", "write"}),
        (["a=read", "b=write"], "b", {"write"}),
        (["a=read", "a=write"], "a", {"write"}),
        (["a==write:pets"], "a=", {"write:pets"}),
        (["a="], "a", set()),
        (["a=read"], "b", set()),
        (["a=read", "*=list"], "b", {"list"}),
        (["a=read", "*=list"], "a", {"read"}),
    ],
)
def test_a_value_is_a_token_with_its_scopes(values: list[str], token: str, scopes: set[str]) -> None:
    """RFC 6749 3.3: blanks stand between scopes; `*` stands for all tokens that are not listed."""
    table = TokenScopes.read(values)
    assert table is not None
    assert table.of((token,)) == scopes


@pytest.mark.parametrize(
    "text",
    [
        "a: [read, write]\n7: list\n'*':\n",
        '{"a": ["read", "write"], "7": "list", "*": []}',
        "a: read write\n7: [list]",
    ],
)
def test_a_file_has_a_list_for_each_token(tmp_path: Path, text: str) -> None:
    """YAML or JSON; a list or a text, and nothing for no scopes."""
    file = tmp_path / "scopes"
    file.write_text(text)
    table = TokenScopes.read([str(file), "b=own"])
    assert table is not None
    assert table.of(("a",)) == {"read", "write"}
    assert table.of(("7",)) == {"list"}
    assert table.of(("b",)) == {"own"}
    assert table.of(("c",)) == set()


def test_without_values_there_is_no_table() -> None:
    """So that any token has every scope."""
    assert TokenScopes.read([]) is None


def test_the_first_known_text_counts() -> None:
    """A user is known by the name, or by name and password."""
    table = TokenScopes({"me": ["read"], "me:pass": ["write"], "you:pass": ["list"]})
    assert table.of(("me", "me:pass")) == {"read"}
    assert table.of(("you", "you:pass")) == {"list"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no such file"),
        ("[s3cret]", "expected an object"),
        ("", "expected an object"),
        ("s3cret: [read", "neither YAML nor JSON"),
        ("s3cret: {read: true}", "token 1 must have a list"),
        ("a: []\ns3cret: [1]", "token 2 must have a list"),
        ("s3cret: 7", "token 1 must have a list"),
        ("\x00s3cret", "neither YAML nor JSON"),
    ],
)
def test_a_file_that_is_no_table_is_an_error(tmp_path: Path, text: str | None, said: str) -> None:
    """In one line, which shows no token."""
    file = tmp_path / "scopes"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError, match=said) as caught:
        TokenScopes.read([str(file)])
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["=read", "s3cret"])
def test_a_value_that_is_neither_is_an_error(value: str) -> None:
    """A token without scopes looks like a file, and is not shown."""
    with pytest.raises(SettingsError) as caught:
        TokenScopes.read([value])
    assert "s3cret" not in str(caught.value)
