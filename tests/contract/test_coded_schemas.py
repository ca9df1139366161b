"""The schemas of our bodies and parameters, as the server validates by them: each error with its place."""

import re
import sys
from collections import defaultdict
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqkit.contract.document import Json, OverlayAction, pointer_of
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.errors import MAX_ERRORS, Code, ContractError
from eqkit.web.messages.coded_schemas import coded_schema
from tests.contract.documents import CONTRACT, Oracle, coded, components, schemas, walk
from tests.contract.near_documents import examples_by_schema, near, texts

BODIES = examples_by_schema()
PARAMETERS = {
    name: CONTRACT.inlined(each["schema"]) for name, each in components(CONTRACT, "parameters").items()
}
SINGLE = coded(BODIES["MessageInputDocument"][0])
BULK = coded(BODIES["BulkMessageInputDocument"][0])
ATTRIBUTES = components(CONTRACT, "schemas")["MessageInputAttributes"]["properties"]
MAX_BODY = ATTRIBUTES["body"]["x-max-bytes"]
MOST_SHOWN = 100
"""The most characters of a client's value that an error may repeat."""

repeatable = settings(derandomize=True, database=None, deadline=None, max_examples=200)


def message(attributes: Json, **members: Json) -> Json:
    """A resource object for a new message."""
    return {"type": "message", "attributes": attributes, **members}


def places_wanted(value: Json, oracle: Oracle) -> set[str]:
    """Return the places where the oracle finds errors, spelt as the server spells them."""
    broken: dict[tuple[str | int, ...], list[Any]] = defaultdict(list)
    for error in oracle.errors(value):
        broken[tuple(error.absolute_path)].append(error)
    places = set()
    for path, errors in broken.items():
        # What has another type is wrong as a whole.
        wrong_type = any(error.validator == "type" for error in errors)
        for error in errors:
            if error.validator == "additionalProperties" and not wrong_type:
                places |= {(*path, name) for name in error.instance if name not in error.schema["properties"]}
            elif error.validator == "not" and not wrong_type:
                places.add((*path, "id"))
            else:
                places.add(path)
    return {pointer_of(path) for path in places}


@pytest.mark.parametrize("title", BODIES)
@repeatable
@given(data=st.data())
def test_the_server_and_the_reference_implementation_accept_the_same(title: str, data: st.DataObject) -> None:
    """Two independent implementations agree about every document, sent or answered."""
    schema, originals = BODIES[title]
    value = data.draw(near(originals))
    assert coded(schema).accepts(value) == Oracle(schema).accepts(value)


@pytest.mark.parametrize("name", PARAMETERS)
@repeatable
@given(data=st.data())
def test_the_server_accepts_the_parameters_that_the_reference_implementation_accepts(
    name: str, data: st.DataObject
) -> None:
    """Path and header parameters are text; a newline at the end is a part of it."""
    schema = PARAMETERS[name]
    value = data.draw(texts | st.from_regex(schema["pattern"]))
    assert coded(schema).accepts(value) == Oracle(schema).accepts(value)


@pytest.mark.parametrize("title", BODIES)
@repeatable
@given(data=st.data())
def test_every_fault_is_reported_at_its_place_and_in_the_order_of_the_document(
    title: str, data: st.DataObject
) -> None:
    """All errors and no others (ruling B9), each at a place that exists (ruling B4), parents first."""
    schema, originals = BODIES[title]
    value = data.draw(near(originals))
    pointers = [str(error.pointer) for error in coded(schema).errors(value)]
    positions = {pointer_of(path): index for index, (path, _) in enumerate(walk(value))}
    order = [positions[pointer] for pointer in pointers]
    assert order == sorted(order)
    assert set(pointers) == places_wanted(value, Oracle(schema))


@pytest.mark.parametrize("value", [None, 7, 0.5, "text", [], {}, [{}]])
@pytest.mark.parametrize("place", ["", "/data", "/data/attributes", "/data/attributes/body", "/data/type"])
def test_a_value_of_the_wrong_type_is_one_fault(place: str, value: Json) -> None:
    """Each further rule that a value of the wrong type violates would only be noise."""
    document = {"data": message({"body": "hello"})}
    *above, last = ["root", *place.split("/")[1:]]
    holder: Json = {"root": document}
    parent = holder
    for part in above:
        parent = parent[part]
    wanted = type(parent[last])
    parent[last] = value
    messages = [error.code for error in SINGLE.errors(holder["root"]) if error.pointer == place]
    assert (Code.WRONG_TYPE in messages) == (not isinstance(value, wanted))
    assert Code.WRONG_TYPE not in messages or messages == [Code.WRONG_TYPE]


SHOWN = {
    "missing-member": {"data": message({})},
    "wrong-type": {"data": message({"body": 7})},
    "invalid-wait-until": {"data": message({"body": "", "wait-until": "tomorrow"})},
    "unknown-attribute": {"data": message({"body": "", "wait_until": 1459121798238})},
    "several-faults": {"data": message({"body": None, "delay": 60})},
    "client-generated-id": {"data": message({"body": ""}, id="72301093732")},
    "resource-type-conflict": {"data": message({"body": ""}) | {"type": "task"}},
    "body-too-large": {"data": message({"body": "x" * (MAX_BODY + 1)})},
    "missing-member-in-bulk": {"data": [message({"body": ""}), message({})]},
    "wrong-type-in-bulk": {"data": {}},
    "invalid-wait-until-in-bulk": {"data": [message({"body": "", "wait-until": -1})]},
    "unknown-attribute-in-bulk": {"data": [message({"body": ""}), message({"body": "", "waitUntil": 1})]},
    "several-faults-in-bulk": {
        "data": [message({"body": "", "wait-until": True}), message({"body": ""}) | {"type": "task"}]
    },
    "client-generated-id-in-bulk": {"data": [message({"body": ""}), message({"body": ""}, id="1")]},
    "resource-type-conflict-in-bulk": {
        "data": [message({"body": ""}), message({"body": ""}) | {"type": "task"}]
    },
    "body-too-large-in-bulk": {"data": [message({"body": ""}), message({"body": "x" * (MAX_BODY + 1)})]},
    "empty-bulk": {"data": []},
    "bulk-too-large": {"data": [message({"body": ""})] * 1001},
}
"""For each example of an error in a document, a document that has it."""


@pytest.mark.parametrize(("name", "document"), SHOWN.items())
def test_the_contract_shows_the_very_words_of_the_server(name: str, document: Json) -> None:
    """An example of an error is an answer of the server: code, title, detail and pointer (ruling B10)."""
    schema = BULK if "bulk" in name else SINGLE
    messages = [
        {
            "id": f"error-{number}",
            "status": str(error.code.status),
            "code": error.code.slug,
            "title": error.code.title,
            "detail": error.detail,
            "source": {"pointer": error.pointer},
        }
        for number, error in enumerate(schema.errors(document), 1)
    ]
    assert messages == components(CONTRACT, "examples")[name]["value"]["errors"]


@pytest.mark.parametrize(
    ("wait_until", "detail"),
    [
        (-1, '"wait-until" must be at least 0, not -1.'),
        (253402300800000, '"wait-until" must be at most 253402300799999, not 253402300800000.'),
        (0.5, '"wait-until" must be an integer, not a number, 0.5.'),
        (1.0, '"wait-until" must be an integer, not a number, 1.0.'),
        (None, '"wait-until" must be an integer, not null.'),
        ([], '"wait-until" must be an integer, not an array.'),
        ({}, '"wait-until" must be an integer, not an object.'),
        ("0", '"wait-until" must be an integer, not a string.'),
    ],
)
def test_a_wrong_wait_until_is_reported_with_its_value_and_the_allowed_form(
    wait_until: Json, detail: str
) -> None:
    """A wait that was not understood must never become "now" (ruling T8)."""
    (error,) = SINGLE.errors({"data": message({"body": "", "wait-until": wait_until})})
    assert (error.code, error.detail) == (Code.INVALID_WAIT_UNTIL, detail)


def test_every_missing_member_is_reported() -> None:
    """All errors are reported at once, also those that lie in one place (ruling B9)."""
    details = [error.detail for error in SINGLE.errors({"data": {}})]
    assert details == ['The member "type" is missing.', 'The member "attributes" is missing.']


@pytest.mark.parametrize(
    ("name", "right"),
    [(alias, right) for right, schema in ATTRIBUTES.items() for alias in schema["x-aliases"]],
)
def test_the_usual_wrong_names_are_led_to_the_right_ones(name: str, right: str) -> None:
    """A typo must not send a message at once: it is refused, and its remedy named (ruling B8)."""
    (error,) = SINGLE.errors({"data": message({"body": ""} | {name: 1})})
    assert error.code is Code.UNKNOWN_ATTRIBUTE
    assert error.pointer == f"/data/attributes/{name}"
    assert error.detail == f'There is no attribute "{name}"; did you mean "{right}"?'


@pytest.mark.parametrize(
    ("name", "right"), [("bdy", "body"), ("wait-untill", "wait-until"), ("wait until", "wait-until")]
)
def test_a_near_miss_is_led_to_the_right_name(name: str, right: str) -> None:
    """A name need not be foreseen to be understood (ruling B8)."""
    (error,) = SINGLE.errors({"data": message({"body": ""} | {name: 1})})
    assert error.detail.endswith(f'; did you mean "{right}"?')


def test_a_name_like_no_other_gets_a_list_of_the_known_ones() -> None:
    """Where nothing can be guessed, everything possible is named (ruling B8)."""
    (error,) = SINGLE.errors({"data": message({"body": "", "colour": "red"})})
    assert error.detail == 'There is no attribute "colour"; there are body, wait-until.'


def test_an_alias_leads_to_one_attribute_and_is_none_itself() -> None:
    """An alias that is a right name could never be suggested, and one of two attributes would mislead."""
    aliases = [alias for schema in ATTRIBUTES.values() for alias in schema["x-aliases"]]
    assert sorted(aliases) == sorted(set(aliases) - set(ATTRIBUTES))


@pytest.mark.parametrize("character", ["x", "\0", "é", "€", "😀"])
def test_the_limit_of_a_body_is_counted_in_bytes_of_utf_8(character: str) -> None:
    """A body of 1 MiB of UTF-8 is accepted, and a byte more is a 413, for any characters (ruling B3)."""
    fitting, rest = divmod(MAX_BODY, len(character.encode()))
    at_limit = character * fitting + "x" * rest
    assert SINGLE.errors({"data": message({"body": at_limit})}) == []
    (error,) = SINGLE.errors({"data": message({"body": at_limit + "x"})})
    assert (error.code, error.pointer) == (Code.BODY_TOO_LARGE, "/data/attributes/body")
    assert error.detail == f'"body" may have at most {MAX_BODY} bytes of UTF-8, and has {MAX_BODY + 1}.'


@pytest.mark.parametrize(
    "document",
    [
        {"data": message({"body": "", "z" * 10_000: 1})},
        {"data": message({"body": ""}) | {"type": "z" * 10_000}},
        {"data": message({"body": int("7" * 1_000)})},
        {"data": message({"body": "", "wait-until": int("7" * 1_000)})},
        {"data": message({"body": "", "wait-until": ["z" * 10_000]})},
        {"data": "z" * 10_000},
    ],
)
def test_no_error_repeats_a_long_value(document: Json) -> None:
    """A megabyte that was refused is not sent back, and not logged."""
    (error,) = SINGLE.errors(document)
    assert max(error.detail.count(character) for character in "z7") <= MOST_SHOWN
    assert len(error.detail) <= 3 * MOST_SHOWN


def test_the_pointer_to_a_long_name_names_a_place_that_exists() -> None:
    """A pointer names a place in the document or the nearest one (ruling B4), and no invented one."""
    name = "z" * 200
    (error,) = SINGLE.errors({"data": message({"body": "", name: 1})})
    assert error.pointer in (f"/data/attributes/{name}", "/data/attributes")


def test_a_pointer_escapes_its_special_characters() -> None:
    """`~` and `/` in a name are `~0` and `~1` (RFC 6901 3)."""
    (error,) = SINGLE.errors({"data": message({"body": "", "a/b~c": 1})})
    assert error.pointer == "/data/attributes/a~1b~0c"


def test_no_more_than_the_first_50_faults_of_an_object_are_reported() -> None:
    """Faults beyond the fiftieth are reported another time (ruling B9)."""
    names = [f"attribute-{number}" for number in range(MAX_ERRORS + 10)]
    errors = SINGLE.errors({"data": message(dict.fromkeys(names, 1) | {"body": ""})})
    assert [error.pointer for error in errors] == [f"/data/attributes/{name}" for name in names[:MAX_ERRORS]]


def test_no_more_than_the_first_50_faults_of_an_array_are_reported() -> None:
    """The limit is one for the whole document, and not one for each object in it (ruling B9)."""
    errors = BULK.errors({"data": [1] * (MAX_ERRORS + 10)})
    assert [error.pointer for error in errors] == [f"/data/{index}" for index in range(MAX_ERRORS)]


def test_explaining_a_bulk_costs_no_more_the_longer_it_is() -> None:
    """Millions of wrong items fit into a request, and to explain each is a hang (ruling B2)."""
    long, longer = ({"data": [1] * count} for count in (2_000, 20_000))
    # Not to the call: the garbage collector has callbacks of its own.
    assert calls_made(lambda: BULK.errors(longer)) < 2 * calls_made(lambda: BULK.errors(long))


def calls_made(work: Callable[[], object]) -> int:
    """How many functions some work calls, which is the same on every machine."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def test_a_schema_that_is_none_is_refused_when_it_is_loaded() -> None:
    """A wrong contract is found at the start, and not by the first request."""
    place = "/components/schemas/MessageInputDocument/type"
    compiled = CompiledContract(CONTRACT.overlaid([OverlayAction(place, "text")]))
    with pytest.raises(ContractError, match=re.escape(f"{place}: ")):
        coded_schema(compiled, "/components/schemas/MessageInputDocument")


def test_every_bounded_string_is_bounded_twice() -> None:
    """No character is less than a byte, so `maxLength` stands in for `x-max-bytes` where that is unknown."""
    bounded = [schema for _, schema in schemas(CONTRACT) if "x-max-bytes" in schema]
    assert [schema["maxLength"] for schema in bounded] == [schema["x-max-bytes"] for schema in bounded] != []
