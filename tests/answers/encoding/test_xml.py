"""Values as XML: the examples of OpenAPI's "XML Object", and documents that any parser reads."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.answers.encoding import CannotEncode
from eqkit.contract.document import Json
from tests.answers.encoding.media import Media, media
from tests.answers.encoding.test_round_trips import JSON, TEXTS

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SAMPLE = "https://example.com/schema/sample"


def texts(**xml: Any) -> Json:
    """Return the schema of an array of texts with an XML Object."""
    return {"type": "array", "items": {"type": "string"}, "xml": xml}


def named(**xml: Any) -> Json:
    """Return the like, whose items have a name of their own."""
    return texts(**xml) | {"items": {"type": "string", "xml": {"name": "animal"}}}


PROPERTIES: list[tuple[str, Json, Json, str]] = [
    # OpenAPI 3.0.4 and 3.1.1, "XML Object Examples", in their order.
    ("no element", {"type": "string"}, "x", "<animals>x</animals>"),
    ("an array", texts(), ["x", "y"], "<animals>x</animals><animals>y</animals>"),
    ("a name", {"type": "string", "xml": {"name": "animal"}}, "x", "<animal>x</animal>"),
    ("named items", named(), ["x", "y"], "<animal>x</animal><animal>y</animal>"),
    ("an external name", named(name="aliens"), ["x"], "<animal>x</animal>"),
    ("wrapped", texts(wrapped=True), ["x", "y"],
     "<animals><animals>x</animals><animals>y</animals></animals>"),
    ("wrapped, named items", named(wrapped=True), ["x"], "<animals><animal>x</animal></animals>"),
    ("wrapped, both named", named(wrapped=True, name="aliens"), ["x"],
     "<aliens><animal>x</animal></aliens>"),
    ("wrapped, named", texts(wrapped=True, name="aliens"), ["x"], "<aliens><aliens>x</aliens></aliens>"),
    ("wrapped, empty", texts(wrapped=True), [], "<animals/>"),
    ("an empty array", texts(), [], ""),
    # OpenAPI 3.2, "XML Node Types".
    ("an array as an element", texts(nodeType="element"), ["x"], "<animals><animals>x</animals></animals>"),
    ("an array as none", texts(nodeType="none"), ["x"], "<animals>x</animals>"),
    ("a text", {"xml": {"nodeType": "text"}}, "a<b", "a&lt;b"),
    ("CDATA", {"xml": {"nodeType": "cdata"}}, "<b>]]></b>", "<![CDATA[<b>]]]]><![CDATA[></b>]]>"),
    ("an object as none", {"xml": {"nodeType": "none"}}, {"a": 1}, "<a>1</a>"),
    ("an unknown kind", {"xml": {"nodeType": "odd"}}, "x", "<animals>x</animals>"),
    # XML Schema 1, 2.6.2: null as nil.
    ("null", {}, None, '<animals xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'),
    ("values", {}, [True, 1.5, ""], "<animals>true</animals><animals>1.5</animals><animals></animals>"),
    ("arrays in an array", {"items": {"items": {}}}, [["x"], ["y"]],
     "<animals>x</animals><animals>y</animals>"),
    ("items of their own", {"prefixItems": [{"xml": {"name": "a"}}], "items": {"xml": {"name": "b"}}},
     [1, 2, 3], "<a>1</a><b>2</b><b>3</b>"),
    # Names: an XML Object of a referenced schema, and names that are none (XML 1.0, 2.3).
    ("a referenced schema", {"$ref": "#/components/schemas/Named"}, {"a": 1}, "<named><a>1</a></named>"),
    ("beside a reference", {"$ref": "#/components/schemas/Named", "xml": {"name": "own"}}, 1, "<own>1</own>"),
    ("of all", {"allOf": [{"$ref": "#/components/schemas/Named"}, {}]}, 1, "<named>1</named>"),
    ("of one", {"oneOf": [{"type": "string", "xml": {"name": "s"}}, {"xml": {"name": "n"}}]}, "x",
     "<s>x</s>"),
    ("of a branch", {"if": {"const": 1}, "then": {"xml": {"name": "one"}}, "else": {"xml": {"name": "two"}}},
     2, "<two>2</two>"),
    ("a name that is none", {"xml": {"name": "##default"}}, 1, "<animals>1</animals>"),
    ("names that are none", {}, {"@a": 1, "2b": 2, "c d": 3, "": 4, "e:f": 5, "é": 6},
     "<animals><_a>1</_a><_2b>2</_2b><c_d>3</c_d><_>4</_><e_f>5</e_f><é>6</é></animals>"),
    ("additional members", {"additionalProperties": {"xml": {"name": "entry"}}}, {"a": 1, "b": 2},
     "<animals><entry>1</entry><entry>2</entry></animals>"),
    # Namespaces in XML, 5 and 6: a prefix needs its declaration, and attributes have no default namespace.
    ("a namespace", {"xml": {"namespace": SAMPLE, "prefix": "s"}}, "x",
     f'<s:animals xmlns:s="{SAMPLE}">x</s:animals>'),
    ("a default namespace", {"xml": {"namespace": SAMPLE}}, "x", f'<animals xmlns="{SAMPLE}">x</animals>'),
    ("a prefix alone", {"xml": {"prefix": "s"}}, "x", "<animals>x</animals>"),
    ("a prefix that is none", {"xml": {"prefix": "s p", "namespace": SAMPLE}}, 1,
     f'<animals xmlns="{SAMPLE}">1</animals>'),
    ("the prefix xml", {"xml": {"prefix": "xml", "name": "lang"}}, "en", "<xml:lang>en</xml:lang>"),
    ("an odd XML Object", {"xml": {"name": 1, "prefix": [], "namespace": 7, "wrapped": "yes"}}, 1,
     "<animals>1</animals>"),
    ("no XML Object", {"xml": "animal"}, 1, "<animals>1</animals>"),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "written"), [each[1:] for each in PROPERTIES],
                         ids=[each[0] for each in PROPERTIES])  # fmt: skip
def test_a_property_is_written_as_openapi_shows_it(schema: Json, value: Json, written: str) -> None:
    """Each is the only property of a document."""
    whole = {"type": "object", "properties": {"animals": schema}, "xml": {"name": "doc"}}
    one = Media("application/xml", {"schema": whole}, Named={"xml": {"name": "named"}})
    expected = f"<doc>{written}</doc>" if written else "<doc/>"
    assert one.text({"animals": value}) == HEAD + expected


def attribute(**xml: Any) -> Json:
    """Return the schema of an attribute."""
    return {"xml": {"attribute": True, **xml}}


PERSON = {"properties": {"id": attribute(), "name": {"xml": {"namespace": SAMPLE, "prefix": "sample"}}}}
ROOTS: list[tuple[str, Json, Json, str]] = [
    ("a component", {"$ref": "#/components/schemas/Person"}, {"id": 123, "name": "example"},
     f'<Person id="123"><sample:name xmlns:sample="{SAMPLE}">example</sample:name></Person>'),
    ("a component in all of", {"allOf": [{"$ref": "#/components/schemas/Person"}]}, {"id": 1},
     '<Person id="1"/>'),
    ("nameless", {}, {"a": 1}, "<root><a>1</a></root>"),
    ("nothing", None, {"a": 1}, "<root><a>1</a></root>"),
    ("an array", {"items": {"$ref": "#/components/schemas/Person"}}, [{"id": 1}, {"id": 2}],
     '<root><Person id="1"/><Person id="2"/></root>'),
    ("a named array", texts(name="animals", wrapped=True), ["x"], "<animals><item>x</item></animals>"),
    ("a number", {"xml": {"name": "count"}}, 7, "<count>7</count>"),
    ("a text", {"xml": {"name": "count"}}, "a & b", "<count>a &amp; b</count>"),
    ("attributes", {"properties": {"a": attribute(), "b": {"xml": {"nodeType": "attribute"}},
                                   "d": attribute()}},
     {"a": 'x"<\n', "b": None, "d": {"e": 1}}, '<root a="x&quot;&lt;&#10;"><d><e>1</e></d></root>'),
    ("an attribute in a namespace", {"properties": {"a": attribute(prefix="s", namespace=SAMPLE)}}, {"a": 1},
     f'<root xmlns:s="{SAMPLE}" s:a="1"/>'),
    ("an attribute by a default one", {"properties": {"a": attribute(namespace=SAMPLE)}}, {"a": 1},
     '<root a="1"/>'),
    ("an attribute of xml", {"properties": {"a": attribute(prefix="xml", name="lang")}}, {"a": "en"},
     '<root xml:lang="en"/>'),
    ("two attributes of one name", {"properties": {"a": attribute(name="c"), "b": attribute(name="c")}},
     {"a": 1, "b": 2}, '<root c="2"/>'),
    ("a prefix of the parent", {"xml": {"prefix": "s", "namespace": SAMPLE},
                                "properties": {"a": {"xml": {"prefix": "s"}}}},
     {"a": 1}, f'<s:root xmlns:s="{SAMPLE}"><s:a>1</s:a></s:root>'),
    ("the namespace of the parent", {"xml": {"prefix": "s", "namespace": SAMPLE},
                                     "properties": {"a": {"xml": {"prefix": "s", "namespace": SAMPLE}}}},
     {"a": 1}, f'<s:root xmlns:s="{SAMPLE}"><s:a>1</s:a></s:root>'),
    ("two namespaces of one prefix", {"xml": {"prefix": "s", "namespace": SAMPLE},
                                      "properties": {"a": attribute(prefix="s", namespace="urn:other")}},
     {"a": 1}, f'<s:root xmlns:s="{SAMPLE}" a="1"/>'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "value", "written"), [each[1:] for each in ROOTS], ids=[each[0] for each in ROOTS]
)
def test_a_document_has_one_root(schema: Json, value: Json, written: str) -> None:
    """By the name of its schema, else of its component; OpenAPI 3.2, "XML Node Names"."""
    node = {} if schema is None else {"schema": schema}
    assert Media("application/xml", node, Person=PERSON).text(value) == HEAD + written


@pytest.mark.parametrize("name", ["application/xml", "text/xml", "application/problem+xml", "image/svg+xml"])
def test_an_example_of_xml_goes_out_as_it_is(name: str) -> None:
    """OpenAPI 3.0.4, "Example Object": a text, for a media type that JSON cannot show."""
    written = '<?xml version="1.0"?>\n<a b="é"/>'
    assert Media(name, {"schema": {"type": "object"}}).write(written) == written.encode()


def test_another_charset_has_references_for_other_characters() -> None:
    """XML 1.0, 4.1."""
    written = Media("text/xml; charset=ISO-8859-1", {"schema": {}}).write({"a": "é€"})
    assert written == b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<root><a>\xe9&#8364;</a></root>'
    with pytest.raises(CannotEncode, match="not known"):
        Media("text/xml; charset=odd", {"schema": {}}).write({"a": 1})


@given(value=st.dictionaries(TEXTS, JSON, max_size=4))
def test_any_value_is_read_by_a_parser(value: Json) -> None:
    """Whichever names and characters it has."""
    root = ET.fromstring(media("application/xml", {"schema": True}).text(value))
    assert root.tag == "root"


@given(text=st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cc", "Cn"])), value=TEXTS)
def test_texts_are_read_as_they_were(text: str, value: str) -> None:
    """In elements and in attributes."""
    node = {
        "schema": {"properties": {"a": {"xml": {"attribute": True}}, "c": {"xml": {"nodeType": "cdata"}}}}
    }
    written = media("application/xml", node).text({"a": text, "c": text, "b": {"d": text}, "e": value})
    root = ET.fromstring(written)
    assert (root.get("a"), root.findtext("b/d"), root.text) == (text, text, text or None)


def test_recursion_is_followed() -> None:
    """As deep as the value is; one that is too deep for any stack is an error."""
    tree = {"properties": {"below": {"$ref": "#/components/schemas/Tree"}}}
    one = Media("application/xml", {"schema": {"$ref": "#/components/schemas/Tree"}}, Tree=tree)
    assert one.text({"below": {"below": {"below": 1}}}).endswith(
        "<Tree><below><below><below>1</below></below></below></Tree>"
    )
    deep: Json = 1
    for _ in range(100_000):
        deep = {"below": deep}
    with pytest.raises(CannotEncode, match="too deep"):
        one.write(deep)


def test_a_schema_of_circles_ends() -> None:
    """Schemas that refer to themselves and to each other apply once."""
    circle = {"allOf": [{"$ref": "#/components/schemas/A"}, {"anyOf": [{"$ref": "#/components/schemas/B"}]}]}
    one = Media("application/xml", {"schema": {"$ref": "#/components/schemas/A"}}, A=circle, B=circle)
    assert one.text({"a": 1}).endswith("<A><a>1</a></A>")
