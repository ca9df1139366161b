"""Generated texts of a locale, by Faker."""

import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from eqkit.answers.generating import Generator
from eqkit.answers.generating.texts.local import UnknownLocale, texts_of_locale
from eqkit.cli import main
from eqkit.contract.document import Document
from eqkit.contract.messages.compiled import CompiledContract

NAMES = ("firstName", "lastName", "city", "phoneNumber", "jobTitle", "street")
USER: Any = {
    "type": "object",
    "required": [*NAMES, "name", "email", "note"],
    "properties": {
        **{name: {"type": "string"} for name in NAMES},
        "name": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "note": {"type": "string", "maxLength": 5},
    },
    "additionalProperties": False,
}
DOCUMENT = Document(
    {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "components": {"schemas": {"User": USER}}}
)


def users(locale: str | None) -> list[Any]:
    """Return some users, generated anew."""
    texts = None if locale is None else texts_of_locale(locale)
    generator = Generator(CompiledContract(DOCUMENT).responses, texts)
    return [generator.value("/components/schemas/User", seed) for seed in range(30)]


def test_texts_are_those_of_the_locale() -> None:
    """Names and cities of Japan are written in its own characters; what has a format keeps it."""
    for user in users("ja_JP"):
        assert not user["lastName"].isascii()
        assert not user["name"].isascii()
        assert not user["city"].isascii()
        assert "@" in user["email"]


@pytest.mark.parametrize("locale", ["de_DE", "en-US", "ja_JP", "ar_AA"])
def test_every_value_is_valid_and_comes_again(locale: str) -> None:
    """A text that is too long for its schema is made to fit; the same seed gives the same value."""
    accepts = CompiledContract(DOCUMENT).responses.validator("/components/schemas/User").is_valid
    made = users(locale)
    assert all(map(accepts, made))
    assert made == users(locale)
    assert len({user["lastName"] for user in made}) > 10


def test_without_a_locale_nothing_changes() -> None:
    """Values are those of a server without the extra."""
    assert users(None) != users("en_US")
    assert users(None) == users(None)


@pytest.mark.parametrize("locale", ["xx_XX", "de_XX", "", "German"])
def test_an_unknown_locale_is_an_error_that_names_others(locale: str) -> None:
    """Those of the same language, if there are any."""
    with pytest.raises(UnknownLocale, match=r"there are .*de_DE"):
        texts_of_locale(locale)


def test_a_server_is_not_started_with_an_unknown_locale(tmp_path: Path) -> None:
    """It ends in one line."""
    contract = tmp_path / "openapi.yaml"
    contract.write_text("openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n")
    done = CliRunner().invoke(main, ["serve", str(contract), "--faker", "xx"])
    assert (done.exit_code, len(done.output.splitlines())) == (2, 1)
    assert '--faker: there is no locale "xx" in Faker; there are ' in done.output


def test_a_server_without_faker_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And how to install it."""
    contract = tmp_path / "openapi.yaml"
    contract.write_text("openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n")
    monkeypatch.setitem(sys.modules, "faker", None)
    done = CliRunner().invoke(main, ["serve", str(contract), "--faker", "de_DE"])
    assert (done.exit_code, len(done.output.splitlines())) == (2, 1)
    assert "--faker needs the faker extra (faker is not installed): pip install " in done.output
