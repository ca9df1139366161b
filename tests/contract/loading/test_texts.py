"""Texts of documents become data with places: YAML by the JSON schema ruleset, and JSON as JSON has it."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from eqkit.contract.document import Json
from eqkit.contract.loading.json_nodes import JsonPlaces, json_nodes
from eqkit.contract.loading.source_texts import read_content, read_text
from eqkit.contract.loading.yaml_texts import DEEPEST, MAX_VALUES, children, composed, data_of
from eqkit.errors import ContractError

KEYS = st.text('ab:{}[],"\\ \n\u00e9', max_size=3)
SCALARS = st.none() | st.booleans() | st.integers() | KEYS | st.sampled_from([0.5, -1e300])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
GAPS = st.sampled_from(["", " ", "\n", "\t ", "\r\n  "])


@st.composite
def written(draw: st.DrawFn) -> tuple[Json, str]:
    """Return a value, and a JSON text of it with white space wherever there may be any."""

    def text(value: Json) -> str:
        gap = draw(GAPS)
        if isinstance(value, dict) and value:
            members = [f"{text(key)}{draw(GAPS)}:{text(each)}" for key, each in value.items()]
            return f"{gap}{{{','.join(members)}{draw(GAPS)}}}"
        if isinstance(value, list) and value:
            return f"{gap}[{','.join(map(text, value))}{draw(GAPS)}]"
        return gap + json.dumps(value)

    value = draw(VALUES)
    return value, text(value) + draw(GAPS)


def paths(value: Json, above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    """Return the parts of each pointer, with the text that stands there: its key, or how its value begins."""
    found = []
    for name, each in value.items() if isinstance(value, dict) else ():
        found += [((*above, name), json.dumps(name)), *paths(each, (*above, name))]
    for index, each in enumerate(value) if isinstance(value, list) else ():
        begins = json.dumps(each)[: 1 if isinstance(each, dict | list) else None]
        found += [((*above, str(index)), begins), *paths(each, (*above, str(index)))]
    return found


def at(text: str, line: int, column: int) -> str:
    """Return the text from a place on; lines end with a newline alone."""
    return "\n".join(text.split("\n")[line - 1 :])[column - 1 :]


@given(written())
def test_every_value_of_a_json_text_is_found_at_its_place(pair: tuple[Json, str]) -> None:
    """Any spacing is read; a missing value is looked for at its would-be place."""
    value, text = pair
    places = JsonPlaces(text)
    line, column = places.line_and_column(())
    assert at(text, line, column) == text.lstrip()
    for parts, begins in paths(value):
        found = places.line_and_column(parts)
        assert at(text, *found).startswith(begins)
        assert places.line_and_column((*parts, "no such")) == found
    assert places.line_and_column(("no such", "part")) == (line, column)


@given(written())
def test_the_nodes_of_a_json_text_are_its_data_at_its_places(pair: tuple[Json, str]) -> None:
    """The same places as those that are looked up one by one."""
    value, text = pair
    root = json_nodes(text)
    assert data_of(root) == value
    places = JsonPlaces(text)

    def look(node: yaml.Node | None, above: tuple[str, ...]) -> None:
        for name, first, each in children(node):
            mark = first.start_mark
            assert places.line_and_column((*above, name)) == (mark.line + 1, mark.column + 1)
            look(each, (*above, name))

    look(root, ())


@given(written())
def test_a_json_text_is_read_as_json_reads_it(pair: tuple[Json, str]) -> None:
    """And its places are those of the file."""
    value, text = pair
    source = read_text(f'{{"it":{text}}}', Path("it.json"))
    assert source.is_json
    assert json.dumps(source.data) == json.dumps({"it": value})


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    """As JSON has it in nearly every reader."""
    text = '{"a": {"b": 1},\n "a": {"c": 2}}'
    assert JsonPlaces(text).line_and_column(("a",)) == (2, 2)
    assert JsonPlaces(text).line_and_column(("a", "c")) == (2, 8)
    assert JsonPlaces(text).line_and_column(("a", "b")) == (2, 2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("false", False), ("null", None), ("a:", {"a": None}), ("True", "True"), ("~", "~"),
        ("yes", "yes"), ("on", "on"), ("18:00", "18:00"), ("1_000", "1_000"), ("0x1F", "0x1F"),
        ("0o17", "0o17"), ("7", 7), ("-7", -7), ("+7", "+7"), ("010", 10), ("1.5", 1.5), ("1e3", 1000.0),
        ("-1.5E-3", -0.0015),
        (".5", ".5"), ("1.", "1."), (".inf", ".inf"), (".nan", ".nan"), ("2024-01-02", "2024-01-02"),
        ("'true'", "true"), ('"7"', "7"), ("|\n  7\n", "7\n"), ("!!str 7", "7"), ("!!int '7'", 7),
        ("!!float '7'", 7.0), ("!!bool 'true'", True), ("!!null 'null'", None), ("! 7", "7"),
        ("!!timestamp 2024-01-02", "2024-01-02"), ("!!binary aGk=", "aGk="),
        ("200: a\ntrue: b\nnull: c", {"200": "a", "true": "b", "null": "c"}),
        ("[a, [b], {c: d}]", ["a", ["b"], {"c": "d"}]),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("a: {c: 3, <<: [{b: 1, c: 1}, {b: 2, d: 4}]}", {"a": {"b": 1, "c": 3, "d": 4}}),
        ("a: {'<<': 1}", {"a": {"<<": 1}}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("", None),
    ],
)  # fmt: skip
def test_yaml_is_read_by_the_json_schema_ruleset(text: str, value: Json) -> None:
    """OpenAPI 3.0.3, "Format": nothing but the values of JSON; every key is a text."""
    found = data_of(composed(text))
    assert json.dumps(found, sort_keys=True) == json.dumps(value, sort_keys=True)


def test_the_target_of_an_alias_is_one_value() -> None:
    """However often it is used."""
    data = data_of(composed("a: &x {b: [1]}\nc: *x\nd: [*x]"))
    assert data["a"] is data["c"] is data["d"][0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--- 1\n--- 2", "several documents"),
        ("a: *x", "undefined alias 'x'"),
        ("a: &x [1, *x]", "an alias stands within itself"),
        ("a: &x {b: {c: *x}}", "an alias stands within itself"),
        ("? [a]\n: b", "a key is no text"),
        ("a: {<<: 1}", "<< merges a value that is no object"),
        ("a: {<<: [{}, 1]}", "<< merges a value that is no object"),
        ("!!set {a}", "JSON has nothing that is a"),
        ("!x y", "JSON has nothing that is a !x"),
        ("!!bool yes", "'yes' is neither true, false nor null"),
        ("!!null nothing", "'nothing' is neither true, false nor null"),
    ],
)
def test_yaml_that_is_no_json_is_refused(text: str, message: str) -> None:
    """The message names the fault."""
    with pytest.raises((ContractError, yaml.YAMLError, ValueError), match=message):
        data_of(composed(text))


def nested(levels: int, inner: str = "1", opening: str = "[", closing: str = "]") -> str:
    """Return a value within that many others."""
    return opening * levels + inner + closing * levels


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        (nested(DEEPEST), True),
        (nested(DEEPEST + 1), False),
        (nested(DEEPEST, opening="{a: ", closing="}"), True),
        (nested(DEEPEST + 1, opening="{a: ", closing="}"), False),
        (f"{{a: &x {nested(100)}, b: {nested(DEEPEST - 101, '*x')}}}", True),
        (f"{{a: &x {nested(100)}, b: {nested(DEEPEST - 100, '*x')}}}", False),
        (f"[&x {nested(100)}, {nested(DEEPEST - 101, '*x')}]", True),
        (f"[&x {nested(100)}, {nested(DEEPEST - 100, '*x')}]", False),
    ],
)
def test_a_document_nests_so_deep_and_no_deeper(text: str, *, is_read: bool) -> None:
    """An alias counts for all that is below it."""
    if is_read:
        assert composed(text) is not None
    else:
        with pytest.raises(ContractError, match=f"it nests too deep, in more than {DEEPEST} levels"):
            composed(text)


@pytest.mark.parametrize(("more", "is_read"), [(0, True), (1, False)])
def test_a_document_has_so_many_values_and_no_more(more: int, *, is_read: bool) -> None:
    """Those behind aliases count as often as they are used, the objects and arrays around them, too."""
    thousand = f"[{', '.join(['1'] * 999)}]"  # with itself it is 1,000
    rest = ", ".join(["1"] * (999 + more))
    text = f"[&x {thousand}, {', '.join(['*x'] * (MAX_VALUES // 1000 - 2))}, {rest}]"
    if is_read:
        assert composed(text) is not None
    else:
        with pytest.raises(ContractError, match=f"more than {MAX_VALUES} values"):
            composed(text)


@pytest.mark.parametrize(("levels", "is_read"), [(DEEPEST, True), (DEEPEST + 1, False)])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_json_nests_as_deep_as_yaml_may(levels: int, opening: str, closing: str, *, is_read: bool) -> None:
    """JSON and YAML share one bound."""
    text = nested(levels, opening=opening, closing=closing)
    if is_read:
        assert read_text(text, Path("it.json")).is_json
    else:
        with pytest.raises(ContractError, match=f"it.json: it nests too deep, in more than {DEEPEST} levels"):
            read_text(text, Path("it.json"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.yaml", b"a:\n  b: [1\nc: 2\n", "3:2: not YAML: while parsing a flow sequence did not find"),
        ("a.yaml", b"a:\n\tb: 1\n", "2:1: not YAML: a tab indents the line, where YAML has spaces alone"),
        ("a.yaml", b"a: b: c\n", "1:5: not YAML: mapping values are not allowed in this context"),
        ("a.yaml", b"a: 1\nb: *c\n", "2:4: not YAML: found undefined alias 'c'"),
        ("a.yaml", b'a: 1\nb: "\x07"\n', "2:5: not YAML: it has a control character, 0x07"),
        ("a.yaml", "ü: 1\nü: \x00".encode(), "2:5: not YAML: it has a control character, 0x00"),
        ("a.yaml", b"a: 1\nb: !c d\n", "2:4: not YAML: JSON has nothing that is a !c"),
        ("a.yaml", b"{a: 1", "2:1: not YAML: while parsing a flow mapping did not find expected"),
        ("a.json", b'{"a": 1', "1:8: not JSON: Expecting ',' delimiter"),
        ("a.json", b'{"a": 1, // b\n"c": 2}', "1:10: not JSON: Expecting property name enclosed in double"),
        ("a.json", b'{"a": 1} b', "1:10: not JSON: Extra data"),
    ],
)
def test_a_text_that_is_none_is_told_with_its_place(name: str, content: bytes, words: str) -> None:
    """As editors have it, file:line:column, and in the words of the format that the file is named for."""
    with pytest.raises(ContractError) as caught:
        read_content(content, Path(name))
    assert str(caught.value).startswith(f"{name}:{words}")
    assert "\n" not in str(caught.value)
    assert "unicode string" not in str(caught.value)
