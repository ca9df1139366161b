"""The contract and the folder of answers are bound in both directions, through the inside of Connexion."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from eqkit import web
from eqkit.contract.document import REMOVED, Document, Json, OverlayAction
from eqkit.contract.operations import Contract
from eqkit.elasticqueue.service import HANDLERS
from eqkit.errors import ContractError
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.timing.clock import WallClock
from eqkit.web import connexion as inside
from eqkit.web.control.plane import MOCKS
from eqkit.web.messages.context import Response
from eqkit.web.middleware.base import Middleware
from eqkit.web.middleware.binding import Call, Endpoint, HandlerResolver, function_name
from tests.contract.documents import CONTRACT, MOCK_OF_CONTRACT

POST = "/paths/~1v1~1queues~1{queue}~1messages/post"
OPERATIONS = Contract(CONTRACT).operations
SANDBOXES = Sandboxes((), Rules(), WallClock)
BUILT_ON = {
    ("AbstractRoutingAPI", "_add_operation_internal"): ["self", "method", "path", "operation", "name"],
    ("AbstractRoutingAPI", "_framework_path_and_name"): ["operation", "path"],
    ("AbstractRoutingAPI", "make_operation"): ["self", "operation"],
    ("ConnexionMiddleware", "__call__"): ["self", "scope", "receive", "send"],
    ("ConnexionMiddleware", "__init__"): [
        "self",
        "app",
        "import_name",
        "lifespan",
        "middlewares",
        "resolver",
    ],
    ("ConnexionMiddleware", "_build_middleware_stack"): ["self"],
    ("ConnexionMiddleware", "add_api"): ["self", "specification", "base_path", "kwargs"],
    ("LifespanMiddleware", "__init__"): ["self", "next_app", "lifespan"],
    ("Resolution", "__init__"): ["self", "function", "operation_id"],
    ("Resolver", "resolve"): ["self", "operation"],
    ("RoutedAPI", "__init__"): ["self", "specification", "args", "next_app", "kwargs"],
    ("RoutedAPI", "add_paths"): ["self"],
    ("RoutedAPI", "make_operation"): ["self", "operation"],
    ("SpecMiddleware", "__call__"): ["self", "scope", "receive", "send"],
    ("SpecMiddleware", "add_api"): ["self", "specification", "kwargs"],
}
"""The members of Connexion's classes that we call or override, and the parameters that we rely on."""

PRIVATE = {"_build_middleware_stack", "_operation", "_resolution"}
"""Private attributes of Connexion's objects that we read."""


def bind(document: Document, innermost: Middleware) -> Any:
    """Bind a document to the handlers, as the application does it."""
    middleware = inside.ConnexionMiddleware(
        innermost, middlewares=[], resolver=HandlerResolver(HANDLERS), import_name=__name__
    )
    middleware.add_api(document.data, contract=Contract(document), base_path="")
    return middleware._build_middleware_stack()


def public_functions(package: str) -> Iterator[str]:
    """Yield `module.function` for each public function that a package's modules define themselves."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        for name, value in vars(importlib.import_module(f"{package}.{module.name}")).items():
            if (
                isinstance(value, FunctionType)
                and not name.startswith("_")
                and value.__module__.endswith(f".{module.name}")
            ):
                yield f"{module.name}.{name}"


@pytest.mark.parametrize(
    ("document", "package"), [(CONTRACT, HANDLERS), (MOCK_OF_CONTRACT, MOCKS)], ids=[HANDLERS, MOCKS]
)
def test_every_operation_has_its_function_and_every_function_its_operation(
    document: Document, package: str
) -> None:
    """Tag = module, operationId = function; a function without an operation is never called."""
    operations = Contract(document).operations.values()
    named = [f"{each.tag}.{function_name(each.id)}" for each in operations]
    assert sorted(named) == sorted(public_functions(package))


@pytest.mark.parametrize(
    ("operation_id", "name"),
    [("enqueueMessage", "enqueue_message"), ("get", "get"), ("readV2Thing", "read_v2_thing")],
)
def test_an_operation_is_answered_by_its_id_in_snake_case(operation_id: str, name: str) -> None:
    """The contract speaks camel case, and Python snake case."""
    assert function_name(operation_id) == name


def test_each_operation_is_resolved_to_the_function_of_its_name() -> None:
    """The operation that Connexion finds leads to its handler and to nothing else."""
    endpoint = Endpoint(SANDBOXES)
    bind(CONTRACT, endpoint)
    messages = importlib.import_module(f"{HANDLERS}.messages")
    assert endpoint._functions == {name: getattr(messages, function_name(name)) for name in OPERATIONS}


@pytest.mark.parametrize("pointer", [f"{POST}/operationId", f"{POST}/tags"])
def test_an_operation_that_nothing_can_be_bound_to_is_refused(pointer: str) -> None:
    """Tag and operationId name module and function; the message says which operation lacks one."""
    document = CONTRACT.overlaid([OverlayAction(pointer, REMOVED)])
    with pytest.raises(ContractError, match=r"^POST /v1/.*/messages needs an operationId and a tag"):
        bind(document, Endpoint(SANDBOXES))


@pytest.mark.parametrize(
    ("pointer", "value", "handler"),
    [
        (
            f"{POST}/operationId",
            "enqueueLetter",
            f"enqueueLetter has no handler {HANDLERS}.messages.enqueue_letter",
        ),
        (f"{POST}/tags", ["letters"], f"enqueueMessage has no handler {HANDLERS}.letters.enqueue_message"),
    ],
    ids=["no-function", "no-module"],
)
def test_an_operation_without_a_function_is_found_at_the_start(
    pointer: str, value: Json, handler: str
) -> None:
    """A missing module or function stops the server, and the message names the function to write."""
    document = CONTRACT.overlaid([OverlayAction(pointer, value)])
    with pytest.raises(ContractError) as caught:
        bind(document, Endpoint(SANDBOXES))
    assert str(caught.value).startswith(f"{handler}: ")


def test_an_argument_that_the_contract_cannot_fill_is_found_at_the_start() -> None:
    """A handler asks by the names of its parameters; the message says which is not on offer."""

    def read_message(sandbox: Any, queue: str, id: str, colour: str) -> Response:
        return Response(200, [sandbox, queue, id, colour])

    with pytest.raises(ContractError, match="getMessage does not offer its handler colour"):
        Call(OPERATIONS["getMessage"], read_message, {"sandboxes": SANDBOXES})


def test_a_body_is_not_on_offer_where_the_operation_has_none() -> None:
    """Only an operation with a request body has one to give."""

    def read_message(sandbox: Any, queue: str, id: str, body: Json) -> Response:
        return Response(200, [sandbox, queue, id, body])

    with pytest.raises(ContractError, match="getMessage does not offer its handler body"):
        Call(OPERATIONS["getMessage"], read_message, {"sandboxes": SANDBOXES})


def test_a_path_parameter_that_a_handler_does_not_take_is_found_at_the_start() -> None:
    """Every path parameter is handed over, so a handler without it would fail on each request."""

    def read_message(sandbox: Any, queue: str) -> Response:
        return Response(200, [sandbox, queue])

    with pytest.raises(ContractError, match=r"\bid\b"):
        Call(OPERATIONS["getMessage"], read_message, {"sandboxes": SANDBOXES})


@pytest.mark.parametrize(("owner", "name"), BUILT_ON)
def test_connexion_still_has_the_members_that_the_server_is_built_on(owner: str, name: str) -> None:
    """Its base classes are not documented: an upgrade that changes one fails here, and by name."""
    wanted = BUILT_ON[owner, name]
    parameters = inspect.signature(getattr(getattr(inside, owner), name)).parameters
    assert [each for each in parameters if each in wanted] == wanted


def test_connexion_still_builds_the_stack_that_it_is_given() -> None:
    """Its way to add a contract to each middleware is not its public interface."""
    endpoint = Endpoint(SANDBOXES)
    outermost, stack = bind(CONTRACT, endpoint)
    assert outermost is endpoint
    assert stack == [endpoint]
    assert hasattr(inside.ConnexionMiddleware(endpoint, import_name=__name__), "middleware_stack")


def test_each_name_that_the_server_takes_from_connexion_is_listed_here() -> None:
    """An import or a private name that the lists lack would escape the test of an upgrade."""
    imported, private = set(), set()
    for file in Path(web.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.ImportFrom(module=str(module)) if module.startswith("connexion"):
                    imported |= {alias.name for alias in node.names}
                case ast.Attribute(value=ast.Name("self" | "cls") | ast.Call(func=ast.Name("super"))):
                    pass
                case ast.Attribute(attr="_replace"):  # a named tuple's own public name
                    pass
                case ast.Attribute(attr=name) if name.startswith("_") and not name.endswith("_"):
                    private.add(name)
    assert imported == {owner for owner, _ in BUILT_ON}
    assert private == PRIVATE
