"""Queries select the nodes of RFC 9535's own examples, and what is no query is refused with its place."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqkit.contract.document import Json, pointer_of
from eqkit.contract.jsonpath import JsonPathError, parsed, selected
from eqkit.contract.pointers import value_at

BOOKS = [
    {"category": "reference", "author": "Nigel Rees", "title": "Sayings of the Century", "price": 8.95},
    {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword of Honour", "price": 12.99},
    {"category": "fiction", "author": "Herman Melville", "title": "Moby Dick",
     "isbn": "0-553-21311-3", "price": 8.99},
    {"category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord of the Rings",
     "isbn": "0-395-19395-8", "price": 22.99},
]  # fmt: skip
BICYCLE = {"color": "red", "price": 399}
STORE = {"store": {"book": BOOKS, "bicycle": BICYCLE}}
AUTHORS = [each["author"] for each in BOOKS]
NAMES = {"o": {"j j": {"k.k": 3}}, "'": {"@": 2}}
WILD = {"o": {"j": 1, "k": 2}, "a": [5, 3]}
LETTERS = ["a", "b", "c", "d", "e", "f", "g"]
COMPARED: dict[str, Any] = {"obj": {"x": "y"}, "arr": [2, 3]}
FILTERED: dict[str, Any] = {
    "a": [3, 5, 1, 2, 4, 6, {"b": "j"}, {"b": "k"}, {"b": {}}, {"b": "kilo"}],
    "o": {"p": 1, "q": 2, "r": 3, "s": 5, "t": {"u": 6}},
    "e": "f",
}
DEEP: dict[str, Any] = {"o": {"j": 1, "k": 2}, "a": [5, 3, [{"j": 4}, {"k": 6}]]}
NULLS: Json = {"a": None, "b": [None], "c": [{}], "null": 1}

ROWS: list[tuple[Json, str, list[Json]]] = [
    # 1.5, table 2
    (STORE, "$.store.book[*].author", AUTHORS),
    (STORE, "$..author", AUTHORS),
    (STORE, "$.store.*", [BOOKS, BICYCLE]),
    (STORE, "$.store..price", [399, 8.95, 12.99, 8.99, 22.99]),
    (STORE, "$..book[2]", [BOOKS[2]]),
    (STORE, "$..book[2].author", ["Herman Melville"]),
    (STORE, "$..book[2].publisher", []),
    (STORE, "$..book[-1]", [BOOKS[3]]),
    (STORE, "$..book[0,1]", BOOKS[:2]),
    (STORE, "$..book[:2]", BOOKS[:2]),
    (STORE, "$..book[?@.isbn]", BOOKS[2:]),
    (STORE, "$..book[?@.price<10]", [BOOKS[0], BOOKS[2]]),
    # 2.2.3 and 2.3.1.3
    ({"k": "v"}, "$", [{"k": "v"}]),
    (NAMES, "$.o['j j']", [{"k.k": 3}]),
    (NAMES, "$.o['j j']['k.k']", [3]),
    (NAMES, '$.o["j j"]["k.k"]', [3]),
    (NAMES, '$["\'"]["@"]', [2]),
    (NAMES, r"$['\'']['\u0040']", [2]),
    # 2.3.2.3
    (WILD, "$[*]", [{"j": 1, "k": 2}, [5, 3]]),
    (WILD, "$.o[*]", [1, 2]),
    (WILD, "$.o[*, *]", [1, 2, 1, 2]),
    (WILD, "$.a[*]", [5, 3]),
    # 2.3.3.3 and 2.3.4.3
    (["a", "b"], "$[1]", ["b"]),
    (["a", "b"], "$[-2]", ["a"]),
    (["a", "b"], "$[2]", []),
    (LETTERS, "$[1:3]", ["b", "c"]),
    (LETTERS, "$[5:]", ["f", "g"]),
    (LETTERS, "$[1:5:2]", ["b", "d"]),
    (LETTERS, "$[5:1:-2]", ["f", "d"]),
    (LETTERS, "$[::-1]", LETTERS[::-1]),
    (LETTERS, "$[::0]", []),
    # 2.3.5.3, table 12
    (FILTERED, "$.a[?@.b == 'kilo']", [{"b": "kilo"}]),
    (FILTERED, "$.a[?(@.b == 'kilo')]", [{"b": "kilo"}]),
    (FILTERED, "$.a[?@>3.5]", [5, 4, 6]),
    (FILTERED, "$.a[?@.b]", FILTERED["a"][6:]),
    (FILTERED, "$[?@.*]", [FILTERED["a"], FILTERED["o"]]),
    (FILTERED, "$[?@[?@.b]]", [FILTERED["a"]]),
    (FILTERED, "$.o[?@<3, ?@<3]", [1, 2, 1, 2]),
    (FILTERED, '$.a[?@<2 || @.b == "k"]', [1, {"b": "k"}]),
    (FILTERED, "$.o[?@>1 && @<4]", [2, 3]),
    (FILTERED, "$.o[?@.u || @.x]", [{"u": 6}]),
    (FILTERED, "$.a[?@.b == $.x]", FILTERED["a"][:6]),
    (FILTERED, "$.a[?@ == @]", FILTERED["a"]),
    (FILTERED, "$.o[?!@.u && !(@ == 1)]", [2, 3, 5]),
    # 2.5.1.3 and 2.5.2.3
    (LETTERS, "$[0, 3]", ["a", "d"]),
    (LETTERS, "$[0:2, 5]", ["a", "b", "f"]),
    (LETTERS, "$[0, 0]", ["a", "a"]),
    (DEEP, "$..j", [1, 4]),
    (DEEP, "$..[0]", [5, {"j": 4}]),
    (DEEP, "$..o", [{"j": 1, "k": 2}]),
    (DEEP, "$.o..[*, *]", [1, 2, 1, 2]),
    (DEEP, "$.a..[0, 1]", [5, 3, {"j": 4}, {"k": 6}]),
    # 2.6.1
    (NULLS, "$.a", [None]),
    (NULLS, "$.a[0]", []),
    (NULLS, "$.a.d", []),
    (NULLS, "$.b[0]", [None]),
    (NULLS, "$.b[?@]", [None]),
    (NULLS, "$.b[?@==null]", [None]),
    (NULLS, "$.c[?@.d==null]", []),
    (NULLS, "$.null", [1]),
    # white space (2.1.1), names beyond ASCII, numbers
    (FILTERED, "$ .a [ ? @.b\n==\t'kilo' ]", [{"b": "kilo"}]),
    ({"ü☺": 1}, "$.ü☺", [1]),
    ([1, 1.0, True, "1"], "$[?@ == 1e0]", [1, 1.0]),
    ([1, True, False], "$[?@ != true]", [1, False]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "query", "values"), ROWS, ids=[query for _, query, _ in ROWS])
def test_a_query_selects_the_nodes_of_the_specification(
    document: Json, query: str, values: list[Json]
) -> None:
    """Their values are those of the RFC, and each place leads to its value."""
    nodes = selected(parsed(query), document)
    found = [value for _, value in nodes]
    if ".." in query:  # whose order the RFC leaves open
        found, values = (sorted(each, key=json.dumps) for each in (found, values))
    assert found == values
    assert all(value_at(document, pointer_of(path)) == value for path, value in nodes)


@pytest.mark.parametrize(
    ("comparison", "result"),
    [
        ("$.absent1 == $.absent2", True), ("$.absent1 <= $.absent2", True), ("$.absent == 'g'", False),
        ("$.absent1 != $.absent2", False), ("$.absent != 'g'", True),
        ("1 <= 2", True), ("1 > 2", False),
        ("13 == '13'", False),
        ("'a' <= 'b'", True), ("'a' > 'b'", False), ("$.obj == $.arr", False),
        ("$.obj != $.arr", True), ("$.obj == $.obj", True), ("$.obj != $.obj", False),
        ("$.arr == $.arr", True),
        ("$.arr != $.arr", False), ("$.obj == 17", False), ("$.obj != 17", True), ("$.obj <= $.arr", False),
        ("$.obj < $.arr", False), ("$.obj <= $.obj", True), ("$.arr <= $.arr", True), ("1 <= $.arr", False),
        ("1 >= $.arr", False), ("1 > $.arr", False), ("1 < $.arr", False), ("true <= true", True),
        ("true > true", False), ("null == null", True), ("false == 0", False),
    ],
)  # fmt: skip
def test_values_are_compared_as_the_specification_has_it(comparison: str, result: bool) -> None:
    """RFC 9535, table 11."""
    document = {**COMPARED, "each": [0]}
    assert bool(selected(parsed(f"$.each[?{comparison}]"), document)) is result


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "it ends too early, at character 1"),
        ("paths", '"paths" stands where $ is wanted, at character 1'),
        ("$.", '"." is not expected, at character 2'),
        ("$.paths./pets", "other names are written ['x-name'], at character 9"),
        ("$.info.x-name", "other names are written ['x-name']"),
        ("$[", "it ends too early"),
        ("$['a'", "it ends too early"),
        ("$['a", "is no selector"),
        ("$[01]", "stands where ] is wanted"),
        ("$[-0]", "is no selector"),
        ("$[a]", "is no selector"),
        (r"$['\x']", "is no string"),
        ("$[?1]", "stands where a comparison is wanted"),
        ("$[?@.a == ]", "is no value to compare"),
        ("$[?length(@) > 1]", "functions such as length() are not known"),
        ("$[?(@.a]", "stands where ) is wanted"),
        ("$.a b", "is not expected"),
        ("$[?" + "(" * 30, "nests too deep"),
    ],
)
def test_a_text_that_is_no_query_is_refused_with_its_place(query: str, message: str) -> None:
    """The place counts from 1."""
    with pytest.raises(JsonPathError) as caught:
        parsed(query)
    assert message in str(caught.value)


def test_a_query_that_selects_without_end_is_ended() -> None:
    """Each descendant segment multiplies the nodes by their depth."""
    document: Json = {}
    for _ in range(150):
        document = {"a": document, "b": 1}
    with pytest.raises(JsonPathError, match="more than 10000 nodes"):
        selected(parsed("$" + "..*" * 5), document, 10_000)


@pytest.mark.parametrize("query", ["$..[?$..b]", "$[?@[?$..b]]", "$..[?!$..b]", "$..*..b", "$..[?1 < $..b]"])
def test_a_query_that_looks_through_the_document_for_each_node_is_ended(query: str) -> None:
    """It need not select any: a filter costs time all the same."""
    document = {"a": [{"c": count} for count in range(200)]}
    with pytest.raises(JsonPathError, match="looks at more than 1000 nodes"):
        selected(parsed(query), document, visits=1000)


@settings(derandomize=True, database=None)
@given(st.text(st.sampled_from("$.[]*?@'\"()=<>!&|,:-019aé \\"), max_size=12))
def test_any_text_is_a_query_or_is_refused(text: str) -> None:
    """No other exception escapes, from parsing to selecting."""
    try:
        query = parsed("$" + text)
    except JsonPathError:
        return
    assert isinstance(selected(query, STORE), list)
