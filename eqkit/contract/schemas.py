"""Schemas of a contract by the pointers they stand at: compiled once, and found again through references."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import jsonschema_rs

from eqkit.contract.broken_schemas import BrokenSchema
from eqkit.contract.directions import Direction
from eqkit.contract.document import Document, Json, child, escaped, pointer_of, pointer_parts, reference_parts
from eqkit.contract.judging import Judge
from eqkit.contract.operations import Operation, Parameter, schema_object
from eqkit.contract.places import Place
from eqkit.contract.plain_schemas import Side, plain
from eqkit.contract.translation import Translation
from eqkit.contract.validators import SchemaValidator
from eqkit.errors import Code, ContractError

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")

_SEVERAL_WAYS = frozenset(("oneOf", "anyOf", "not", "if", "$ref", "patternProperties"))
"""What makes of one text more than one value."""


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: Document, place: Callable[[str], Place] | None = None) -> None:
        """Take the document; `place` tells where a pointer of it leads, as an error names it."""
        self._document = document
        self._place = place
        self._judges: dict[tuple[str, Side], Judge] = {}
        self._validators: dict[tuple[str, Direction], SchemaValidator] = {}
        self._translations: dict[Direction, Translation] = {}
        is_3_0 = str(document.data["openapi"]).startswith("3.0")
        self._validator = jsonschema_rs.Draft4Validator if is_3_0 else jsonschema_rs.Draft202012Validator

    def validator(self, pointer: str, direction: Direction) -> SchemaValidator:
        """Return the validator of the schema at a pointer, for values of one direction; it is compiled once.

        Raises ContractError where nothing stands at the pointer.
        """
        if (pointer, direction) not in self._validators:
            try:
                validator = SchemaValidator(self._translation(direction), pointer, self._place)
            except KeyError as error:
                raise ContractError(f"{pointer}: there is no schema") from error
            self._validators[pointer, direction] = validator
        return self._validators[pointer, direction]

    def broken(self, direction: Direction = Direction.EITHER) -> Sequence[BrokenSchema]:
        """Return what no value can be validated by, and is left out: no schema at all, a lost reference."""
        return self._translation(direction).broken

    def _translation(self, direction: Direction) -> Translation:
        if direction not in self._translations:
            self._translations[direction] = Translation(self._document, direction)
        return self._translations[direction]

    def judge(self, pointer: str, schema: Json, side: Side) -> Judge:
        """Return the judge of an inlined schema that stands at a pointer, for the values of one side.

        Raises ContractError, with its place, for one that is no schema.
        """
        if (pointer, side) not in self._judges:
            plain_one = plain(schema_object(schema), side)
            try:
                self._judges[pointer, side] = Judge(
                    plain_one, otherwise=Code.INVALID_VALUE, validator=self._validator
                )
            except ContractError as error:
                broken = error.__cause__
                within = broken.instance_path if isinstance(broken, jsonschema_rs.ValidationError) else ()
                real = self.real(f"{pointer}{pointer_of(within)}")
                told = real if self._place is None else f"{self._place(real)}: {real}"
                raise ContractError(f"{told}: {error}") from error
        return self._judges[pointer, side]

    def text_faults(
        self, pointer: str, schema: Json, name: str, text: str, side: Side = Side.CLIENT
    ) -> Iterator[str]:
        """Yield what is wrong with the value of a named parameter or header, which is a text on the wire."""
        schema = schema_object(schema)
        if schema.get("type") == "array":
            return self.array_faults(pointer, schema, name, [each.strip() for each in text.split(",")], side)
        judge = self.judge(pointer, schema, side)
        return _named(judge, name, _read(judge, schema, text))

    def array_faults(
        self, pointer: str, schema: Json, name: str, texts: Sequence[str], side: Side = Side.CLIENT
    ) -> Iterator[str]:
        """Yield what is wrong with the items of a parameter or header that is an array."""
        of_items = schema.get("items", {})
        judge = self.judge(f"{pointer}/items", of_items, side)
        value = [_read(judge, of_items, text) for text in texts]
        return _named(self.judge(pointer, schema, side), name, value)

    def object_faults(
        self, pointer: str, schema: Json, name: str, texts: Mapping[str, Sequence[str]]
    ) -> Iterator[str]:
        """Yield what is wrong with a parameter that is an object, whose members were sent one by one."""
        value = self.object_of(pointer, schema, texts)
        if value is not None:
            yield from _named(self.judge(pointer, schema, Side.CLIENT), name, value)

    def object_of(
        self, pointer: str, schema: Json, texts: Mapping[str, Sequence[str]], side: Side = Side.CLIENT
    ) -> Json:
        """Return the object whose members were sent as texts; None where they can be read in several ways.

        Members without a schema are texts. Alternatives, members of members and schemas for any member are
        read in more than one way by servers.
        """
        parts = list(_parts(schema))
        if any(_SEVERAL_WAYS & each.keys() or each.get("additionalProperties") not in (None, True, False)
               for each in parts):  # fmt: skip
            return None
        known = {name: child for each in parts for name, child in each.get("properties", {}).items()}
        if any("[" in name and name not in known for name in texts):
            return None
        value: dict[str, Json] = {}
        for name, sent in texts.items():
            at, of_member = f"{pointer}/properties/{escaped(name)}", schema_object(known.get(name, {}))
            if of_member.get("type") == "object" or "properties" in of_member or "allOf" in of_member:
                return None
            if of_member.get("type") == "array" or "items" in of_member:
                of_items = of_member.get("items", {})
                judge = self.judge(f"{at}/items", of_items, side)
                value[name] = [_read(judge, of_items, text) for text in sent]
            else:
                value[name] = _read(self.judge(at, of_member, side), of_member, sent[-1])
        return value

    def undocumented(self, schema: Json, value: Json, pointer: str = "") -> Iterator[str]:
        """Yield the pointers to members of a value that an inlined schema does not speak of.

        An object is open where its schema says so with ``additionalProperties``, or names no properties.
        """
        schemas = list(_parts(schema))
        if isinstance(value, list):
            items: Json = next((each["items"] for each in schemas if "items" in each), {})
            for index, item in enumerate(value):
                yield from self.undocumented(items, item, f"{pointer}/{index}")
        if not isinstance(value, dict) or any(
            {"additionalProperties", "patternProperties", "oneOf", "anyOf"} & each.keys() for each in schemas
        ):
            return
        known = {name: child for each in schemas for name, child in each.get("properties", {}).items()}
        for name, member in value.items() if known else ():
            at = f"{pointer}/{escaped(name)}"
            if name not in known:
                yield at
            else:
                yield from self.undocumented(known[name], member, at)

    def real(self, pointer: str) -> str:
        """Return where the value at a pointer really stands: the references on the way are followed."""
        node: Json = self._document.data
        at: list[str] = []
        for part in pointer_parts(pointer):
            node, at = self._followed(node, at)
            at.append(part)
            try:
                node = child(node, part)
            except KeyError:
                return pointer_of(at)
        return pointer_of(self._followed(node, at)[1])

    def below(self, schema: str, instance: str) -> str:
        """Return the pointer to the schema of what stands at `instance` in a value of `schema`."""
        for part in pointer_parts(instance):
            node = self._document.at(self.real(schema))
            if not isinstance(node, dict):
                break
            if part in node.get("properties", {}):
                schema = pointer_of([*pointer_parts(schema), "properties", part])
            elif "items" in node:
                schema = f"{schema}/items"
            else:
                break
        return schema

    def parameter(self, operation: Operation, parameter: Parameter) -> str:
        """Return the pointer to a parameter of an operation or of its path."""
        for above in (["paths", operation.path, operation.method.lower()], ["paths", operation.path]):
            node = self._document.at(self.real(pointer_of(above)))
            for index, each in enumerate(node.get("parameters", [])):
                found = self._followed(each, [])[0]
                if (found.get("name"), found.get("in")) == (parameter.name, parameter.place):
                    return pointer_of([*above, "parameters", index])
        return pointer_of(["paths", operation.path])

    def _followed(self, node: Json, at: list[str]) -> tuple[Json, list[str]]:
        for _ in range(20):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                break
            at = reference_parts(node["$ref"])
            node = self._document.at(node["$ref"])
        return node, at


def _parts(schema: Json) -> Iterator[dict[str, Json]]:
    """Yield a schema, and all that it is made of."""
    if isinstance(schema, dict):
        yield schema
        for each in schema.get("allOf", ()):
            yield from _parts(each)


def _named(judge: Judge, name: str, value: Json) -> Iterator[str]:
    for fault in judge.faults(value):
        yield fault.detail.replace('"document"', f'"{name}"', 1)


def _read(judge: Judge, schema: Json, text: str) -> Json:
    """Return the value that a text stands for: one that the schema accepts, else one of the schema's type."""
    readings: dict[str, Json] = {"string": text}
    if _NUMBER.fullmatch(text):
        readings["number"] = number = json.loads(text)
        if isinstance(number, int):
            readings["integer"] = number
    if text in ("true", "false"):
        readings["boolean"] = text == "true"
    stated = str(schema.get("type") if isinstance(schema, dict) else None)
    return next((each for each in readings.values() if judge.accepts(each)), readings.get(stated, text))
