"""Schemas of a contract by the pointers they stand at: compiled once, and found again through references."""

import contextlib
from collections.abc import Iterator

from eqkit.contract.document import Document, Json, escaped, pointer_of, pointer_parts
from eqkit.contract.judging import Judge
from eqkit.contract.operations import Operation, Parameter
from eqkit.errors import Code


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: Document) -> None:
        """Take the document."""
        self._document = document
        self._judges: dict[str, Judge] = {}

    def judge(self, pointer: str, schema: Json) -> Judge:
        """Return the judge of an inlined schema that stands at a pointer."""
        if pointer not in self._judges:
            self._judges[pointer] = Judge(schema, otherwise=Code.INVALID_VALUE)
        return self._judges[pointer]

    def text_faults(self, pointer: str, schema: Json, name: str, text: str) -> Iterator[str]:
        """Yield what is wrong with the value of a named parameter or header, which is a text on the wire."""
        value: Json = text
        with contextlib.suppress(ValueError):
            match schema.get("type"):
                case "integer":
                    value = int(text)
                case "number":
                    value = float(text)
                case "boolean" if text in ("true", "false"):
                    value = text == "true"
        for fault in self.judge(pointer, schema).faults(value):
            yield fault.detail.replace('"document"', f'"{name}"', 1)

    def undocumented(self, schema: Json, value: Json, pointer: str = "") -> Iterator[str]:
        """Yield the pointers to members of a value that an inlined schema does not speak of.

        An object is open where its schema says so with ``additionalProperties``, or names no properties.
        """
        schemas = [schema, *schema.get("allOf", ())]
        if isinstance(value, list):
            items: Json = next((each["items"] for each in schemas if "items" in each), {})
            for index, item in enumerate(value):
                yield from self.undocumented(items, item, f"{pointer}/{index}")
        if not isinstance(value, dict) or any(
            {"additionalProperties", "oneOf", "anyOf"} & each.keys() for each in schemas
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
                node = node[int(part)] if isinstance(node, list) else node[part]
            except (KeyError, IndexError, TypeError, ValueError):
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
            node = self._document.at(pointer_of(above))
            for index, each in enumerate(node.get("parameters", [])):
                found = self._followed(each, [])[0]
                if (found.get("name"), found.get("in")) == (parameter.name, parameter.place):
                    return pointer_of([*above, "parameters", index])
        return pointer_of(["paths", operation.path])

    def _followed(self, node: Json, at: list[str]) -> tuple[Json, list[str]]:
        for _ in range(20):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                break
            at = pointer_parts(node["$ref"].removeprefix("#"))
            node = self._document.at(node["$ref"])
        return node, at
