"""The names of errors for programs: by the values, the examples and the neighbours that a contract has."""

import pytest

from eqkit.answers.error_shapes.codes import fitting_number, fitting_text, spelling_of, spelt
from eqkit.answers.error_shapes.names import Role, plain
from eqkit.answers.error_shapes.roles import Member, role_of

OAUTH = ("invalid_request", "unauthorized_client", "access_denied", "invalid_client", "server_error")
STRIPE = ("api_error", "card_error", "idempotency_error", "invalid_request_error")
BOX = (
    "created",
    "accepted",
    "bad_request",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
    "rate_limit_exceeded",
)
MEILISEARCH = (
    "index_not_found",
    "invalid_api_key",
    "missing_authorization_header",
    "bad_request",
    "internal",
)


@pytest.mark.parametrize(
    ("values", "slug", "status", "text"),
    [
        (OAUTH, "wrong-type", 400, "invalid_request"),
        (OAUTH, "unauthorized", 401, "invalid_client"),
        (OAUTH, "forbidden", 403, "access_denied"),
        (OAUTH, "internal-error", 500, "server_error"),
        (STRIPE, "wrong-type", 400, "invalid_request_error"),
        (STRIPE, "path-not-found", 404, "invalid_request_error"),
        (STRIPE, "internal-error", 500, "api_error"),
        (STRIPE, "idempotency-key-reused", 409, "idempotency_error"),
        (BOX, "path-not-found", 404, "not_found"),
        (BOX, "rate-limited", 429, "rate_limit_exceeded"),
        (BOX, "resource-type-conflict", 409, "conflict"),
        (MEILISEARCH, "message-not-found", 404, "index_not_found"),
        (MEILISEARCH, "invalid-json", 400, "bad_request"),
        (MEILISEARCH, "unauthorized", 401, "invalid_api_key"),
        (("INVALID_ARGUMENT", "NOT_FOUND"), "wrong-type", 422, "INVALID_ARGUMENT"),
        (("success", "error"), "wrong-type", 400, "error"),
        (("Bad Request", "Not Found"), "path-not-found", 404, "Not Found"),
        (("ValidationError", "TypeError"), "missing-member", 422, "ValidationError"),
        (("red", "PaymentRequired"), "teapot", 402, "PaymentRequired"),
        (("red", "green"), "wrong-type", 400, "red"),
        ((), "wrong-type", 400, None),
    ],
)  # fmt: skip
def test_the_listed_name_that_fits_is_chosen(
    values: tuple[str, ...], slug: str, status: int, text: str | None
) -> None:
    """By the code, the status, its class, and else it is the first."""
    assert fitting_text(values, slug, status) == text


@pytest.mark.parametrize(
    ("values", "status", "number"),
    [([400, 404], 404, 404), ([400, 404], 422, 404), ([401, 500], 503, 500), ([1, 2], 400, 2),
     ([True, "400"], 400, None), ([], 400, None), ([400.0], 400, 400)],
)  # fmt: skip
def test_the_listed_number_that_fits_is_chosen(values: list[object], status: int, number: int | None) -> None:
    """The status itself, else the nearest of its class."""
    assert fitting_number(values, status) == number


@pytest.mark.parametrize(
    ("examples", "code"),
    [
        ([], "wrong-type"),
        (["not-found"], "wrong-type"),
        (["missing_field"], "wrong_type"),
        (["invalid"], "wrong_type"),
        (["MISSING_FIELDS"], "WRONG_TYPE"),
        (["missingField"], "wrongType"),
        (["BadArgument"], "WrongType"),
        (["not found"], "Wrong type"),
        (["a.b"], "wrong.type"),
        ([404, None, {}], "wrong-type"),
        (["404"], "wrong-type"),
        (["?!"], "wrong-type"),
    ],
)
def test_a_code_is_spelt_as_its_example(examples: list[object], code: str) -> None:
    """Of examples that are no names, nothing follows."""
    assert spelt("wrong-type", 400, spelling_of(examples))[0] == code


def test_a_code_without_words_is_left_as_it_is() -> None:
    """A handler of a user's own may name its errors as it likes."""
    assert spelt("!", 400, "pascal")[0] == "!"
    assert fitting_text(("a", "error"), "", 400) == "error"


@pytest.mark.parametrize(
    ("name", "own"),
    [("errorMessage", "message"), ("error_message", "message"), ("ERROR-MESSAGE", "message"),
     ("errormsg", "msg"), ("errmsg", "msg"), ("error_type", "type"), ("http_status_code", "statuscode"),
     ("errors", "errors"), ("error", "error"), ("api_error_code", "code"), ("ÜberName", "übername"),
     ("", "")],
)  # fmt: skip
def test_spellings_of_a_name_are_one(name: str, own: str) -> None:
    """Case and separators are left out, and words that every name of an error may begin with."""
    assert plain(name) == own


STRING, NUMBER, FLAG, LIST = (frozenset((each,)) for each in ("string", "integer", "boolean", "array"))


@pytest.mark.parametrize(
    ("name", "kinds", "beside", "is_item", "role"),
    [
        ("error", STRING, {}, False, Role.TEXT),
        ("error", STRING, {"message": STRING}, False, Role.CODE),
        ("error", STRING, {"message": STRING, "status": NUMBER}, False, Role.PHRASE),
        ("error", FLAG, {}, False, Role.FAILURE),
        ("error", NUMBER, {}, False, Role.STATUS),
        ("status", NUMBER, {}, False, Role.STATUS),
        ("status", FLAG, {}, False, Role.SUCCESS),
        ("status", STRING, {"message": STRING}, False, Role.KIND),
        ("status", STRING, {"code": NUMBER}, False, Role.RPC_STATUS),
        ("status", STRING, {}, True, Role.STATUS),
        ("reason", STRING, {}, False, Role.TEXT),
        ("reason", STRING, {"message": STRING}, False, Role.CODE),
        ("reason", LIST, {}, False, Role.ERRORS),
        ("name", STRING, {"reason": STRING}, True, Role.FIELD),
        ("name", STRING, {"message": STRING}, False, Role.CODE),
        ("path", STRING, {"message": STRING}, False, Role.TARGET),
        ("path", LIST, {"message": STRING}, True, Role.STEPS),
        ("location", STRING, {"field": STRING}, True, Role.IN),
        ("location", STRING, {}, True, Role.FIELD),
        ("parameter", STRING, {"pointer": STRING}, True, Role.PARAMETER),
        ("type", STRING, {"title": STRING, "status": NUMBER}, False, Role.TYPE_URI),
        ("type", STRING, {"errors": LIST}, False, Role.KIND),
        ("type", STRING, {"message": STRING}, False, Role.CODE),
        ("success", STRING, {}, False, None),
        ("details", LIST, {}, False, Role.ERRORS),
        ("@type", STRING, {}, True, None),
        ("@type", STRING, {"fieldviolations": LIST}, True, Role.RPC_TYPE),
        ("amount", NUMBER, {}, False, None),
    ],
)
def test_a_name_has_a_part_by_its_neighbours(
    name: str, kinds: frozenset[str], beside: dict[str, frozenset[str]], is_item: bool, role: Role | None
) -> None:
    """The same name says one thing or another by its types and the members beside it."""
    assert role_of(name, Member(kinds, beside=beside, is_item=is_item)) is role
