"""Forms are read as the objects they stand for (OpenAPI 3.0.4 and 3.1.1, "Encoding Object"; RFC 7578)."""

from typing import Any

import pytest

from eqkit.contract.decoding.forms import (
    MAX_PARTS,
    Encoding,
    Form,
    Part,
    parts_of,
    read_multipart,
    read_urlencoded,
)
from eqkit.contract.decoding.shapes import Shapes
from eqkit.contract.decoding.texts import Malformed
from eqkit.contract.document import Json
from tests.contract.messages.schemas import Schemas

JSON = "application/json"
TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer"}
MEMBERS: Json = {
    "type": "object",
    "properties": {
        "a": TEXT,
        "n": NUMBER,
        "l": {"type": "array", "items": NUMBER},
        "o": {"type": "object", "properties": {"x": NUMBER}},
        "b[c]": TEXT,
    },
}


def urlencoded(body: str, encoding: Encoding, schema: Json = MEMBERS) -> Form:
    """Read a urlencoded form."""
    return read_urlencoded(Shapes(Schemas(it=schema)), "/schemas/it", encoding, body)


@pytest.mark.parametrize(
    ("body", "encoding", "value"),
    [
        ("", {}, {}),
        ("a", {}, {"a": ""}),
        ("a=1&n=2&l=3&l=4", {}, {"a": "1", "n": 2, "l": [3, 4]}),
        ("a=x+y%2Bz", {}, {"a": "x y+z"}),
        ("b[c]=1", {}, {"b[c]": "1"}),
        ("n=many", {}, {"n": "many"}),
        ("l=3,4", {}, {"l": ["3,4"]}),
        ("l=3,4", {"l": {"explode": False}}, {"l": [3, 4]}),
        ("l=3%204", {"l": {"style": "spaceDelimited"}}, {"l": [3, 4]}),
        ("l=3|4", {"l": {"style": "pipeDelimited"}}, {"l": [3, 4]}),
        ("l=3&l=4", {"l": {"style": "pipeDelimited", "explode": True}}, {"l": [3, 4]}),
        ("x=1", {"o": {"style": "form"}}, {"o": {"x": 1}}),
        ("o=x,1", {"o": {"explode": False}}, {"o": {"x": 1}}),
        ("o[x]=1&a=2", {"o": {"style": "deepObject", "explode": True}}, {"o": {"x": 1}, "a": "2"}),
        ('o=%7B"x":1%7D', {"o": {"contentType": JSON}}, {"o": {"x": 1}}),
        ('o=%7B"x":1%7D', {}, {"o": {"x": 1}}),
        ("o[x]=1&a=2", {}, {"o": {"x": 1}, "a": "2"}),
        ("o[x]=1", {"o": {"contentType": JSON}}, {"o": {"x": 1}}),
        ("o[x][y]=1&o[z][]=2", {"o": {"style": "deepObject"}}, {"o": {"x": {"y": "1"}, "z": {"": "2"}}}),
        ("l[]=3&l[]=4", {}, {"l": [3, 4]}),
        ("unknown[x]=1", {}, {"unknown[x]": "1"}),
        ("o=x,1", {"o": {"contentType": JSON, "style": "form", "explode": False}}, {"o": {"x": 1}}),
        ("more=1&more=2&a=b", {}, {"a": "b", "more": "2"}),
        ("ox=1", {}, {"ox": "1"}),
        ("a=1", {"a": True}, {"a": "1"}),
    ],
)  # fmt: skip
def test_a_urlencoded_form_is_read_as_its_encoding_says(
    body: str, encoding: Encoding, value: dict[str, Any]
) -> None:
    """By the style and type of each member; members that the schema does not name are texts."""
    assert urlencoded(body, encoding) == Form(value, [])


@pytest.mark.parametrize(
    ("body", "encoding", "message"),
    [
        ("o=x,1,y&n=1", {"o": {"explode": False}}, "a value for each name"),
        ("n=1&o={x", {"o": {"contentType": JSON}}, "is not JSON"),
        ("n=1&o={x", {}, "is not JSON"),
        ("n=1&o={}&o=[1]", {"o": {"contentType": JSON}}, "sent once"),
        ("n=1&o[x]=1&o[x]=2", {}, '"x" once'),
        ("n=1&o[x]=1&o[x][y]=2", {}, "as a value and as an object"),
        ("n=1&o[x][y]=1&o[x]=2", {}, "as a value and as an object"),
        ("n=1&x=1&x=2", {"o": {"style": "form"}}, '"x" once'),
    ],
)
def test_a_member_that_is_written_otherwise_is_a_problem_of_its_own(
    body: str, encoding: Encoding, message: str
) -> None:
    """The rest of the form is read, and the member is not missing."""
    form = urlencoded(body, encoding)
    assert form.value["n"] == 1
    assert isinstance(form.value["o"], str)
    assert form.unread == {"o"}
    [(name, found)] = form.problems
    assert name == "o"
    assert message in found


def test_members_that_a_schema_does_not_name_have_the_type_of_all_others() -> None:
    """`additionalProperties` says it."""
    schema = {"type": "object", "additionalProperties": NUMBER}
    assert urlencoded("x=1&y=2", {}, schema) == Form({"x": 1, "y": 2}, [])


def multipart(*parts: tuple[str, bytes], boundary: str = "B") -> bytes:
    """Write a multipart body of parts, each with its header lines and its content."""
    body = b"".join(
        b"--%b\r\n%b\r\n\r\n%b\r\n" % (boundary.encode(), head.replace("\n", "\r\n").encode(), content)
        for head, content in parts
    )
    return body + b"--%b--\r\n" % boundary.encode()


NAMED = 'Content-Disposition: form-data; name="a"'


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=B",
        'multipart/form-data; charset=utf-8; Boundary = "B"',
        "multipart/form-data;boundary=B; x=y",
        "multipart/form-data;boundary=B;x=y",
    ],
)
def test_parts_come_with_their_names_headers_and_bytes(content_type: str) -> None:
    """Parts keep the order in which they were sent and any bytes that they hold (RFC 7578)."""
    binary = bytes(range(256))
    body = multipart(
        (NAMED, b""),
        (f'{NAMED}; filename="f\u00e9.bin"\nContent-Type: image/png\nX-One:  1 ', binary),
        ("Content-Type: text/plain", b"unnamed"),
    )
    one, two, three = parts_of(body, content_type)
    assert (one.name, one.filename, one.content, one.content_type) == ("a", None, b"", None)
    assert (two.name, two.filename, two.content, two.content_type) == (
        "a",
        "f\u00e9.bin",
        binary,
        "image/png",
    )
    assert two.headers["x-one"] == "1"
    assert [*one.headers] == ["content-disposition"]
    assert (three.name, three.filename, three.content) == ("", None, b"unnamed")


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (multipart((NAMED, b"1")), None, "must name its boundary"),
        (multipart((NAMED, b"1")), "multipart/form-data", "must name its boundary"),
        (multipart((NAMED, b"1")), 'multipart/form-data; boundary=""', "must name its boundary"),
        (multipart((NAMED, b"1")), "multipart/form-data; boundary=C", "is not multipart/form-data"),
        (multipart((NAMED, b"1"))[:-6], "multipart/form-data; boundary=B", "last boundary is missing"),
        (b"", "multipart/form-data; boundary=B", "last boundary is missing"),
    ],
)
def test_a_body_that_is_no_multipart_says_why(body: bytes, content_type: str | None, message: str) -> None:
    """And no part is made up of it."""
    with pytest.raises(Malformed, match=message):
        parts_of(body, content_type)


@pytest.mark.parametrize(("count", "is_read"), [(MAX_PARTS, True), (MAX_PARTS + 1, False)])
def test_a_body_has_so_many_parts_and_no_more(count: int, *, is_read: bool) -> None:
    """One of more would take memory without end."""
    body = multipart(*[(NAMED, b"")] * count)
    if is_read:
        assert len(parts_of(body, "multipart/form-data; boundary=B")) == count
    else:
        with pytest.raises(Malformed, match="more than 10000 parts"):
            parts_of(body, "multipart/form-data; boundary=B")


def part(
    name: str, content: bytes, content_type: str | None = None, filename: str | None = None, **headers: str
) -> Part:
    """Return a part with a content type."""
    typed = {} if content_type is None else {"content-type": content_type}
    return Part(name, filename, typed | headers, content)


def read(parts: list[Part], encoding: Encoding, schema: Json = MEMBERS) -> Form:
    """Read the parts of a multipart form."""
    return read_multipart(Shapes(Schemas(it=schema)), "/schemas/it", encoding, parts)


@pytest.mark.parametrize(
    ("parts", "value"),
    [
        ([], {}),
        ([part("a", b"1")], {"a": "1"}),
        ([part("n", b"2")], {"n": 2}),
        ([part("n", "2".encode("utf-16-le"), "text/plain; charset=utf-16le")], {"n": 2}),
        ([part("l", b"3")], {"l": [3]}),
        ([part("l", b"3"), part("a", b""), part("l", b"4")], {"l": [3, 4], "a": ""}),
        ([part("l", b"[3, 4]", "application/json")], {"l": [3, 4]}),
        ([part("l", b"3", "application/json")], {"l": [3]}),
        ([part("l", b"3", "application/json"), part("l", b"4", "application/json")], {"l": [3, 4]}),
        ([part("o", b'{"x": 1}')], {"o": {"x": 1}}),
        ([part("a", b'{"x": 1}', "application/json")], {"a": '{"x": 1}'}),
        ([part("a", b'"x"', "application/json")], {"a": "x"}),
        ([part("o", b'{"x": 1}', "application/problem+json")], {"o": {"x": 1}}),
        ([part("o", b'{"x": 1}', "text/plain")], {"o": '{"x": 1}'}),
        ([part("n", b"2", filename="two.txt")], {"n": "2"}),
        ([part("n", b"\xff2", "image/png")], {"n": "\xff2"}),
        ([part("a", "\u00e9".encode())], {"a": "\u00e9"}),
        ([part("a", b"\xe9", "text/plain; charset=latin-1")], {"a": "\u00e9"}),
        ([part("more", b"7")], {"more": "7"}),
    ],
)
def test_a_multipart_form_is_read_by_the_types_of_its_parts(parts: list[Part], value: dict[str, Any]) -> None:
    """JSON where it is said or where an object is wanted, the bytes of files, texts of any charset."""
    assert read(parts, {}) == Form(value, [])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([part("n", b"1"), part("o", b"{x")], "is not JSON"),
        ([part("n", b"1"), part("a", b"1"), part("a", b"2")], "must be sent once, and is sent 2 times"),
        ([part("n", b"1"), part("a", b"1", "text/plain; charset=unheard-of")], "unheard-of"),
        ([part("n", b"1"), part("a", b"1", "text/plain; charset=utf-16le")], "utf-16le"),
    ],
)
def test_a_part_that_cannot_be_read_is_a_problem_and_not_missing(parts: list[Part], message: str) -> None:
    """The other parts are read."""
    form = read(parts, {})
    assert form.value["n"] == 1
    assert form.unread == {parts[1].name}
    [(name, found)] = form.problems
    assert name == parts[1].name
    assert message in found


@pytest.mark.parametrize(
    ("encoding", "content_type", "problems"),
    [
        ({"contentType": "image/png, image/jpeg"}, "image/png", []),
        ({"contentType": "image/png, image/jpeg"}, "IMAGE/JPEG; q=1", []),
        ({"contentType": "image/*"}, "image/gif", []),
        ({"contentType": "*/*"}, "image/gif", []),
        ({"contentType": "text/plain"}, None, []),
        ({"contentType": ""}, "image/gif", []),
        ({}, "image/gif", []),
        ({"contentType": "image/PNG"}, None, ["must be image/png, not text/plain"]),
        ({"contentType": "image/png,text/*"}, "audio/x", ["must be image/png or text/*, not audio/x"]),
        ({"contentType": "a/b"}, f"c/{'d' * 100}", [f"must be a/b, not c/{'d' * 78}"]),
    ],
)
def test_a_part_has_the_type_that_its_encoding_wants(
    encoding: Json, content_type: str | None, problems: list[str]
) -> None:
    """The member is read all the same."""
    form = read([part("a", b"1", content_type)], {"a": encoding})
    assert form == Form({"a": "1"}, [("a", each) for each in problems])


def test_each_part_of_a_member_has_to_be_as_its_encoding_wants() -> None:
    """Each wrong type is a problem."""
    parts = [part("l", b"1", "a/b"), part("l", b"2"), part("l", b"3", "c/d")]
    encoding = {"l": {"contentType": "text/plain"}}
    found = ["must be text/plain, not a/b", "must be text/plain, not c/d"]
    assert [message for _, message in read(parts, encoding).problems] == found


def test_a_text_that_may_be_an_object_is_read_as_the_valid_one() -> None:
    """Browsers send no type with a text of a form, and their users send objects as JSON."""
    either = {"anyOf": [{"type": "string", "pattern": "^id_"}, {"type": "object", "required": ["x"]}]}
    schema = {"type": "object", "properties": {"e": either}}
    sent = ["id_1", '{"x":1}', '{"y":1}', "{"]
    values = [read([part("e", text.encode())], {}, schema).value["e"] for text in sent]
    assert values == ["id_1", {"x": 1}, '{"y":1}', "{"]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("l[]=3&l[]=4", {"l": [3, 4]}),
        ("l%5B0%5D=3&l%5B1%5D=4", {"l": [3, 4]}),
        ("l[1]=4&l[0]=3", {"l": [3, 4]}),
        ("l[]=many", {"l": ["many"]}),
        ("l[x]=3", {"l": {"x": "3"}}),
        ("l[0][x]=3", {"l": [{"x": "3"}]}),
        (f"l[{'9' * 30}]=3", {"l": {"9" * 30: "3"}}),
    ],
)
def test_an_array_in_brackets_is_read_as_clients_write_it(body: str, value: Any) -> None:
    """OpenAPI has deepObject for objects alone; Stripe's document has it for arrays, too."""
    assert urlencoded(body, {"l": {"style": "deepObject", "explode": True}}).value == value
