"""The sandboxes of credentials: any opens one, and none can be read in the list."""

import pytest

from eqkit.errors import ApiError
from eqkit.sandbox.credential_sandboxes import DEFAULT, CredentialSandboxes
from eqkit.sandbox.rules import Rules
from eqkit.timing.clock import ManualClock


def sandboxes(*keys: str, max_sandboxes: int = 1_000) -> CredentialSandboxes:
    """Return sandboxes that stand at the beginning of time."""
    return CredentialSandboxes(keys, Rules(), lambda: ManualClock(0), max_sandboxes=max_sandboxes)


@pytest.mark.parametrize(
    "key", ["sk_live_4eC39HqLyjWDarjtT1zdp7dc", "a/b==", "ä", "x" * 5_000, "test", "test_a b"]
)
def test_a_credential_is_in_no_list(key: str) -> None:
    """Its sandbox has a name of its own, by which it is found; and the credential finds it, too."""
    made = sandboxes()
    sandbox = made.of(key)
    (name,) = made.names()
    assert name.startswith("credential-")
    assert key not in name
    assert made.named(name) is sandbox is made.of(key)
    assert len(key) > 200 or made.named(key) is sandbox
    made.delete(name)
    assert made.names() == {}


@pytest.mark.parametrize("key", ["test_a", "test_A-b_9", DEFAULT])
def test_a_key_for_tests_is_a_name(key: str) -> None:
    """As on a server of ElasticQueue."""
    made = sandboxes()
    made.of(key)
    assert list(made.names()) == [key]


def test_a_name_is_shown_until_its_sandbox_goes() -> None:
    """One that was made by a name is no secret; the sandbox after it may be that of a credential."""
    made = sandboxes(max_sandboxes=1)
    named = made.of_name("mine")
    assert list(made.names()) == ["mine"]
    assert made.of("mine") is named
    made.of("yours")
    made.of("mine")
    assert "mine" not in made.names()


def test_a_name_does_not_uncover_a_credential() -> None:
    """A sandbox that a credential has made stays unnamed."""
    made = sandboxes()
    made.of("secret")
    made.of_name("secret")
    assert "secret" not in made.names()


def test_a_copy_has_the_name_that_was_asked_for() -> None:
    """The request for it has named it."""
    made = sandboxes()
    made.of("secret")
    (name,) = made.names()
    made.fork(name, "copy")
    assert "copy" in made.names()
    made.save("copy")
    assert made.restore("copy") is made.named("copy")
    assert made.reset("copy") is made.named("copy")
    assert "copy" in made.names()


def test_long_credentials_are_told_apart() -> None:
    """Also where they begin alike."""
    made = sandboxes()
    assert made.of("x" * 300) is not made.of("x" * 300 + "y")


def test_no_sandbox_is_without_a_key() -> None:
    """An empty text is no credential."""
    assert sandboxes().of("") is None


def test_listed_keys_let_in_no_other() -> None:
    """They have numbers for names, and the first of them is the default one."""
    made = sandboxes("first", "second")
    assert made.default_key == "first"
    assert made.of("third") is None
    assert made.of_name("third") is None
    made.of("second")
    assert list(made.names()) == ["key-2"]
    with pytest.raises(ApiError):
        made.named("second")


def test_a_name_that_nothing_has_is_an_error() -> None:
    """404, as for any other sandboxes."""
    with pytest.raises(ApiError) as caught:
        sandboxes().named("credential-0123456789ab")
    assert caught.value.status == 404
