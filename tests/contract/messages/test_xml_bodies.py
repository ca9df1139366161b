"""XML is read as the value that it stands for (OpenAPI 3.0.4 and 3.1.1, "XML Object"; XML 1.0)."""

from typing import Any

import pytest

from eqkit.contract.decoding.charsets import UnknownCharset
from eqkit.contract.decoding.shapes import Shapes
from eqkit.contract.decoding.texts import Malformed
from eqkit.contract.decoding.xml_bodies import MAX_DEPTH, Undetermined, read_xml
from eqkit.contract.document import Json
from tests.contract.messages.schemas import Schemas

TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer"}
XML = "application/xml"


def of(**properties: Json) -> Json:
    """Return the schema of an object."""
    return {"type": "object", "properties": properties}


def items(of_items: Json, **xml: Any) -> Json:
    """Return the schema of an array with an XML Object."""
    return {"type": "array", "items": of_items, "xml": xml}


def read(schema: Json, body: str | bytes, content_type: str = XML) -> Json:
    """Read a document by a schema."""
    text = body.encode() if isinstance(body, str) else body
    return read_xml(Shapes(Schemas(it=schema, pet=PET)), "/schemas/it", content_type, text)


PET: Json = {
    "type": "object",
    "required": ["name", "photos"],
    "properties": {
        "id": NUMBER | {"xml": {"attribute": True}},
        "name": TEXT,
        "photos": items(TEXT | {"xml": {"name": "photo"}}, wrapped=True),
        "tags": items(of(label=TEXT)),
    },
    "xml": {"name": "Pet"},
}

ROWS: list[tuple[str, Json, str, Json]] = [
    ("members", of(a=TEXT, n=NUMBER), "<x><a>b</a><n>1</n></x>", {"a": "b", "n": 1}),
    ("white space", of(a=TEXT, n=NUMBER), "<x>\n <a> b</a>\n <n>\n1 </n>\n</x>", {"a": " b", "n": 1}),
    ("a wrong type", of(n=NUMBER), "<x><n>many</n></x>", {"n": "many"}),
    ("no members", of(a=TEXT), "<x/>", {}),
    ("a text for an object", of(a=TEXT), "<x>b</x>", "b"),
    ("an object for a text", of(a=TEXT), "<x><a><b>1</b></a></x>", {"a": {"b": "1"}}),
    ("a member twice", of(a=TEXT), "<x><a>1</a><a>2</a></x>", {"a": ["1", "2"]}),
    ("a member that nobody knows", of(a=TEXT), '<x b="2"><c>1</c></x>', {"b": "2", "c": "1"}),
    ("members of a schema", {"type": "object", "additionalProperties": NUMBER}, "<x><c>1</c></x>", {"c": 1}),
    ("an empty text", of(a=TEXT), "<x><a/></x>", {"a": ""}),
    ("null as nil", of(a={"type": ["object", "null"]}),
     '<x xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a i:nil="true"/></x>', {"a": None}),
    ("null as nothing", of(a={"type": ["integer", "null"]}), "<x><a/></x>", {"a": None}),
    ("a name", of(a=TEXT | {"xml": {"name": "b"}}), "<x><b>1</b></x>", {"a": "1"}),
    ("a name that is none", of(**{"1 a": TEXT}), "<x><_1_a>1</_1_a></x>", {"1 a": "1"}),
    ("an attribute", of(n=NUMBER | {"xml": {"attribute": True, "name": "no"}}), '<x no="1"/>', {"n": 1}),
    ("namespaces", of(a=TEXT | {"xml": {"prefix": "p", "namespace": "urn:b"}}),
     '<x xmlns="urn:a" xmlns:p="urn:b"><p:a>1</p:a></x>', {"a": "1"}),
    ("an array", of(l=items(NUMBER)), "<x><l>1</l><l>2</l></x>", {"l": [1, 2]}),
    ("an array of one", of(l=items(NUMBER)), "<x><l>1</l></x>", {"l": [1]}),
    ("no item", of(l=items(NUMBER)), "<x/>", {}),
    ("no item of a required array", of(l=items(NUMBER)) | {"required": ["l"]}, "<x/>", {"l": []}),
    ("named items", of(l=items(NUMBER | {"xml": {"name": "i"}})), "<x><i>1</i><i>2</i></x>", {"l": [1, 2]}),
    ("wrapped", of(l=items(NUMBER, wrapped=True)), "<x><l><l>1</l><l>2</l></l></x>", {"l": [1, 2]}),
    ("wrapped, of any name", of(l=items(NUMBER, wrapped=True)), "<x><l><i>1</i></l></x>", {"l": [1]}),
    ("wrapped, empty", of(l=items(NUMBER, wrapped=True)), "<x><l/></x>", {"l": []}),
    ("a text for a wrapped array", of(l=items(NUMBER, wrapped=True)), "<x><l>1</l></x>", {"l": "1"}),
    ("an element by nodeType", of(l=items(NUMBER, nodeType="element")), "<x><l><l>1</l></l></x>", {"l": [1]}),
    ("an array or a number", of(l={"type": ["array", "integer"], "items": TEXT}), "<x><l>1</l></x>",
     {"l": ["1"]}),
    ("an array at the root", items(NUMBER), "<x><i>1</i><i>2</i></x>", [1, 2]),
    ("a number at the root", NUMBER, "<x>1</x>", 1),
    ("a text beside attributes", of(n=NUMBER | {"xml": {"attribute": True}}, t={"xml": {"nodeType": "text"}}),
     '<x n="1">a<!-- b --></x>', {"n": 1, "t": "a"}),
    ("CDATA", of(a=TEXT), "<x><a><![CDATA[<b>]]>&lt;</a></x>", {"a": "<b><"}),
    ("a referenced schema", {"$ref": "#/schemas/pet"},
     '<Pet id="1"><name>Rex</name><photos><photo>u</photo></photos><tags><label>a</label></tags></Pet>',
     {"id": 1, "name": "Rex", "photos": ["u"], "tags": [{"label": "a"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "body", "value"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_document_is_read_by_its_schema(schema: Json, body: str, value: Json) -> None:
    """OpenAPI 3.0.4, "XML Object": names, attributes, and arrays with an element of their own or without."""
    assert read(schema, body) == value


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (XML, b'<?xml version="1.0" encoding="ISO-8859-1"?><x><a>\xe9</a></x>'),
        (f"{XML}; charset=iso-8859-1", b'<?xml version="1.0" encoding="UTF-8"?><x><a>\xe9</a></x>'),
        (XML, "<x><a>é</a></x>".encode("utf-16")),
        (f"{XML}; charset=utf-16", "<x><a>é</a></x>".encode("utf-16")),
    ],
)
def test_the_charset_is_that_of_the_header_or_of_the_document(content_type: str, body: bytes) -> None:
    """RFC 7303 3.2: the parameter `charset` goes before the declaration of the document."""
    assert read(of(a=TEXT), body, content_type) == {"a": "é"}


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x><a>&b;</a></x>'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "the body is not XML: no element found"),
        ("<x>", "the body is not XML: no element found"),
        ("{}", "the body is not XML: not well-formed"),
        ("<x><a>1</b></x>", "the body is not XML: mismatched tag"),
        ("<x>&b;</x>", "the body is not XML: undefined entity"),
        ('<?xml version="1.0" encoding="odd"?><x/>', "the body is not XML: unknown encoding"),
        ('<?xml version="1.0" encoding="gbk"?><x/>', "the body is not XML: multi-byte encodings"),
        (DOCTYPE, "the body has a document type declaration, which is not read"),
        ("<x>" * (MAX_DEPTH + 1), "the body nests too deep"),
    ],
)
def test_a_document_that_is_none_is_malformed(body: str, words: str) -> None:
    """XML 1.0, 2.1; one with a document type, whose entities may grow beyond bounds, is not read either."""
    with pytest.raises(Malformed) as error:
        read(of(a=TEXT), body)
    assert str(error.value).startswith(words)


def test_a_charset_that_is_not_known_is_named() -> None:
    """RFC 7303 3.2."""
    with pytest.raises(UnknownCharset, match="odd"):
        read(of(a=TEXT), "<x/>", f"{XML}; charset=odd")


def test_elements_nest_as_deep_as_the_bound() -> None:
    """At the bound itself, a document is read."""
    deep = "<x>" * MAX_DEPTH + "</x>" * MAX_DEPTH
    assert isinstance(read({"type": "object"}, deep), dict)


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (TEXT, "<x>1</x>"),
        ({}, "<x>1</x>"),
        (items(items(NUMBER)), "<x><i>1</i></x>"),
        (of(l=items(items(NUMBER))), "<x><l>1</l></x>"),
        (of(a=of(b=TEXT) | {"xml": {"nodeType": "none"}}), "<x><b>1</b></x>"),
    ],
)
def test_nothing_is_said_of_a_document_of_several_values(schema: Json, body: str) -> None:
    """An array in an array has no element that tells its end, and a text may be the document itself."""
    with pytest.raises(Undetermined):
        read(schema, body)


def test_alternatives_of_alternatives_are_read_once() -> None:
    """A schema of itself, as an array or as an object, takes one reading of each element."""
    schema: Json = {
        "type": ["array", "object"],
        "items": {"$ref": "#/schemas/it"},
        "xml": {"wrapped": True},
        "additionalProperties": {"$ref": "#/schemas/it"},
    }
    value = read(schema, "<x>" * 40 + "</x>" * 40)
    for _ in range(39):
        assert isinstance(value, list)
        value = value[0]
