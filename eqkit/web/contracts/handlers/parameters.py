"""The parameters of a handler: held against its operation at start, and filled from each request."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from eqkit.contract.decoding.texts import Malformed
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.messages.parameters import CompiledParameter
from eqkit.contract.signatures import BODY, TOOLS, Signature
from eqkit.web.contracts.requests import ContractRequest
from eqkit.web.messages.context import RequestContext

HandlerFunction = Callable[..., Any]
_KEYWORDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class WrongParameters(Exception):
    """A function that cannot be called for its operation; the text says why."""


class Parameters:
    """The parameters of one function, behind the sandbox, which comes first."""

    def __init__(self, function: HandlerFunction, signature: Signature) -> None:
        """Look at the function once; raises WrongParameters."""
        self._signature = signature
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError) as error:
            raise WrongParameters(f"is no function that can be called: {error}") from None
        self._require_sandbox(parameters)
        behind = [each for each in parameters[1:] if each.kind is not inspect.Parameter.VAR_POSITIONAL]
        self._takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in behind)
        self._defaults = {each.name for each in behind if each.default is not inspect.Parameter.empty}
        by_name = [each for each in behind if each.kind is not inspect.Parameter.VAR_KEYWORD]
        self._require_known(by_name)
        named = {each.name for each in by_name}
        self.tools = tuple(name for name in TOOLS if name in named)
        """The names of the tools that it takes."""
        self._takes_body = signature.takes_body and (BODY in named or self._takes_all)
        self._arguments = [each for each in signature.arguments if each.name in named or self._takes_all]

    def _require_sandbox(self, parameters: list[inspect.Parameter]) -> None:
        if not parameters or parameters[0].kind in (
            inspect.Parameter.KEYWORD_ONLY,
            inspect.Parameter.VAR_KEYWORD,
        ):
            raise WrongParameters("has no first parameter for the sandbox")
        first = parameters[0].name
        if first in {*self._signature.names, *TOOLS}:
            raise WrongParameters(f"has {first} for its first parameter, which is the sandbox")

    def _require_known(self, parameters: list[inspect.Parameter]) -> None:
        """Refuse parameters that no request fills; one of its own begins with ``_`` and has a default."""
        known = {*self._signature.names, *TOOLS}
        unknown = [
            each.name
            for each in parameters
            if each.kind not in _KEYWORDS
            or (each.name not in known and not (each.name.startswith("_") and each.name in self._defaults))
        ]
        if unknown:
            operation = self._signature.operation
            has = ", ".join(self._signature.names) or "no parameters"
            raise WrongParameters(
                f"takes {', '.join(unknown)}, and {operation.method} {operation.path} has {has} "
                f"(any function may take {', '.join(TOOLS)})"
            )

    def compiled(self, contract: CompiledContract) -> "ParameterValues":
        """Return the reader of the values, with the compiled parameters of the operation."""
        known = {each.key: each for each in contract.operation(self._signature.operation.pointer).parameters}
        readers: dict[str, CompiledParameter] = {}
        for argument in self._arguments:
            place, name = argument.parameter.place, argument.parameter.name
            found = known.get((place, name.lower() if place == "header" else name))
            if found is not None:
                readers[argument.name] = found
        return ParameterValues(readers, self._defaults, takes_body=self._takes_body)


class ParameterValues:
    """Reads the values that a request has for the parameters of a function."""

    def __init__(
        self, readers: Mapping[str, CompiledParameter], defaults: set[str], *, takes_body: bool
    ) -> None:
        """Take the parameters by their names in Python, and the names of those that have defaults."""
        self._readers = readers
        self._defaults = defaults
        self._takes_body = takes_body

    def of(self, context: RequestContext) -> dict[str, Json]:
        """Return the values by name: None for a parameter that was not sent, unless it has a default."""
        return dict(self._values(context))

    def _values(self, context: RequestContext) -> Iterator[tuple[str, Json]]:
        request = ContractRequest(context)
        for name, reader in self._readers.items():
            sent = reader.sent(request, context.raw_parameters)
            if sent:
                yield name, _value(reader, [text for _, text in sent], sent)
            elif name not in self._defaults:
                yield name, None
        if self._takes_body and (context.body or context.document is not None or BODY not in self._defaults):
            yield BODY, context.document


def _value(reader: CompiledParameter, texts: list[str], sent: Any) -> Json:
    """Return the value of a parameter; its text, as it was sent, where it has none by its style."""
    try:
        values = reader.values(sent)
    except (Malformed, NotJson):
        values = ()
    return values[0] if values else texts[0] if len(texts) == 1 else texts
