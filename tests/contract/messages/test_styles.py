"""Parameters in every style of OpenAPI: read as its table has them, and written to read the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.contract.decoding.shapes import Shapes
from eqkit.contract.decoding.style_kinds import Style
from eqkit.contract.decoding.style_writer import (
    Unwritable,
    write_cookie,
    write_header,
    write_path,
    write_query,
)
from eqkit.contract.decoding.styles import (
    first_accepted,
    own_pairs,
    raw_cookies,
    raw_pairs,
    read_pairs,
    read_path,
    read_simple,
)
from eqkit.contract.decoding.texts import Malformed
from eqkit.contract.document import Json
from tests.contract.messages.schemas import Schemas

TEXT: Json = {"type": "string"}
LIST: Json = {"type": "array", "items": TEXT}
RGB: Json = {"type": "object", "properties": {each: {"type": "integer"} for each in "RGB"}}
BLUE, COLORS, OBJECT = "blue", ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}


def read(place: str, style: Style, schema: Json, text: str, name: str = "color") -> Json:
    """Read a parameter that was sent in a place."""
    access = Schemas(it=schema)
    shapes, pointer = Shapes(access), "/schemas/it"
    shape = shapes.of(pointer)
    match place:
        case "path":
            found = list(read_path(name, style, shapes, shape, text))
        case "header":
            found = list(read_simple(style, shapes, shape, text))
        case _:
            pairs = raw_pairs(text) if place == "query" else raw_cookies(text)
            found = list(read_pairs(name, style, shapes, shape, own_pairs(name, style, shape, pairs)))
    return first_accepted(shapes, [pointer], found)


def write(place: str, style: Style, value: Json, name: str = "color") -> str:
    """Write a parameter for a place."""
    match place:
        case "path":
            return write_path(name, style, value)
        case "header":
            return write_header(style, value)
        case "cookie":
            return write_cookie(name, style, value)
    return write_query(name, style, value)


TABLE: list[tuple[str, str, bool, Any, str]] = [
    ("path", "matrix", False, "", ";color"),
    ("path", "matrix", False, BLUE, ";color=blue"),
    ("path", "matrix", False, COLORS, ";color=blue,black,brown"),
    ("path", "matrix", False, OBJECT, ";color=R,100,G,200,B,150"),
    ("path", "matrix", True, BLUE, ";color=blue"),
    ("path", "matrix", True, COLORS, ";color=blue;color=black;color=brown"),
    ("path", "matrix", True, OBJECT, ";R=100;G=200;B=150"),
    ("path", "label", False, "", "."),
    ("path", "label", False, BLUE, ".blue"),
    ("path", "label", False, COLORS, ".blue,black,brown"),
    ("path", "label", False, OBJECT, ".R,100,G,200,B,150"),
    ("path", "label", True, COLORS, ".blue.black.brown"),
    ("path", "label", True, OBJECT, ".R=100.G=200.B=150"),
    ("path", "simple", False, BLUE, "blue"),
    ("path", "simple", False, COLORS, "blue,black,brown"),
    ("path", "simple", False, OBJECT, "R,100,G,200,B,150"),
    ("path", "simple", True, COLORS, "blue,black,brown"),
    ("path", "simple", True, OBJECT, "R=100,G=200,B=150"),
    ("header", "simple", False, COLORS, "blue,black,brown"),
    ("header", "simple", False, OBJECT, "R,100,G,200,B,150"),
    ("header", "simple", True, OBJECT, "R=100,G=200,B=150"),
    ("query", "form", False, "", "color="),
    ("query", "form", False, BLUE, "color=blue"),
    ("query", "form", False, COLORS, "color=blue,black,brown"),
    ("query", "form", False, OBJECT, "color=R,100,G,200,B,150"),
    ("query", "form", True, "", "color="),
    ("query", "form", True, COLORS, "color=blue&color=black&color=brown"),
    ("query", "form", True, OBJECT, "R=100&G=200&B=150"),
    ("query", "spaceDelimited", False, COLORS, "color=blue%20black%20brown"),
    ("query", "spaceDelimited", False, OBJECT, "color=R%20100%20G%20200%20B%20150"),
    ("query", "spaceDelimited", True, COLORS, "color=blue&color=black&color=brown"),
    ("query", "pipeDelimited", False, COLORS, "color=blue%7Cblack%7Cbrown"),
    ("query", "pipeDelimited", False, OBJECT, "color=R%7C100%7CG%7C200%7CB%7C150"),
    ("query", "deepObject", True, OBJECT, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ("cookie", "form", False, BLUE, "color=blue"),
    ("cookie", "form", False, COLORS, "color=blue,black,brown"),
    ("cookie", "form", True, COLORS, "color=blue; color=black; color=brown"),
    ("cookie", "form", True, OBJECT, "R=100; G=200; B=150"),
]
"""The table of OpenAPI 3.1.1, "Style Examples"."""


def schema_of(value: Json) -> Json:
    """Return the schema that the table has a value of."""
    if isinstance(value, str):
        return TEXT
    return LIST if isinstance(value, list) else RGB


@pytest.mark.parametrize(("place", "name", "explode", "value", "text"), TABLE)
def test_the_table_of_openapi_is_read_and_written(
    place: str, name: str, explode: bool, value: Json, text: str
) -> None:
    """Both ways, in every place."""
    style = Style(name, explode)
    assert read(place, style, schema_of(value), text) == value
    assert write(place, style, value) == text


@pytest.mark.parametrize(
    ("place", "style", "value", "text"),
    [
        ("path", Style("label", False), COLORS, ".blue.black.brown"),  # the table of OpenAPI 3.0.3
        ("path", Style("label", False), OBJECT, ".R.100.G.200.B.150"),
        ("query", Style("form", False), COLORS, "color=blue%2Cblack%2Cbrown"),
        ("query", Style("form", False), ["a,b", "c"], "color=a%2Cb,c"),
        ("query", Style("form", False), [], "color="),
        ("query", Style("spaceDelimited", False), COLORS, "color=blue+black+brown"),
        ("query", Style("pipeDelimited", False), COLORS, "color=blue|black|brown"),
        ("query", Style("deepObject", True), OBJECT, "color[R]=100&color[G]=200&color[B]=150"),
        ("query", Style("form", True), "a b&c", "color=a+b%26c"),
        ("header", Style("simple", False), COLORS, "blue, black, brown"),
        ("cookie", Style("form", False), BLUE, 'x=1; color="blue"'),
        ("path", Style("simple", False), "a/b", "a%2Fb"),
    ],
)
def test_the_spellings_of_other_tools_are_read(place: str, style: Style, value: Json, text: str) -> None:
    """Delimiters that are encoded though they need not be, spaces as plus signs, older tables.

    Of two readings the one is taken that is valid, so that the schema has to tell.
    """
    schema = {"type": "array", "items": {"enum": value}} if isinstance(value, list) else schema_of(value)
    assert read(place, style, schema, text) == value


@pytest.mark.parametrize(
    ("place", "style", "schema", "text"),
    [
        ("path", Style("label", False), TEXT, "blue"),
        ("path", Style("matrix", False), TEXT, "color=blue"),
        ("path", Style("matrix", False), TEXT, ";colour=blue"),
        ("path", Style("simple", True), RGB, "R,100"),
        ("query", Style("form", False), RGB, "color=R,100,G"),
        ("query", Style("form", True), RGB, "color=R"),
        ("query", Style("form", True), RGB, "R=1&R=2"),
        ("query", Style("form", True), TEXT, "color=a&color=b"),
        ("query", Style("form", False), RGB, "color=R,1&color=G,2"),
        ("query", Style("form", False), RGB, "color=R,1,R,2"),
        ("query", Style("form", False), LIST, "color=a&color=b,c"),
        ("query", Style("deepObject", True), RGB, "color[R]=1&color[R]=2"),
        ("query", Style("deepObject", True), RGB, "color[R]=1&color[R][S]=2"),
        ("query", Style("deepObject", True), RGB, "color[R][S]=1&color[R]=2"),
        ("path", Style("simple", True), RGB, "R=1,R=2"),
        ("path", Style("matrix", True), RGB, ";R=1;R=2"),
        ("path", Style("matrix", False), TEXT, ";color=a;color=b"),
        ("header", Style("simple", True), RGB, "R=1,R=2"),
    ],
)
def test_a_text_that_no_style_writes_is_malformed(place: str, style: Style, schema: Json, text: str) -> None:
    """No value is made up of it."""
    with pytest.raises(Malformed):
        read(place, style, schema, text)


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer"}, "7", 7),
        ({"type": "integer"}, "007", "007"),
        ({"type": "integer"}, "%2B7", "+7"),
        ({"type": "integer"}, "1.0", "1.0"),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "True", "True"),
        ({"type": ["integer", "null"]}, "", None),
        ({"type": ["integer", "string"]}, "7", "7"),
        ({"oneOf": [{"type": "integer"}, {"enum": ["all"]}]}, "7", 7),
        ({"oneOf": [{"type": "integer"}, {"enum": ["all"]}]}, "all", "all"),
        ({"enum": [1, 2]}, "1", 1),
        ({"$ref": "#/schemas/number"}, "7", 7),
        ({"allOf": [{"$ref": "#/schemas/number"}, {"maximum": 9}]}, "7", 7),
        ({"type": "string"}, "7", "7"),
        ({}, "7", "7"),
        ({"type": "number"}, "1e999", "1e999"),
    ],
)
def test_a_text_is_the_value_that_its_schema_makes_of_it(schema: Json, text: str, value: Json) -> None:
    """A schema may state its type in any way; a number is one of JSON, so that 007 is none."""
    shapes = Shapes(Schemas(it=schema, number={"type": "number"}))
    shape = shapes.of("/schemas/it")
    (found,) = read_pairs("q", Style("form", True), shapes, shape, [("q", text)])
    assert found == value
    assert type(found) is type(value)


NAMES = st.text("abcXYZ019", min_size=1, max_size=4)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
ITEMS = TEXTS.filter(lambda text: text == text.strip() and not set(text) & set(", |"))
VALUES = st.one_of(
    ITEMS.map(lambda text: (TEXT, text)),
    st.integers(-(10**20), 10**20).map(lambda number: ({"type": "integer"}, number)),
    st.booleans().map(lambda each: ({"type": "boolean"}, each)),
    st.lists(ITEMS, min_size=1, max_size=4).map(lambda items: (LIST, items)),
    st.lists(st.integers(-99, 99), min_size=1, max_size=4).map(
        lambda items: ({"type": "array", "items": {"type": "integer"}}, items)
    ),
    st.dictionaries(NAMES, ITEMS, min_size=1, max_size=4).map(
        lambda found: ({"type": "object", "properties": dict.fromkeys(found, TEXT)}, found)
    ),
)
WAYS = [
    ("path", "simple"), ("path", "label"), ("path", "matrix"), ("query", "form"), ("query", "spaceDelimited"),
    ("query", "pipeDelimited"), ("query", "deepObject"), ("cookie", "form"),
]  # fmt: skip


@given(st.sampled_from(WAYS), st.booleans(), VALUES)
def test_a_written_value_is_read_again(way: tuple[str, str], explode: bool, pair: tuple[Json, Json]) -> None:
    """A value of any characters is read again, in each style that has a form for it."""
    (place, name), (schema, value) = way, pair
    style = Style(name, explode or name == "deepObject")
    if isinstance(value, dict) and style.explode and name in ("spaceDelimited", "pipeDelimited"):
        return  # which OpenAPI has no form for
    if name == "label" and "." in str(value):
        return  # nor is there an escape for a point
    try:
        text = write(place, style, value)
    except Unwritable:
        assert name == "deepObject"
        return
    assert read(place, style, schema, text) == value


def test_reserved_characters_stay_where_a_parameter_allows_them() -> None:
    """The characters that separate names and values in a query are escaped all the same."""
    style = Style("form", True)
    assert write_query("at", style, "a/b?c&d=e", allow_reserved=True) == "at=a/b?c%26d%3De"
    assert write_query("at", style, "a/b?c&d=e") == "at=a%2Fb%3Fc%26d%3De"


ANY: Json = {}
EITHER: Json = {"type": ["integer", "array"], "items": {"type": "integer"}}
MEMBERS: Json = {
    "type": "object",
    "properties": {"l": LIST, "n": {"type": "integer"}, "o": RGB, "e": EITHER},
}


@pytest.mark.parametrize(
    ("place", "style", "schema", "text", "value"),
    [
        ("path", Style("simple", False), ANY, "a,b", "a,b"),
        ("path", Style("label", True), ANY, ".a.b", "a.b"),
        ("path", Style("matrix", True), ANY, ";color=a,b", "a,b"),
        ("query", Style("form", False), ANY, "color=a,b", "a,b"),
        ("query", Style("form", True), ANY, "color=a&color=b", "b"),
        ("header", Style("simple", False), ANY, " a, b ", "a, b"),
        ("path", Style("simple", False), EITHER, "7", [7]),
        ("path", Style("simple", False), {"type": ["integer", "string"]}, "%37", "7"),
        ("path", Style("simple", False), LIST, "", []),
        ("path", Style("label", False), LIST, ".", []),
        ("path", Style("label", True), LIST, ".a%2Eb.c", ["a.b", "c"]),
        ("path", Style("label", False), RGB, ".R.1", {"R": 1}),
        ("path", Style("label", False), RGB, ".R,1,G,2,B,3", {"R": 1, "G": 2, "B": 3}),
        ("path", Style("label", False), RGB, ".R.1.G.2", {"R": 1, "G": 2}),
        ("path", Style("label", True), RGB, ".R=1", {"R": 1}),
        ("path", Style("matrix", False), LIST, ";color=", []),
        ("path", Style("matrix", False), LIST, ";other=x;color=a,b%2Cc", ["a", "b,c"]),
        ("path", Style("matrix", False), RGB, ";color=", {}),
        ("path", Style("matrix", True), LIST, ";color=a;color=", ["a", ""]),
        ("path", Style("matrix", True), RGB, ";R=1;x=%20", {"R": 1, "x": " "}),
        ("path", Style("simple", True), RGB, "R=1,x=a%3Db", {"R": 1, "x": "a=b"}),
        ("query", Style("form", True), RGB, "G=1&other=2&R=3", {"G": 1, "R": 3}),
        ("query", Style("form", True), LIST, "color=a%2Cb&other=c", ["a,b"]),
        ("query", Style("spaceDelimited", False), LIST, "color=a%2Bb+c", ["a+b", "c"]),
        ("query", Style("pipeDelimited", False), LIST, "color=a%7Cb%2Cc", ["a", "b,c"]),
        ("query", Style("deepObject", True), MEMBERS, "color[l]=a&color[n]=7&color[l]=b",
         {"l": ["a", "b"], "n": 7}),
        ("query", Style("deepObject", True), MEMBERS, "color[n]=2&colors[n]=3", {"n": 2}),
        ("query", Style("deepObject", True), MEMBERS, "color[o][R]=1", {"o": {"R": 1}}),
        ("query", Style("deepObject", True), MEMBERS, "color[o]=1", {"o": "1"}),
        ("query", Style("deepObject", True), MEMBERS, 'color[o]={"R":1}', {"o": {"R": 1}}),
        ("query", Style("deepObject", True), MEMBERS, "color[e]=1", {"e": 1}),
        ("query", Style("deepObject", True), MEMBERS, "color[e]=1&color[e]=2", {"e": [1, 2]}),
        ("query", Style("deepObject", True), MEMBERS, "color[x+y]=a%26b", {"x y": "a&b"}),
        ("cookie", Style("form", True), LIST, 'color="a"; x=1;color=b; =c', ["a", "b"]),
        ("cookie", Style("form", False), TEXT, "color = a=b ; x", "a=b"),
        ("header", Style("simple", True), RGB, "R = 1,G=2", {"R": 1, "G": 2}),
    ],
)  # fmt: skip
def test_a_text_is_read_by_the_types_that_are_stated(
    place: str, style: Style, schema: Json, text: str, value: Json
) -> None:
    """One whose schema states none is a text as it is, and no list and no object."""
    assert read(place, style, schema, text) == value


@pytest.mark.parametrize("text", ["color[n=1", "color[n]]=1", "color[n]x=1"])
def test_brackets_that_do_not_pair_are_not_read(text: str) -> None:
    """OpenAPI 3.0.4, "Style Values": deepObject has a name between two of them."""
    shapes = Shapes(Schemas(it=MEMBERS))
    style, shape = Style("deepObject", True), shapes.of("/schemas/it")
    own = own_pairs("color", style, shape, raw_pairs(text))
    assert len(own) == 1
    assert list(read_pairs("color", style, shapes, shape, own)) == []


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("", []),
        ("a", [("a", "")]),
        ("a=b=c&&a+%20=%41", [("a", "b=c"), ("a  ", "%41")]),
        ("=b", [("", "b")]),
    ],
)
def test_a_query_is_pairs_of_names_and_of_values_as_they_were_sent(
    query: str, pairs: list[tuple[str, str]]
) -> None:
    """The names are decoded; the values only by their style."""
    assert raw_pairs(query) == pairs


def test_a_member_of_an_exploded_object_has_a_name_of_its_own() -> None:
    """A pair of the parameter's name is the parameter where there is no member; then it is malformed."""
    shapes = Shapes(Schemas(it=RGB, bare={"type": "object"}, text=TEXT))
    pairs = [("R", "1"), ("x", "2"), ("color", "3")]
    exploded = Style("form", True)
    assert own_pairs("color", exploded, shapes.of("/schemas/it"), pairs) == [("R", "1")]
    assert own_pairs("color", exploded, shapes.of("/schemas/it"), pairs[1:]) == [("color", "3")]
    assert own_pairs("other", exploded, shapes.of("/schemas/it"), pairs) == [("R", "1")]
    assert own_pairs("other", Style("form", False), shapes.of("/schemas/it"), pairs) == []
    assert own_pairs("other", Style("pipeDelimited", True), shapes.of("/schemas/it"), pairs) == []
    assert own_pairs("other", exploded, shapes.of("/schemas/bare"), pairs) == []
    assert own_pairs("other", exploded, shapes.of("/schemas/text"), pairs) == []
