"""The facts of an error answer: sentences, places, statuses, and the problem document made of them."""

import pytest

from eqkit.answers.error_shapes.problems import fragment, problem_document
from eqkit.answers.error_shapes.reports import joined, report_of
from eqkit.answers.error_shapes.status_texts import RPC_CODES, rpc_name, title_of
from eqkit.errors import Code, ErrorObject

NAME = ErrorObject(Code.WRONG_TYPE, '"name" must be a string.', pointer="/name")
DEEP = ErrorObject(Code.MISSING_MEMBER, 'The member "id" is missing.', pointer="/items/0/a~1b")
LIMIT = ErrorObject(Code.INVALID_PARAMETER, '"limit" must be at most 100, and is 101.', parameter="limit")
TRACE = ErrorObject(Code.INVALID_HEADER, '"X-Trace" must be a UUID.', header="X-Trace")
WHOLE = ErrorObject(Code.WRONG_TYPE, '"document" must be an object.', pointer="")
NOWHERE = ErrorObject(Code.NOT_ACCEPTABLE, "Nothing fits.")


@pytest.mark.parametrize(
    ("error", "place", "parts", "field", "sentence"),
    [
        (NAME, "body", ("name",), "name", '"name" must be a string.'),
        (
            DEEP,
            "body",
            ("items", 0, "a/b"),
            "items[0].a/b",
            'The member "id" is missing (at /items/0/a~1b).',
        ),
        (LIMIT, "path", ("limit",), "limit", LIMIT.detail),
        (TRACE, "header", ("X-Trace",), "X-Trace", TRACE.detail),
        (WHOLE, "body", (), None, WHOLE.detail),
        (NOWHERE, "", (), None, "Nothing fits."),
    ],
)
def test_an_error_has_a_place(
    error: ErrorObject, place: str, parts: tuple[str | int, ...], field: str | None, sentence: str
) -> None:
    """Each of the places that an error may have, and none."""
    found = report_of(400, [("e", error)], {"limit": "path"}).first
    assert (found.place, found.parts, found.field, found.sentence) == (place, parts, field, sentence)


@pytest.mark.parametrize(
    ("status", "errors", "statuses"),
    [
        (400, [NAME], [400]),
        (422, [NAME, LIMIT], [422, 422]),
        (400, [NAME, ErrorObject(Code.FORBIDDEN, "No.")], [400, 403]),
        (422, [NAME, ErrorObject(Code.FORBIDDEN, "No.")], [422, 422]),
        (503, [NAME], [503]),
    ],
)
def test_an_error_has_the_status_of_its_answer(
    status: int, errors: list[ErrorObject], statuses: list[int]
) -> None:
    """It stands for their own, but in a 400 of several statuses (JSON:API 1.1, "Errors")."""
    report = report_of(status, [("e", each) for each in errors])
    assert [each.status for each in report.errors] == statuses


@pytest.mark.parametrize(
    ("sentences", "sentence"),
    [
        (["One is wrong."], "One is wrong."),
        (["One is wrong.", "Two is"], "One is wrong. Two is."),
        (["Did you mean two?", "Two"], "Did you mean two? Two."),
        (["One is wrong.", "One is wrong."], "One is wrong."),
        (["Ends with dots...", "Two."], "Ends with dots... Two."),
    ],
)
def test_sentences_become_one_text(sentences: list[str], sentence: str) -> None:
    """Each is there once, with a stop at its end."""
    assert joined(sentences) == sentence


@pytest.mark.parametrize(
    ("status", "phrase", "name"),
    [
        (400, "Bad Request", "INVALID_ARGUMENT"),
        (413, "Content Too Large", "INVALID_ARGUMENT"),
        (422, "Unprocessable Content", "INVALID_ARGUMENT"),
        (429, "Too Many Requests", "RESOURCE_EXHAUSTED"),
        (499, "Client Error", "CANCELLED"),
        (503, "Service Unavailable", "UNAVAILABLE"),
        (599, "Server Error", "UNKNOWN"),
        (999, "Unknown Status", "UNKNOWN"),
    ],
)
def test_every_status_has_names(status: int, phrase: str, name: str) -> None:
    """Registered statuses have those of RFC 9110 and AIP-193; all others have that of their class."""
    assert (title_of(status), rpc_name(status)) == (phrase, name)
    assert name in RPC_CODES


def test_a_problem_names_every_error() -> None:
    """The extension `errors` has each of them, as the example of RFC 9457 3."""
    errors = [("e-1", DEEP), ("e-2", LIMIT), ("e-3", TRACE), ("e-4", NOWHERE)]
    assert problem_document(report_of(400, errors)) == {
        "title": "Bad Request",
        "status": 400,
        "detail": 'The member "id" is missing (at /items/0/a~1b) (and 3 more errors).',
        "errors": [
            {"detail": DEEP.detail, "pointer": "#/items/0/a~1b", "code": "missing-member"},
            {"detail": LIMIT.detail, "parameter": "limit", "code": "invalid-parameter"},
            {"detail": TRACE.detail, "header": "X-Trace", "code": "invalid-header"},
            {"detail": NOWHERE.detail, "code": "not-acceptable"},
        ],
    }


def test_a_report_without_errors_has_the_one_of_its_status() -> None:
    """An answer that a test has asked for has a status and nothing that is wrong."""
    for status, phrase, code in [
        (404, "Not Found", "path-not-found"),
        (599, "Server Error", "internal-error"),
    ]:
        problem = problem_document(report_of(status, []))
        assert problem["detail"] == f"{phrase}."
        assert problem["errors"] == [{"detail": f"{phrase}.", "code": code}]


def test_a_pointer_is_a_fragment() -> None:
    """Characters that a fragment cannot have are percent-encoded (RFC 6901 6)."""
    assert fragment('/ü b/"%^') == "#/%C3%BC%20b/%22%25%5E"
