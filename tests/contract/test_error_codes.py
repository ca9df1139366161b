"""The contract's list of error codes and the server's are one, and the examples of errors are true to it."""

from collections import defaultdict

from eqkit.contract.document import Json
from eqkit.errors import CODES, MAX_FAULTS, Code, Fault, Refusal
from tests.contract.documents import CONTRACT, components, responses, schemas

ERROR_CODE = components(CONTRACT, "schemas")["ErrorCode"]
SHOWN: list[tuple[str, int, list[Json]]] = [
    (f"{operation_id} {status} {name}", status, example["value"]["errors"])
    for operation_id, status, response in responses(CONTRACT)
    if status >= 400
    for media_type in response.get("content", {}).values()
    for name, example in media_type["examples"].items()
]
"""Every example of a refusal: its place, the status of its answer, its errors."""


def test_the_contract_lists_exactly_the_codes_of_the_server() -> None:
    """A code that only one of the two knows is either never sent or never announced (ruling B10)."""
    assert ERROR_CODE["enum"] == [code.value for code in Code]


def test_each_code_has_one_title_in_both() -> None:
    """The title is constant for a code (ruling B10)."""
    assert ERROR_CODE["x-enumDescriptions"] == {code.value: code.title for code in Code}


def test_the_contract_lists_exactly_the_statuses_of_the_codes() -> None:
    """`status` is text in JSON:API, and a closed list in the contract."""
    statuses = components(CONTRACT, "schemas")["Error"]["properties"]["status"]["enum"]
    assert statuses == sorted({str(code.status) for code in Code})


def test_the_contract_bounds_the_errors_of_an_answer_as_the_server_does() -> None:
    """At most 50 faults are reported (ruling B9)."""
    assert components(CONTRACT, "schemas")["ErrorDocument"]["properties"]["errors"]["maxItems"] == MAX_FAULTS


def test_every_error_shown_has_the_status_and_the_title_of_its_code() -> None:
    """An example that contradicts the list teaches a client the wrong thing."""
    wrong = [
        (place, error["code"])
        for place, _, errors in SHOWN
        for error in errors
        if (error["status"], error["title"]) != (str(CODES[error["code"]].status), CODES[error["code"]].title)
    ]
    assert wrong == []


def test_every_error_shown_stands_under_the_status_that_the_server_would_answer_with() -> None:
    """One status if all faults share it, else 400 (ruling B13)."""
    wrong = [
        place
        for place, status, errors in SHOWN
        if status != Refusal(Fault(CODES[error["code"]], error["detail"]) for error in errors).status
    ]
    assert wrong == []


def test_every_code_is_shown_under_its_own_status() -> None:
    """A client can ask for each code with `Prefer: example=…`; none is only a word in a list (ruling B10)."""
    shown: dict[int, set[str]] = defaultdict(set)
    for _, status, errors in SHOWN:
        shown[status] |= {error["code"] for error in errors}
    assert [code.value for code in Code if code.value not in shown[code.status]] == []


def test_every_keyword_with_a_code_of_its_own_names_a_code_and_stands_in_its_schema() -> None:
    """`x-error-codes` maps a keyword that can be broken here to a code of the list."""
    wrong = [
        (place, keyword, slug)
        for place, schema in schemas(CONTRACT)
        for keyword, slug in schema.get("x-error-codes", {}).items()
        if slug not in CODES or keyword not in schema
    ]
    assert wrong == []
