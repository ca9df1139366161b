"""The rules of client generators: valid documents of which a generator makes a client that does not work.

The patterns with a slash, and properties beside `oneOf` or `not`, were seen with openapi-generator 7.26; the
other rules follow from how generators form names and types.
"""

from collections.abc import Iterable, Iterator

from eqkit.checks.lint.nodes import Node, Nodes
from eqkit.checks.lint.problems import Problem, Rule
from eqkit.checks.lint.rules.generator_names import RESERVED, made_from_model, made_from_operation, mangled
from eqkit.contract.document import Json
from eqkit.contract.kinds import Kind


def inline_parts_are_no_models(nodes: Nodes) -> Iterator[Problem]:
    """An inline schema under `not`, `oneOf` or `anyOf` becomes a model, and can take its parent's place.

    openapi-generator names it by the title around it, or ``PetOneOf1``. `allOf` is merged, and does no harm.
    """
    for schema in nodes.schemas:
        if _has_members(schema.value.get("not")):
            advice = "{not: {required: [id]}} says the same without properties"
            yield Problem(schema.at("not"), f"it is made a model of its own; {advice}")
        for keyword in ("oneOf", "anyOf"):
            for index, part in enumerate(schema.items(keyword)):
                if _has_members(part):
                    at = schema.at(keyword, index)
                    yield Problem(at, "it has no name, and generators make one up; make it a component")


def alternatives_stand_alone(nodes: Nodes) -> Iterator[Problem]:
    """Properties beside `oneOf` are lost: the model is one of the alternatives, and nothing more."""
    for schema in nodes.schemas:
        if schema.items("oneOf") and schema.map("properties"):
            yield Problem(schema.at("properties"), "they stand beside oneOf; put them into each alternative")


def patterns_begin_with_no_slash(nodes: Nodes) -> Iterator[Problem]:
    """A pattern that begins with a slash is read as /…/: it loses it, or the generator ends with an error."""
    for schema in nodes.schemas:
        pattern = schema.text("pattern") or ""
        if pattern.startswith("/"):
            yield Problem(schema.at("pattern"), f"{pattern} begins with a slash; begin it with ^ or [/]")


def models_have_names_of_their_own(nodes: Nodes) -> Iterator[Problem]:
    """Names that differ only in case and punctuation are one class and one file; titles count, too."""
    owners: dict[str, tuple[Node, str]] = {}
    for schema, name in _models(nodes):
        first, other = owners.setdefault(mangled(name), (schema, name))
        # Two schemas that are equal word for word are one model to generators, and rightly so.
        if first is not schema and first.value != schema.value:
            yield Problem(schema.pointer, f"{name} is one name with {other} of {first.pointer}")


def titles_are_the_names_of_their_schemas(nodes: Nodes) -> Iterator[Problem]:
    """Some generators call the class by its title, and others by the name of the component."""
    for schema in _named_schemas(nodes):
        title, name = schema.text("title"), schema.path[-1]
        if title is not None and mangled(title) != mangled(name):
            yield Problem(schema.at("title"), f'"{title}" and {name} are two names for one class')


def models_are_no_constructors(nodes: Nodes) -> Iterator[Problem]:
    """Go makes NewPet() and NullablePet of Pet: a schema of such a name does not compile beside it."""
    models = list(_models(nodes))
    names = {mangled(name): name for _, name in models}
    for schema, name in models:
        for maker in filter(None, (names.get(mangled(each)) for each in made_from_model(name))):
            at = next(place.pointer for place, other in models if other == maker)
            yield Problem(at, f"{maker} is what {name} of {schema.pointer} makes, too")


def models_are_not_made_of_operations(nodes: Nodes) -> Iterator[Problem]:
    """Generators make types of operations, such as ListPetsResponse: a schema of that name collides."""
    made = {
        mangled(name): operation.text("operationId")
        for operation in nodes.own_operations
        for name in made_from_operation(operation.text("operationId") or "")
        if operation.text("operationId") is not None
    }
    for schema, name in _models(nodes):
        if mangled(name) in made:
            operation_id = made[mangled(name)]
            message = f"{name} is also what generators call a type of the operation {operation_id}"
            yield Problem(schema.pointer, message)


def models_are_no_reserved_words(nodes: Nodes) -> Iterator[Problem]:
    """A schema with the name of a keyword or a built-in type is renamed, or hides the type."""
    for schema in _named_schemas(nodes):
        if schema.path[-1].casefold() in RESERVED:
            message = f"{schema.path[-1]} is a word of some language; PetError, say, is not"
            yield Problem(schema.pointer, message)


def operations_differ_in_letters(nodes: Nodes) -> Iterator[Problem]:
    """Names of operations that differ only in case and punctuation are one function in every language."""
    seen: dict[str, str] = {}
    for operation in nodes.own_operations:
        name = operation.text("operationId") or ""
        if mangled(name):
            first = seen.setdefault(mangled(name), name)
            if first != name:
                yield Problem(operation.at("operationId"), f"{name} is one function with {first}")


def properties_differ_in_letters(nodes: Nodes) -> Iterator[Problem]:
    """Properties that differ only in case and punctuation are one field of a class."""
    for schema in nodes.schemas:
        for first, name in _alike(schema.map("properties")):
            yield Problem(schema.at("properties", name), f"{name} is one field with {first}")


def enum_members_differ_in_letters(nodes: Nodes) -> Iterator[Problem]:
    """Values that differ only in case and punctuation are one member of an enum type."""
    for schema in nodes.schemas:
        for first, value in _alike(schema.texts("enum")):
            yield Problem(schema.at("enum"), f"{value} is one member with {first}")


def constants_are_no_enums(nodes: Nodes) -> Iterator[Problem]:
    """An enum of one value is a type for a constant, and old clients refuse the second value that it gets.

    A property that tells alternatives apart, by a `discriminator`, has one value in each, and has to.
    """
    apart = {each.text("propertyName") for each in nodes.of(Kind.DISCRIMINATOR)}
    for schema in nodes.schemas:
        if schema.path[-1] == "not" or (schema.path[-2:-1] == ("properties",) and schema.path[-1] in apart):
            continue
        if len([each for each in schema.items("enum") if each is not None]) == 1:
            advice = "pattern: ^value$ says the same in a request; in an answer, describe it"
            yield Problem(schema.at("enum"), f"it has one value; {advice}")


def optional_members_have_no_default(nodes: Nodes) -> Iterator[Problem]:
    """A default makes an optional member of a request required to some generators; others always send it."""
    bodies = [nodes.node((*operation.path, "requestBody")) for operation in nodes.own_operations]
    sent = nodes.reached([each for each in bodies if each is not None])
    for schema in nodes.schemas:
        path = schema.path
        is_sent = "requestBody" in path or any(path[:depth] in sent for depth in range(1, len(path) + 1))
        for name, member in schema.map("properties").items() if is_sent else ():
            if isinstance(member, dict) and "default" in member and name not in schema.items("required"):
                at = schema.at("properties", name, "default")
                yield Problem(at, f"{name} is optional; say in its description what its absence means")


def request_bodies_stand_in_operations(nodes: Nodes) -> Iterator[Problem]:
    """A reference to a request body loses its media type: swagger-typescript-api sends no Content-Type."""
    for body in nodes.by_kind[Kind.REQUEST_BODY]:
        if body.path[-1] == "requestBody" and nodes.is_reference(body):
            message = "it is a reference; write the request body here, and refer to its schema"
            yield Problem(body.pointer, message)


def bodies_are_named(nodes: Nodes) -> Iterator[Problem]:
    """An object without a name in a request or an answer gets one that changes with its neighbours."""
    for holder in nodes.of(Kind.MEDIA_TYPE):
        schema = holder.value.get("schema")
        if "json" not in holder.path[-1] or not isinstance(schema, dict):
            continue
        items: Json = schema.get("items") if schema.get("type") == "array" else None
        for at, each in ((holder.at("schema"), schema), (holder.at("schema", "items"), items)):
            if _has_members(each) and "title" not in each:
                yield Problem(at, "it has no name; make it a component and refer to it")


def _has_members(schema: Json) -> bool:
    return isinstance(schema, dict) and "$ref" not in schema and bool(schema.get("properties"))


def _named_schemas(nodes: Nodes) -> Iterator[Node]:
    """Yield the schemas of the components, references among them."""
    for schema in nodes.by_kind[Kind.SCHEMA]:
        if len(schema.path) == 3 and schema.path[:2] == ("components", "schemas"):
            yield schema


def _models(nodes: Nodes) -> Iterator[tuple[Node, str]]:
    """Yield each schema that gets a class, and its name: components, and schemas with a title."""
    for schema in _named_schemas(nodes):
        yield schema, schema.path[-1]
    for schema in nodes.schemas:
        title = schema.text("title")
        is_model = _has_members(schema.value) or "enum" in schema.value
        if title is not None and is_model and schema.path[-2:-1] != ("schemas",):
            yield schema, title


def _alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each name that is one with an earlier one, after that."""
    seen: dict[str, str] = {}
    for name in names:
        if mangled(name) and (first := seen.setdefault(mangled(name), name)) != name:
            yield first, name


GENERATORS: dict[str, Rule] = {
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
