"""The types of parameters and bodies in Python, as the shapes of their schemas have them."""

from enum import Enum

from eqkit.contract.document import Json
from eqkit.contract.media_types import essence, is_json
from eqkit.contract.messages.compiled import CompiledOperation
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.scaffolding.texts import INDENT, literal

ANY = "Any"
MAX_CHOICES, LONGEST_CHOICE = 20, 60
"""How many values an enumeration may have to be a Literal, and how long each may be."""

DEEPEST = 3
"""How many arrays within each other are spelt out."""

_NAMES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "object": "dict[str, Any]"}
_ORDER = ("boolean", "integer", "number", "string", "array", "object")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Choices(Enum):
    """How enumerations are written."""

    IN_LINE = "in line"
    ON_LINES = "on lines"
    """One value a line, where the enumeration is the whole type; any other is left out."""
    LEFT_OUT = "left out"


def annotation(
    schemas: DirectedSchemas, pointer: str, choices: Choices = Choices.IN_LINE, depth: int = 0
) -> str:
    """Return the type of the values of the schema at a pointer, Any where the schema does not tell.

    An enumeration is a Literal; where it is left out, it is the type of its values.
    """
    if not pointer or depth > DEEPEST:
        return ANY
    if choices is not Choices.LEFT_OUT and (chosen := _chosen(schemas, pointer, choices)):
        return chosen
    within = choices if choices is Choices.IN_LINE else Choices.LEFT_OUT
    shape = schemas.shapes.of(pointer)
    kinds = [each for each in _ORDER if each in shape.kinds]
    if not shape.is_stated or not kinds or len(kinds) == len(_ORDER):
        return ANY
    if "number" in kinds:
        kinds = [each for each in kinds if each != "integer"]
    names = [
        _array(schemas, shape.items, within, depth) if each == "array" else _NAMES[each] for each in kinds
    ]
    return " | ".join([*names, *(["None"] if "null" in shape.kinds else [])])


def optional(name: str) -> str:
    """Return the type of a value that may be missing."""
    if name in (ANY, "None") or name.endswith("| None"):
        return name
    return f"{name}{_or_none(name)}"


def body_annotation(
    operation: CompiledOperation, schemas: DirectedSchemas, choices: Choices = Choices.IN_LINE
) -> str:
    """Return the type of the document of a request's body, in JSON and in forms; Any for other bodies."""
    _, _, content = operation.body
    names = {
        annotation(schemas, each.schema or "", choices) if is_json(name) else _NAMES["object"]
        for name, each in content.media_types.items()
        if is_json(name) or essence(name) in _FORMS
    }
    return names.pop() if len(names) == 1 else ANY


def _array(schemas: DirectedSchemas, items: tuple[str, ...], choices: Choices, depth: int) -> str:
    within = annotation(schemas, items[0], choices, depth + 1) if len(items) == 1 else ANY
    return f"list[{within}]"


def _or_none(name: str) -> str:
    return f"\n{INDENT}| None" if "\n" in name else " | None"


def _chosen(schemas: DirectedSchemas, pointer: str, choices: Choices) -> str:
    """Return the Literal of an enumeration; "" for other schemas, and for values that no Literal has."""
    node: Json = schemas.node(schemas.followed(pointer))
    if not isinstance(node, dict):
        return ""
    values = [node["const"]] if "const" in node else node.get("enum")
    if not isinstance(values, list) or not 0 < len(values) <= MAX_CHOICES:
        return ""
    # Python takes 1 and True for the same value, and a Literal does not.
    distinct = list(dict.fromkeys((type(each), each) for each in values if _is_choice(each)))
    if len(distinct) != len(values):
        return ""
    is_optional = node.get("nullable") is True and None not in values
    written = [literal(value) for _, value in distinct if value is not None]
    if not written:
        return "None"
    name = f"Literal[{', '.join(written)}]"
    if choices is Choices.ON_LINES:
        lines = "".join(f"{INDENT * 2}{each},\n" for each in written)
        name = f"Literal[\n{lines}{INDENT}]"
    return name + (_or_none(name) if is_optional or None in values else "")


def _is_choice(value: Json) -> bool:
    return (
        value is None
        or isinstance(value, bool | int)
        or (isinstance(value, str) and len(value) <= LONGEST_CHOICE)
    )
