"""The tree of errors is the one drawn, and an ApiError reports its errors by the rules."""

import re

import pytest

from eqkit import errors
from eqkit.errors import CODES, MAX_ERRORS, ApiError, Code, ErrorObject, api_error


def drawn_tree() -> dict[str, str | None]:
    """The classes in the docstring's picture, each with the one it hangs from."""
    parents: dict[str, str | None] = {}
    above: list[str] = []
    for lead, name in re.findall(
        r"^([│ ]*(?:[├└]── )?)([A-Z]\w+)(?= {2}|$)", str(errors.__doc__), re.MULTILINE
    ):
        depth = len(lead) // 4
        parents[name] = above[depth - 1] if depth else None
        above[depth:] = [name]
    return parents


def built_tree() -> dict[str, str | None]:
    """The classes of the module, each with its base."""
    parents: dict[str, str | None] = {}
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, Exception):
            (base,) = value.__bases__
            parents[value.__name__] = None if base is Exception else base.__name__
    return parents


def error_objects(*codes: Code) -> list[ErrorObject]:
    """Errors with these codes."""
    return [ErrorObject(code, "wrong") for code in codes]


def test_the_tree_is_built_as_it_is_drawn() -> None:
    """People read the picture in the docstring, so it is held to the classes."""
    assert drawn_tree() == built_tree()


def test_an_api_error_keeps_the_first_50_errors() -> None:
    """At most 50 are reported, in their order (ruling B9)."""
    many = [ErrorObject(Code.WRONG_TYPE, f"error {number}") for number in range(MAX_ERRORS + 1)]
    assert MAX_ERRORS == 50
    assert list(ApiError(iter(many)).errors) == many[:50]
    assert list(ApiError(many[:50]).errors) == many[:50]


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        ([Code.CLIENT_GENERATED_ID], 403),
        ([Code.RESOURCE_TYPE_CONFLICT, Code.RESOURCE_TYPE_CONFLICT], 409),
        ([Code.CLIENT_GENERATED_ID, Code.FORBIDDEN], 403),
        ([Code.WRONG_TYPE, Code.MISSING_MEMBER], 400),
        ([Code.CLIENT_GENERATED_ID, Code.RESOURCE_TYPE_CONFLICT], 400),
        ([Code.BODY_TOO_LARGE, Code.WRONG_TYPE], 400),
    ],
)
def test_the_status_is_the_one_that_all_faults_share_and_else_400(codes: list[Code], status: int) -> None:
    """One status if all errors have it, else 400 (ruling B13)."""
    assert ApiError(error_objects(*codes)).status == status


def test_an_api_error_reads_as_its_errors() -> None:
    """A log line says which codes and why."""
    refused = ApiError([ErrorObject(Code.GONE, "It was here."), ErrorObject(Code.TEAPOT, "No coffee.")])
    assert str(refused) == "gone: It was here.; teapot: No coffee."


def test_an_api_error_of_one_fault_says_where_it_lies() -> None:
    """The place is a pointer, a parameter or a header; headers of the answer come along."""
    refused = api_error(Code.UNAUTHORIZED, "Send a key.", header="Authorization", headers=[(b"a", b"b")])
    assert refused.errors == (ErrorObject(Code.UNAUTHORIZED, "Send a key.", header="Authorization"),)
    assert refused.headers == ((b"a", b"b"),)
    assert (refused.errors[0].pointer, refused.errors[0].parameter) == (None, None)


def test_every_code_has_a_stable_name_an_error_status_and_a_title_of_its_own() -> None:
    """A person could not distinguish two codes with one title (ruling B10)."""
    assert list(CODES.values()) == list(Code)
    assert len({code.title for code in Code}) == len(Code)
    assert [code for code in Code if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code.value)] == []
    assert [code for code in Code if not 400 <= code.status <= 599] == []
