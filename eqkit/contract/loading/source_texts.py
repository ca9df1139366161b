"""The files of a contract, read: JSON by a JSON parser, anything else as YAML."""

import codecs
import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import orjson
import yaml

from eqkit.contract.loading.json_nodes import JsonPlaces, json_nodes
from eqkit.contract.loading.yaml_texts import (
    DEEPEST,
    TOO_LONG_NUMBER,
    children,
    composed,
    data_of,
    described,
    has_repeated_keys,
)
from eqkit.contract.pointers import Json, pointer_parts
from eqkit.errors import ContractError

MAX_BYTES = 64 << 20
"""A file of more bytes is not read."""

MAX_VALUES = 5_000_000
"""A JSON document of more values is not read."""


_WRITABLE_LEVELS = 254
"""How many levels orjson writes."""

_LONG = b"0" * 19
_BEFORE_NUMBERS = (b" ", b"\t", b"\n", b"\r", b":", b",", b"[")
_ZEROS = re.compile(rb"0*")
_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_TEXT = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_REFERENCE = re.compile(rb'"\$ref":(%s)' % _TEXT)
_PATTERN = re.compile(rb'"pattern":(%s)' % _TEXT)
_MAPPING = re.compile(rb'"mapping":(\{(?:%s:%s,?)*\})' % (_TEXT, _TEXT))
_TARGET = re.compile(rb":(%s)" % _TEXT)


NAMES = ("openapi.yaml", "openapi.yml", "openapi.json")
"""The names of a document in a folder, the first of which counts."""


@dataclass(frozen=True)
class Survey:
    """The texts in some data that may be references or patterns; some, in examples, may be neither."""

    references: frozenset[str]
    mapped: frozenset[str]
    """The targets of discriminators."""
    patterns: frozenset[str]
    quotes: int | None = None
    """How many quotation marks the data has as JSON, those in texts included; None if that is not known."""


@dataclass(frozen=True)
class SourceText:
    """One file and its data."""

    file: Path
    content: bytes
    """The bytes of the file, without a byte order mark."""
    data: Json
    nodes: yaml.Node | None
    """The nodes of YAML; None for JSON, of which they are made when they are asked for."""
    is_json: bool
    survey: Survey

    @cached_property
    def text(self) -> str:
        """The text of the file."""
        return self.content.decode()

    @cached_property
    def root(self) -> yaml.Node | None:
        """The text as PyYAML's nodes, which know their lines; None for an empty one."""
        return json_nodes(self.text) if self.is_json else self.nodes

    @cached_property
    def has_repeated_keys(self) -> bool:
        """Whether an object may have a key twice, the first of which is lost."""
        if not self.is_json:
            return has_repeated_keys(self.nodes)
        # A member that is lost takes the marks around its key along; an escaped mark hides that.
        is_sure = b"\\u0022" not in self.content and self.survey.quotes is not None
        if is_sure and self.content.count(b'"') == self.survey.quotes:
            return False
        return _has_repeated_keys(self.text)

    @cached_property
    def json_places(self) -> JsonPlaces | None:
        """The finder of places in JSON."""
        return JsonPlaces(self.text) if self.is_json else None


def read_file(file: Path) -> SourceText:
    """Read a file; raises ContractError with its name for one that is too long, or neither JSON nor YAML."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ContractError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > MAX_BYTES:
        raise ContractError(f"{file}: it is too long, with more than {MAX_BYTES >> 20} MB")
    return read_content(content.removeprefix(codecs.BOM_UTF8), file)


def read_text(text: str, file: Path) -> SourceText:
    """Read the text of a file; raises ContractError like `read_file`."""
    return read_content(text.encode("utf-8", "surrogatepass"), file)


def read_content(content: bytes, file: Path) -> SourceText:
    """Read the bytes of a file; raises ContractError like `read_file`."""
    try:
        is_json, data = _as_json(content)
        nodes = None if is_json else composed(content.decode())
        data = data if is_json else data_of(nodes)
        return SourceText(file, content, data, nodes, is_json, survey(data))
    except ContractError as error:
        raise ContractError(f"{file}: {error}") from None
    except RecursionError:
        raise ContractError(f"{file}: it nests too deep, in more than {DEEPEST} levels") from None
    except UnicodeDecodeError as error:
        raise ContractError(f"{file}: not UTF-8: byte {error.start + 1} begins no character") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ContractError(f"{file}:{_described(error, content, file)}") from error


def _described(error: Exception, content: bytes, file: Path) -> str:
    """Return the words on a text that is neither, as those of the format that it was meant to be in."""
    if file.suffix == ".json":
        try:
            json.loads(content)
        except json.JSONDecodeError as fault:
            return f"{fault.lineno}:{fault.colno}: not JSON: {fault.msg}"
    return described(error, content)


def _has_repeated_keys(text: str) -> bool:
    found = False

    def look(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal found
        members = dict(pairs)
        found = found or len(members) < len(pairs)
        return members

    json.loads(text, object_pairs_hook=look)
    return found


def _as_json(content: bytes) -> tuple[bool, Json]:
    if not content.lstrip().startswith((b"{", b"[")):
        return False, None
    # A value for each separator at most, those in texts included; a short document has few of either.
    if len(content) > MAX_VALUES * 3 and sum(map(content.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise ContractError(f"it has more than {MAX_VALUES} values")
    if not _has_long_numbers(content):  # which the faster parser rounds
        with contextlib.suppress(orjson.JSONDecodeError):
            return True, orjson.loads(content)
    text = content.decode()
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        return False, None
    except ValueError:  # Python reads as many digits, so that nobody waits for long
        raise ContractError(TOO_LONG_NUMBER) from None
    if "\\ud" in text or "\\uD" in text:
        _refuse_lone_surrogates(data)
    return True, data


def _has_long_numbers(content: bytes) -> bool:
    """Return whether a JSON text may have whole numbers beyond 64 bits: of 20 digits, of 19 below zero."""
    zeros = content.translate(_AS_ZEROS)
    at = zeros.find(_LONG)
    while at >= 0:
        found = _ZEROS.match(zeros, at)
        end = found.end() if found else len(zeros)
        is_negative = content[at - 1 : at] == b"-"
        first = at - is_negative
        is_number = first == 0 or content[first - 1 : first] in _BEFORE_NUMBERS
        if is_number and end - at + is_negative > len(_LONG):
            return True
        at = zeros.find(_LONG, end)
    return False


def _refuse_lone_surrogates(data: Json) -> None:
    """Raise ContractError for texts with half a character, which nothing can be sent with (RFC 8259 8.2)."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ContractError("it has a lone surrogate, which is no character") from None


def survey(data: Json) -> Survey:
    """Look for references and patterns; raises ContractError for more than DEEPEST levels.

    For a long document, to look through it as a text, written anew, is five times as fast as a walk.
    """
    enclosed = data
    for _ in range(_WRITABLE_LEVELS - DEEPEST):
        enclosed = [enclosed]
    try:
        written = orjson.dumps(enclosed)
    except TypeError:  # it nests too deep, or has numbers that this writer has not
        return _walked(data)
    mappings = _MAPPING.findall(written)
    if b'"patternProperties":{' in written or len(mappings) < written.count(b'"mapping":{'):
        return _walked(data)
    return Survey(
        _decoded(_REFERENCE.findall(written)),
        _decoded(target for each in mappings for target in _TARGET.findall(each)),
        _decoded(_PATTERN.findall(written)),
        written.count(b'"'),
    )


def _decoded(texts: Iterable[bytes]) -> frozenset[str]:
    return frozenset(map(orjson.loads, frozenset(texts)))


def _walked(data: Json) -> Survey:
    references, mapped, patterns = set[str](), set[str](), set[str]()
    level: list[Json] = [data]
    for _ in range(DEEPEST + 1):
        objects = [each for each in level if isinstance(each, dict)]
        for node in objects:
            references.update(_texts([node.get("$ref")]))
            patterns.update(_texts([node.get("pattern")]), _members(node, "patternProperties"))
            mapped.update(_texts(_members(node, "mapping").values()))
        arrays = [each for each in level if isinstance(each, list)]
        level = [each for node in objects for each in node.values()] + list(chain.from_iterable(arrays))
        if not objects and not arrays:
            return Survey(frozenset(references), frozenset(mapped), frozenset(patterns))
    raise ContractError(f"it nests too deep, in more than {DEEPEST} levels")


def _members(node: dict[str, Json], name: str) -> dict[str, Json]:
    found = node.get(name)
    return found if isinstance(found, dict) else {}


def _texts(values: Iterable[Json]) -> Iterator[str]:
    return (each for each in values if isinstance(each, str))


def line_and_column(source: SourceText, pointer: str) -> tuple[int, int] | None:
    """Return where a pointer leads, or the nearest place above; None in an empty file.

    A member of an object stands where its key stands.
    """
    parts = pointer_parts(pointer)
    if source.json_places is not None:
        return source.json_places.line_and_column(parts)
    first = node = source.root
    for part in parts:
        found = next((child for key, *child in children(node) if key == part), None)
        if found is None:
            break
        first, node = found
    return None if first is None else (first.start_mark.line + 1, first.start_mark.column + 1)
