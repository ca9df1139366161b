"""Names that make a value a secret."""

import pytest

from eqkit.traffic.secrets import is_secret


@pytest.mark.parametrize(
    "name",
    ["Authorization", "authorisation", "Proxy-Authorization", "X-Auth", "X-Api-Key", "api_key", "Cookie",
     "Set-Cookie", "access_token", "X-Session-Id", "X-CSRF-Token", "client_secret", "password",
     "X-Hub-Signature"],
)  # fmt: skip
def test_a_name_that_a_key_goes_by_is_secret(name: str) -> None:
    """Ruling D7: the value under such a name is recorded nowhere."""
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    ["Author", "authors", "author-id", ":authority", "WWW-Authenticate", "Authentication-Info", "Accept",
     "Idempotency-Key", "Content-Type", "limit"],
)  # fmt: skip
def test_a_name_that_only_sounds_like_one_is_shown(name: str) -> None:
    """A recording that hides too much is of no use."""
    assert not is_secret(name)
