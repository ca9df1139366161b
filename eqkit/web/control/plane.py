"""The middleware of the control plane, and the operations that it shows."""

from collections.abc import Mapping, MutableSequence
from functools import partial
from types import MappingProxyType
from typing import Any

from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract
from eqkit.errors import ContractBroken
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.settings import Settings
from eqkit.web.connexion import ConnexionMiddleware, add_contract
from eqkit.web.control.guard import CONTROL_PATH, Guard, KeyIn, SandboxChoice, key_in_authorization
from eqkit.web.messages.error_responses import ErrorResponses
from eqkit.web.messages.links import LinkBases
from eqkit.web.messages.negotiation import JSON
from eqkit.web.middleware.binding import Endpoint, HandlerResolver
from eqkit.web.middleware.response_validation import response_validation
from eqkit.web.middleware.routing import Routing
from eqkit.web.middleware.validation import RequestValidation
from eqkit.web.middleware.wire import Drain, Wire
from eqkit.web.pages import documents

MOCKS = "eqkit.mocks"

NO_SERVICES: Mapping[str, Any] = MappingProxyType({})


def control_plane(
    contract: Contract,
    settings: Settings,
    sandboxes: Sandboxes,
    drain: Drain,
    broken: MutableSequence[ContractBroken],
    *,
    realm: str,
    nothing_else: str = "",
    services: Mapping[str, Any] = NO_SERVICES,
    key_in: KeyIn = key_in_authorization,
) -> ConnexionMiddleware:
    """Return the middleware of a control plane: never journaled as traffic, never faulted.

    `nothing_else` is the reason in the 404 for any other path; `services` are values for its handlers by
    name, and `key_in` knows the place of a sandbox's key.
    """
    responses, compiled = ErrorResponses(), CompiledContract(contract.document)
    links = LinkBases(settings)
    middlewares: list[Any] = [
        partial(Wire, link_bases=links, drain=drain, responses=responses, media_type=JSON.encode()),
        *response_validation(settings, compiled, JSON, broken, responses),
        partial(Guard, token=settings.control_token, realm=realm),
        partial(Routing, pages=documents(contract, CONTROL_PATH), nothing_else=nothing_else),
        partial(SandboxChoice, sandboxes=sandboxes, realm=realm, key_in=key_in),
        partial(
            RequestValidation,
            compiled=compiled,
            max_request=settings.max_request,
            max_body=settings.max_request,
        ),
    ]
    control = ConnexionMiddleware(
        Endpoint(sandboxes, **services),
        middlewares=middlewares,
        resolver=HandlerResolver(MOCKS),
        import_name=__name__,
    )
    add_contract(control, contract, CONTROL_PATH)
    return control
