"""The rules of client generators: valid documents of which a generator makes a client that does not work.

The patterns with a slash, and properties beside `oneOf` or `not`, were seen with openapi-generator 7.26; the
other rules follow from how generators form names and types.
"""

from collections.abc import Callable, Iterator
from typing import Any

from eqkit.checks.lint.examples import referred, schemas, walk
from eqkit.checks.lint.generator_names import RESERVED, made_from_model, made_from_operation, mangled
from eqkit.checks.lint.house_rules import Broken, components, operations
from eqkit.contract.document import Document, Json, pointer_of

_ALTERNATIVES = ("oneOf", "anyOf")


def inline_parts_are_no_models(document: Document) -> Iterator[Broken]:
    """An inline schema under `not`, `oneOf` or `anyOf` becomes a model, and can take its parent's place.

    openapi-generator names it by the title around it, or ``PetOneOf1``. `allOf` is merged, and does no harm.
    """
    for path, schema in schemas(document):
        if _has_members(schema.get("not")):
            advice = "{not: {required: [id]}} says the same without properties"
            yield pointer_of([*path, "not"]), f"it is made a model of its own; {advice}"
        for keyword in _ALTERNATIVES:
            alternatives = schema.get(keyword)
            for index, part in enumerate(alternatives if isinstance(alternatives, list) else ()):
                if _has_members(part):
                    at = pointer_of([*path, keyword, index])
                    yield at, "it has no name, and generators make one up; make it a component"


def alternatives_stand_alone(document: Document) -> Iterator[Broken]:
    """Properties beside `oneOf` are lost: the model is one of the alternatives, and nothing more."""
    for path, schema in schemas(document):
        if schema.get("oneOf") and schema.get("properties"):
            yield pointer_of([*path, "properties"]), "they stand beside oneOf; put them into each alternative"


def patterns_begin_with_no_slash(document: Document) -> Iterator[Broken]:
    """A pattern that begins with a slash is read as /…/: it loses it, or the generator ends with an error."""
    for path, schema in schemas(document):
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and pattern.startswith("/"):
            yield pointer_of([*path, "pattern"]), f"{pattern} begins with a slash; begin it with ^ or [/]"


def models_have_names_of_their_own(document: Document) -> Iterator[Broken]:
    """Names that differ only in case and punctuation are one class and one file; titles count, too."""
    owners: dict[str, tuple[str, str]] = {}
    for pointer, name in _models(document):
        first, other = owners.setdefault(mangled(name), (pointer, name))
        # What is written twice, word for word, is one model to generators, and rightly so.
        if first != pointer and document.at(first) != document.at(pointer):
            yield pointer, f"{name} is one name with {other} of {first}"


def titles_are_the_names_of_their_schemas(document: Document) -> Iterator[Broken]:
    """Some generators call the class by its title, and others by the name of the component."""
    for path, schema in components(document, "schemas"):
        title = schema.get("title")
        if isinstance(title, str) and mangled(title) != mangled(path[-1]):
            yield pointer_of([*path, "title"]), f'"{title}" and {path[-1]} are two names for one class'


def models_are_no_constructors(document: Document) -> Iterator[Broken]:
    """Go makes NewPet() and NullablePet of Pet: a schema of such a name does not compile beside it."""
    names = {mangled(name): name for _, name in _models(document)}
    for pointer, name in _models(document):
        for maker in filter(None, (names.get(mangled(each)) for each in made_from_model(name))):
            at = next(place for place, other in _models(document) if other == maker)
            yield at, f"{maker} is what {name} of {pointer} makes, too"


def models_are_not_made_of_operations(document: Document) -> Iterator[Broken]:
    """Generators make types of operations, such as ListPetsResponse: a schema of that name collides."""
    made = {
        mangled(name): operation["operationId"]
        for _, operation in operations(document)
        if isinstance(operation.get("operationId"), str)
        for name in made_from_operation(operation["operationId"])
    }
    for pointer, name in _models(document):
        if mangled(name) in made:
            yield (
                pointer,
                f"{name} is also what generators call a type of the operation {made[mangled(name)]}",
            )


def models_are_no_reserved_words(document: Document) -> Iterator[Broken]:
    """A schema with the name of a keyword or a built-in type is renamed, or hides the type."""
    for path, _ in components(document, "schemas"):
        if path[-1].casefold() in RESERVED:
            yield pointer_of(path), f"{path[-1]} is a word of some language; PetError, say, is not"


def operations_differ_in_letters(document: Document) -> Iterator[Broken]:
    """Names of operations that differ only in case and punctuation are one function in every language."""
    seen: dict[str, str] = {}
    for path, operation in operations(document):
        name = operation.get("operationId")
        if isinstance(name, str) and mangled(name):
            first = seen.setdefault(mangled(name), name)
            if first != name:
                yield pointer_of([*path, "operationId"]), f"{name} is one function with {first}"


def properties_differ_in_letters(document: Document) -> Iterator[Broken]:
    """Properties that differ only in case and punctuation are one field of a class."""
    for path, schema in schemas(document):
        properties = schema.get("properties")
        for first, name in _alike(properties if isinstance(properties, dict) else ()):
            yield pointer_of([*path, "properties", name]), f"{name} is one field with {first}"


def enum_members_differ_in_letters(document: Document) -> Iterator[Broken]:
    """Values that differ only in case and punctuation are one member of an enum type."""
    for path, schema in schemas(document):
        values = schema.get("enum")
        texts = [each for each in values if isinstance(each, str)] if isinstance(values, list) else []
        for first, value in _alike(texts):
            yield pointer_of([*path, "enum"]), f"{value} is one member with {first}"


def constants_are_no_enums(document: Document) -> Iterator[Broken]:
    """An enum of one value is a type for a constant, and old clients refuse the second value that it gets.

    What tells alternatives apart, by a `discriminator`, has one value in each, and has to.
    """
    apart = {
        schema["discriminator"].get("propertyName")
        for _, schema in schemas(document)
        if isinstance(schema.get("discriminator"), dict)
    }
    for path, schema in schemas(document):
        values = schema.get("enum")
        if path[-1] == "not" or (path[-2:-1] == ("properties",) and path[-1] in apart):
            continue
        if isinstance(values, list) and len([each for each in values if each is not None]) == 1:
            advice = "pattern: ^value$ says the same in a request; in an answer, describe it"
            yield pointer_of([*path, "enum"]), f"it has one value; {advice}"


def optional_members_have_no_default(document: Document) -> Iterator[Broken]:
    """A default makes an optional member of a request required to some generators; others always send it."""
    asked = [operation.get("requestBody", {}) for _, operation in operations(document)]
    sent = {reference.removeprefix("#") for reference in referred(document, asked)}
    for path, schema in schemas(document):
        parts = {pointer_of(path[:depth]) for depth in range(1, len(path) + 1)}
        properties = schema.get("properties")
        if not isinstance(properties, dict) or not (parts & sent or "requestBody" in path):
            continue
        for name, member in properties.items():
            if isinstance(member, dict) and "default" in member and name not in schema.get("required", ()):
                at = pointer_of([*path, "properties", name, "default"])
                yield at, f"{name} is optional; say in its description what its absence means"


def request_bodies_stand_in_operations(document: Document) -> Iterator[Broken]:
    """A reference to a request body loses its media type: swagger-typescript-api sends no Content-Type."""
    for path, node in walk(document.data):
        if path[-1:] == ("requestBody",) and "$ref" in node:
            yield pointer_of(path), "it is a reference; write the request body here, and refer to its schema"


def bodies_are_named(document: Document) -> Iterator[Broken]:
    """An object without a name in a request or an answer gets one that changes with its neighbours."""
    for path, node in walk(document.data):
        match path:
            case (*_, "content", media_type, "schema") if "json" in media_type:
                items = node.get("items") if node.get("type") == "array" else None
                for at, schema in ((path, node), ((*path, "items"), items)):
                    if isinstance(schema, dict) and _has_members(schema) and "title" not in schema:
                        yield pointer_of(at), "it has no name; make it a component and refer to it"


def _has_members(schema: Json) -> bool:
    return isinstance(schema, dict) and "$ref" not in schema and bool(schema.get("properties"))


def _models(document: Document) -> Iterator[tuple[str, str]]:
    """Yield pointer and name of each schema that gets a class: components, and what has a title."""
    for path, _ in components(document, "schemas"):
        yield pointer_of(path), path[-1]
    for path, schema in schemas(document):
        title = schema.get("title")
        if (
            isinstance(title, str)
            and (_has_members(schema) or "enum" in schema)
            and path[-2:-1] != ("schemas",)
        ):
            yield pointer_of(path), title


def _alike(names: Any) -> Iterator[tuple[str, str]]:
    """Yield each name that is one with an earlier one, after that."""
    seen: dict[str, str] = {}
    for name in names:
        if (
            isinstance(name, str)
            and mangled(name)
            and (first := seen.setdefault(mangled(name), name)) != name
        ):
            yield first, name


GENERATOR_RULES: dict[str, Callable[[Document], Iterator[Broken]]] = {
    "generators-inline-part": inline_parts_are_no_models,
    "generators-beside-one-of": alternatives_stand_alone,
    "generators-pattern": patterns_begin_with_no_slash,
    "generators-name": models_have_names_of_their_own,
    "generators-title": titles_are_the_names_of_their_schemas,
    "generators-constructor": models_are_no_constructors,
    "generators-operation-type": models_are_not_made_of_operations,
    "generators-reserved": models_are_no_reserved_words,
    "generators-operation-id": operations_differ_in_letters,
    "generators-property": properties_differ_in_letters,
    "generators-enum": enum_members_differ_in_letters,
    "generators-constant": constants_are_no_enums,
    "generators-default": optional_members_have_no_default,
    "generators-request-body": request_bodies_stand_in_operations,
    "generators-body-name": bodies_are_named,
}
"""Each rule by its slug; the first line of its docstring is the reason."""
