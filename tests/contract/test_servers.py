"""The addresses of a server, with their variables filled in (OpenAPI 3.0.4, "Server Object")."""

import pytest

from eqkit.contract.document import Json
from eqkit.contract.servers import MOST, addresses, by_default, prefixes

PORT: Json = {"enum": ["80", "443"], "default": "443"}
HOST: Json = {"default": "a.test"}


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ({}, [""]),
        ({"url": "/v1/"}, ["/v1"]),
        ({"url": "http://{host}/v1", "variables": {"host": HOST}}, ["http://{host}/v1"]),
        ({"url": "http://a:{port}", "variables": {"port": PORT}}, ["http://a:80", "http://a:443"]),
        (
            {"url": "{x}{y}{x}", "variables": {"x": {"enum": [1, 2]}, "y": {"enum": ["a", "b"]}}},
            ["1a1", "1b1", "2a2", "2b2"],
        ),
        ({"url": "{x}", "variables": {"x": {"enum": []}, "unused": PORT}}, ["{x}"]),
        ({"url": "{x}/{other}", "variables": {"x": {"enum": ["1"]}}}, ["1/{other}"]),
    ],
)
def test_an_address_for_each_value_that_is_listed(server: Json, expected: list[str]) -> None:
    """A variable without a list may be anything, and stays as it is written."""
    assert list(addresses(server)) == expected


def test_so_many_addresses_of_a_server_are_known() -> None:
    """Three variables of a hundred values each would be a million."""
    server = {
        "url": "{a}{b}{c}",
        "variables": {name: {"enum": [str(each) for each in range(100)]} for name in "abc"},
    }
    assert len(list(addresses(server))) == MOST == 1_000


def test_a_variable_that_is_left_has_its_default() -> None:
    """Or nothing, where there is none."""
    server = {"variables": {"host": HOST, "port": PORT, "bare": {}}}
    assert by_default("http://{host}:{port}/{bare}{unknown}", server) == "http://a.test:443/"
    assert by_default("{host}", {}) == ""


def test_an_address_that_is_no_url_has_no_path() -> None:
    """RFC 3986: a bracket that is not closed is no host; the paths of the contract are served at the root."""
    servers = [{"url": "http://["}, {"url": "https://h/v1/"}, {"url": "/v2"}]
    assert prefixes({"servers": servers, "paths": {}}) == ["/v1", "/v2", ""]
