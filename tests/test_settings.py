"""Settings come from options, else from the environment, else they are the defaults; wrong ones are named."""

import dataclasses
import ipaddress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from eqkit.cli import main
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.errors import SettingsError
from eqkit.settings import switch

FIELDS = {field.name: field for field in dataclasses.fields(ElasticQueueSettings)}
MANY = [name for name, field in FIELDS.items() if field.metadata["many"]]
SECRET = [name for name, field in FIELDS.items() if field.metadata["secret"]]
GOOD: dict[str, tuple[str, Any]] = {
    "host": ("0.0.0.0", "0.0.0.0"),
    "port": ("0", 0),
    "ready_file": ("ready.txt", Path("ready.txt")),
    "key": ("s3cret!", ("s3cret!",)),
    "wait_until_unit": ("seconds", "seconds"),
    "enqueue_status": ("204", 204),
    "public_url": ("https://mock.test/base/", "https://mock.test/base"),
    "trusted_proxy": ("10.1.2.3/8", (ipaddress.ip_network("10.0.0.0/8"),)),
    "max_body": ("1", 1),
    "max_request": ("4294967296", 1 << 32),
    "max_connections": ("1000000", 1_000_000),
    "max_bulk": ("1000000", 1_000_000),
    "max_delay": ("60", 60),
    "unknown_attributes": ("ignore", "ignore"),
    "declared_queues": ("mail.out-2", ("mail.out-2",)),
    "seed": ("7", 7),
    "control": ("false", False),
    "control_token": ("s3cret!", "s3cret!"),
    "max_sandboxes": ("1", 1),
    "sandbox_idle": ("3600", 3600),
    "max_memory": ("16777216", 16_777_216),
    "webhook_targets": ("any", "any"),
    "strict_clients": ("true", True),
    "validate_responses": ("true", True),
    "log_level": ("debug", "debug"),
    "log_format": ("json", "json"),
}
"""For each setting a text, and the value that it is read as."""

BAD = [
    ("port", "65536"),
    ("port", "-1"),
    ("port", "http"),
    ("port", "80.0"),
    ("port", "٨٠"),
    ("key", "two words"),
    ("key", "schlüssel"),
    ("key", "k" * 201),
    ("wait_until_unit", "minutes"),
    ("enqueue_status", "200"),
    ("public_url", "mock.test"),
    ("public_url", "ftp://mock.test"),
    ("public_url", "http://"),
    ("public_url", "https://mock.test/?a=1"),
    ("public_url", "https://mock.test/#top"),
    ("public_url", "http://[::1"),
    ("public_url", "http://two words"),
    ("public_url", "http://mock.test:99999"),
    ("public_url", "http://mock.test/\r\nX-Evil: 1"),
    ("trusted_proxy", "proxy.test"),
    ("trusted_proxy", "10.0.0.0/33"),
    ("max_body", "0"),
    ("max_body", "1_000"),
    ("max_request", "9" * 30),
    ("max_bulk", "1000001"),
    ("max_delay", "0"),
    ("unknown_attributes", "accept"),
    ("declared_queues", "_bulk"),
    ("declared_queues", "q" * 81),
    ("declared_queues", "ma\nil"),
    ("seed", "1.5"),
    ("control", "no"),
    ("control_token", "two words"),
    ("max_sandboxes", "0"),
    ("sandbox_idle", "-1"),
    ("max_memory", "1000"),
    ("strict_clients", "strict"),
    ("webhook_targets", "everywhere"),
    ("validate_responses", "yes"),
    ("log_level", "INFO"),
    ("log_format", "xml"),
]


def option(name: str) -> str:
    """The option of a setting."""
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return "EQKIT_" + name.upper()


def test_every_setting_is_tried_here() -> None:
    """A new setting needs a line in the list above."""
    assert GOOD.keys() == FIELDS.keys()


def test_nothing_given_is_the_defaults() -> None:
    """Options that were not given arrive as None or as no values, variables as nothing or empty."""
    absent: dict[str, Any] = {name: () if name in MANY else None for name in FIELDS}
    empty = {variable(name): "" for name in FIELDS}
    assert (
        ElasticQueueSettings.read(environ={})
        == ElasticQueueSettings.read(absent, {})
        == ElasticQueueSettings.read({}, empty)
        == ElasticQueueSettings()
    )


@pytest.mark.parametrize("name", GOOD)
def test_a_setting_is_read_alike_from_its_option_and_its_variable(name: str) -> None:
    """Both ways name one setting, and read its text in one way."""
    text, value = GOOD[name]
    by_option = ElasticQueueSettings.read({name: [text] if name in MANY else text}, {})
    by_variable = ElasticQueueSettings.read({}, {variable(name): text})
    assert getattr(by_option, name) == value != getattr(ElasticQueueSettings(), name)
    assert by_option == by_variable


@pytest.mark.parametrize("name", GOOD)
def test_an_option_goes_before_its_variable(name: str) -> None:
    """An option goes before its variable, and a wrong variable that nothing reads does no harm."""
    text, value = GOOD[name]
    settings = ElasticQueueSettings.read({name: [text] if name in MANY else text}, {variable(name): "\0"})
    assert getattr(settings, name) == value


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("key", ["one", "two"]),
        ("trusted_proxy", ["10.0.0.1", "fd00::/8"]),
        ("declared_queues", ["mail", "reports"]),
    ],
)
def test_an_option_is_repeated_where_its_variable_has_commas(name: str, texts: list[str]) -> None:
    """A setting of many values keeps their order; spaces after a comma are for the reader."""
    by_option = ElasticQueueSettings.read({name: texts}, {})
    by_variable = ElasticQueueSettings.read({}, {variable(name): ", ".join(texts)})
    assert by_option == by_variable
    assert [str(each).removesuffix("/32") for each in getattr(by_option, name)] == texts


def test_the_settings_of_many_values_are_those() -> None:
    """A setting with many values that is added here gets its comma list in the test above."""
    assert MANY == ["key", "trusted_proxy", "declared_queues"]


def formatted(name: str, text: str) -> str:
    """How a refused value is shown: in short, and a secret by its length alone."""
    return f"{len(text)} characters that are not shown" if name in SECRET else repr(text[:100])


def test_the_settings_that_are_secret_are_those() -> None:
    """A setting that is as good as a password is marked, so that no error repeats it."""
    assert SECRET == ["key", "control_token"]


@pytest.mark.parametrize(("name", "text"), BAD)
def test_a_wrong_value_is_refused_with_the_name_of_its_option(name: str, text: str) -> None:
    """The message names the option, the allowed values, and the given value, shortened."""
    with pytest.raises(SettingsError) as caught:
        ElasticQueueSettings.read({name: [text] if name in MANY else text}, {})
    assert str(caught.value).startswith(f"{option(name)}: ")
    assert str(caught.value).endswith(f", got {formatted(name, text)}")


@pytest.mark.parametrize(("name", "text"), BAD)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(name: str, text: str) -> None:
    """The same message, about the environment."""
    with pytest.raises(SettingsError) as caught:
        ElasticQueueSettings.read({}, {variable(name): text})
    assert str(caught.value).startswith(f"{variable(name)}: ")
    assert str(caught.value).endswith(f", got {formatted(name, text)}")


@pytest.mark.parametrize("text", ["one,,two", "one,", ","])
def test_a_gap_in_a_comma_list_is_refused(text: str) -> None:
    """An empty value is a slip of the hand, and an empty key would be a dangerous one."""
    with pytest.raises(SettingsError, match="EQKIT_KEY: expected 1 to 200 printable"):
        ElasticQueueSettings.read({}, {"EQKIT_KEY": text})


def test_settings_cannot_be_changed() -> None:
    """The settings of a server hold until it stops."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        ElasticQueueSettings().port = 1  # type: ignore[misc]


def help_of(name: str) -> str:
    """Return the text of `eqkit serve --help` on one setting, in one line."""
    answer = CliRunner().invoke(main, ["serve", "--help"], terminal_width=10_000)
    assert answer.exit_code == 0
    options = [" ".join(each.split()) for each in answer.output.split("\n  --")]
    (message,) = (each for each in options if each.startswith(f"{option(name)[2:]} "))
    return f"--{message}"


@pytest.mark.parametrize("name", FIELDS)
def test_the_help_has_every_setting(name: str) -> None:
    """The help gives each option, its meaning, its default, its variable, and whether it may be repeated."""
    metadata, default = FIELDS[name].metadata, FIELDS[name].default
    messages = help_of(name)
    metavar = f"[{metadata['metavar']}]" if metadata["read"] is switch else metadata["metavar"]
    assert f"{option(name)} {metavar}" in messages
    assert metadata["help"] in messages
    assert f"[env: {variable(name)}]" in messages
    assert ("Repeatable." in messages) == (name in MANY)
    assert ("[default: " in messages) == (default not in (None, ()))
    assert default in (None, ()) or f"[default: {str(default).lower()}]" in messages


def test_the_command_reports_a_wrong_option_and_leaves_with_2() -> None:
    """A wrong option is reported in one line, without a traceback."""
    answer = CliRunner().invoke(main, ["serve", "--port", "http"])
    assert answer.exit_code == 2
    assert answer.stderr == "eqkit serve: --port: expected a whole number from 0 to 65535, got 'http'\n"
