"""Requests find the paths of a contract: concrete segments first, templates of every shape, any spelling."""

import time

import pytest

from eqkit.contract.paths import PathTree, normal_path


def tree(*paths: str) -> PathTree[str]:
    """Return a tree with a GET at each path, which is its own name."""
    made = PathTree[str]()
    for path in paths:
        made.add(path, "GET", path)
    return made


def found(paths: tuple[str, ...], sent: str) -> tuple[str, dict[str, str]] | None:
    """Return the first path that a request finds, with the texts of its templates."""
    match = next(tree(*paths).find(sent), None)
    return None if match is None else (match.operations["GET"][1], match.parameters("GET"))


@pytest.mark.parametrize(
    ("paths", "sent", "expected"),
    [
        (("/pets",), "/pets", ("/pets", {})),
        (("/pets",), "/pets/", None),
        (("/pets/",), "/pets/", ("/pets/", {})),
        (("/pets/",), "/pets", None),
        (("/",), "/", ("/", {})),
        (("/pets/{id}",), "/pets/7", ("/pets/{id}", {"id": "7"})),
        (("/pets/{id}",), "/pets/", None),
        (("/pets/{id}",), "/pets/7/8", None),
        (("/pets/{id}",), "/pets/a%2Fb", ("/pets/{id}", {"id": "a%2Fb"})),
        # "Paths Object": concrete paths before templates of the same hierarchy.
        (("/pets/{id}", "/pets/mine"), "/pets/mine", ("/pets/mine", {})),
        (("/pets/{id}", "/pets/mine"), "/pets/m%69ne", ("/pets/mine", {})),
        (("/{a}/x", "/b/{c}"), "/b/x", ("/b/{c}", {"c": "x"})),
        # The concrete segment leads nowhere: the template does.
        (("/pets/mine/toys", "/pets/{id}/owner"), "/pets/mine/owner", ("/pets/{id}/owner", {"id": "mine"})),
        (("/files/{name}.json", "/files/{name}"), "/files/a.json", ("/files/{name}.json", {"name": "a"})),
        (("/files/{name}.json", "/files/{name}"), "/files/a.xml", ("/files/{name}", {"name": "a.xml"})),
        (("/files/{name}.json",), "/files/.json", None),
        (("/r/{from}-{to}",), "/r/1-2-3", ("/r/{from}-{to}", {"from": "1", "to": "2-3"})),
        (("/r/{from}-{to}",), "/r/-2", None),
        (("/v{major}.{minor}",), "/v1.2", ("/v{major}.{minor}", {"major": "1", "minor": "2"})),
        (("/x/{a}{b}",), "/x/123", ("/x/{a}{b}", {"a": "1", "b": "23"})),
        (("/x/{a}{b}",), "/x/1", None),
        (("/x(id={id})",), "/x(id=5)", ("/x(id={id})", {"id": "5"})),
        (("/users/@me", "/users/{id}"), "/users/@me", ("/users/@me", {})),
        (("/users/@me", "/users/{id}"), "/users/%40me", ("/users/@me", {})),
        (("/users/%40me",), "/users/@me", ("/users/%40me", {})),
        (("/über",), "/%C3%BCber", ("/über", {})),
        (("/über",), "/%c3%bcber", ("/über", {})),
        (("/a b",), "/a%20b", ("/a b", {})),
        (("/a:run",), "/a:run", ("/a:run", {})),
        (("/m{;id}",), "/m;id=5", ("/m{;id}", {";id": ";id=5"})),
    ],
)  # fmt: skip
def test_a_request_finds_its_path(
    paths: tuple[str, ...], sent: str, expected: tuple[str, dict[str, str]] | None
) -> None:
    """The path and the texts of its templates, as they were sent."""
    assert found(paths, sent) == expected
    assert found(paths[::-1], sent) == expected


def test_paths_that_differ_in_the_names_of_their_templates_are_one() -> None:
    """Each method has the names that its own path gives."""
    both = PathTree[str]()
    both.add("/pets/{id}", "GET", "get")
    both.add("/pets/{petId}", "DELETE", "delete")
    both.add("/pets/{other}", "GET", "never")
    (match,) = both.find("/pets/7")
    assert match.parameters("GET") == {"id": "7"}
    assert match.parameters("DELETE") == {"petId": "7"}
    assert match.operations["GET"][1] == "get"


def test_every_path_that_fits_is_found() -> None:
    """A method that the most concrete path has not may be one of another path."""
    matches = tree("/pets/{id}", "/pets/mine", "/{kind}/mine").find("/pets/mine")
    assert [match.operations["GET"][1] for match in matches] == ["/pets/mine", "/pets/{id}", "/{kind}/mine"]


def test_a_concrete_segment_may_rule_out_the_templates_beside_it() -> None:
    """OpenAPI matches concrete paths before templated ones ("Paths Object", path templating matching)."""
    paths = tree("/pets/{id}", "/pets/mine", "/{kind}/mine", "/pets/mine/a", "/{kind}/mine/b")
    found = {
        each: list(paths.find(each, is_exclusive=True)) for each in ("/pets/mine", "/pets/mine/b", "/pets/7")
    }
    assert [[match.operations["GET"][1] for match in matches] for matches in found.values()] == [
        ["/pets/mine"], ["/{kind}/mine/b"], ["/pets/{id}"],
    ]  # fmt: skip


def test_a_text_beside_a_template_may_rule_out_templates_alone() -> None:
    """It is the more concrete path: ``GET`` of a custom method is none of the resource of that name."""
    paths = tree("/pets/{id}", "/pets/{id}:feed", "/pets/{id}/toys")
    asked = ("/pets/7:feed", "/pets/7:feed/toys", "/pets/:feed")
    found = [[*paths.find(each, is_exclusive=True)] for each in asked]
    assert [[match.operations["GET"][1] for match in matches] for matches in found] == [
        ["/pets/{id}:feed"], ["/pets/{id}/toys"], ["/pets/{id}"],
    ]  # fmt: skip


def test_templates_side_by_side_take_time_in_the_length_of_the_segment() -> None:
    """No segment is tried in all its divisions, be the template never so odd."""
    odd = tree("/" + "{a}x" * 50 + "y")
    began = time.perf_counter()
    assert list(odd.find("/" + "x" * 20_000)) == []
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/%7Ea", "/~a"), ("/%2f", "/%2F"), ("/%zz", "/%zz"), ("/a", "/a"), ("/%41%20", "/A%20")],
)
def test_a_path_has_one_spelling(path: str, expected: str) -> None:
    """Escapes that are not needed are undone, the others are written in capitals (RFC 3986 6.2.2)."""
    assert normal_path(path) == expected
