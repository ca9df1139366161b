"""The handlers of a folder: found by tag and operationId, with all faults told at once."""

import difflib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType

from eqkit.answers.generating import Generator
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract, Operation
from eqkit.contract.signatures import Signature, Signatures
from eqkit.errors import ContractError
from eqkit.web.contracts.handlers.calls import UserHandler
from eqkit.web.contracts.handlers.modules import HandlerModules, ImportFailed
from eqkit.web.contracts.handlers.parameters import WrongParameters
from eqkit.web.contracts.outgoing.webhooks import ContractWebhooks

NEAR = 0.75
"""How much of a name has to be that of another one to be taken for a slip, from 0 to 1."""


class UserHandlers:
    """The functions of a folder that answer the operations of a contract (named as `Signatures` has them)."""

    def __init__(
        self,
        folder: Path,
        contract: Contract,
        compiled: CompiledContract | None = None,
        webhooks: ContractWebhooks | None = None,
        *,
        validates: bool = False,
        place: Callable[[str], object] = str,
    ) -> None:
        """Import the modules; raises ContractError with one line for each fault.

        `compiled` is the contract, compiled, and `webhooks` are its webhooks, if there are any already. If it
        `validates`, an answer of a handler that violates the contract is a 500; else it is only reported.
        `place` returns the place of a pointer of the contract, as people read it.
        """
        self._folder, self._contract, self._validates = folder, contract, validates
        self._place_of = place
        self._compiled = compiled = compiled or CompiledContract(contract.document)
        self._webhooks = webhooks or ContractWebhooks(
            contract.document, compiled, Generator(compiled.responses)
        )
        self._modules = HandlerModules(folder)
        self._signatures = Signatures(contract)
        self._handlers: dict[str, UserHandler] = {}
        faults = list(dict.fromkeys(self._load()))
        if faults:
            self._modules.close()
            raise ContractError("\n".join([f"the handlers in {folder} cannot be used:", *faults]))
        self.warnings = tuple(self._warnings())
        """One line for each function or module that answers nothing, and for names that collide."""

    def handler(self, operation: Operation) -> UserHandler | None:
        """Return the handler of an operation; None where the folder has none."""
        found = self._handlers.get(operation.id)
        if found is not None:
            found.bind(self._compiled, self._webhooks)
        return found

    def reload(
        self, contract: Contract | None = None, compiled: CompiledContract | None = None
    ) -> "UserHandlers":
        """Return the handlers of the folder as it is now, for this contract or another one.

        Raises ContractError for faults, and these handlers stay as they are; `close` them once others answer.
        """
        if contract is None:
            contract, compiled = self._contract, self._compiled
        return UserHandlers(self._folder, contract, compiled, validates=self._validates, place=self._place_of)

    def close(self) -> None:
        """Forget the modules that were imported."""
        self._modules.close()

    def _load(self) -> Iterator[str]:
        """Import the module of each tag, and yield the faults."""
        for name in self._modules.names():
            for signature in self._signatures.modules.get(name, ()):
                try:
                    module = self._modules.load(name)
                except ImportFailed as failed:
                    yield str(failed)
                    break
                fault = self._bind(module, signature)
                if fault is not None:
                    yield fault

    def _bind(self, module: ModuleType, signature: Signature) -> str | None:
        function = vars(module).get(signature.function)
        if function is None:
            return None
        if inspect.ismodule(function) or not callable(function):
            return f"{self._modules.file(signature.module)}: {signature.function} is no function"
        try:
            self._handlers[signature.operation.id] = UserHandler(
                function,
                signature,
                self._modules,
                self._contract.operations,
                validates=self._validates,
                place=self._place_of,
            )
        except WrongParameters as wrong:
            return f"{self._place(function, signature.module)}: {signature.function} {wrong}"
        return None

    def _place(self, function: object, module: str) -> str:
        code = getattr(inspect.unwrap(function) if callable(function) else function, "__code__", None)
        if code is None:
            return str(self._modules.file(module))
        return self._modules.place(code.co_filename, code.co_firstlineno)

    def _warnings(self) -> Iterator[str]:
        known = self._signatures.modules
        for name in self._modules.names():
            if name in known:
                yield from self._functions_without(name)
            elif not (self._modules.is_loaded(name) or name.startswith("test_") or name == "conftest"):
                near = difflib.get_close_matches(name, known, 1, NEAR)
                hint = f"did you mean {near[0]}.py?" if near else "a module of your own begins with _"
                yield f"{self._modules.file(name)}: the contract has no tag for it ({hint})"
        handled = {each.signature.module for each in self._handlers.values()}
        yield from (each for each in self._signatures.collisions if each.partition(".py:")[0] in handled)

    def _functions_without(self, name: str) -> Iterator[str]:
        """Yield a line for each public function of a module that answers no operation."""
        module = self._modules.load(name)
        expected = [each.function for each in self._signatures.modules[name]]
        for own, function in list(vars(module).items()):
            if not (isinstance(function, FunctionType) and function.__module__ == module.__name__):
                continue
            if own.startswith("_") or own in expected:
                continue
            yield f"{self._place(function, name)}: {own} answers no operation{self._hint(own, expected)}"

    def _hint(self, name: str, expected: list[str]) -> str:
        near = difflib.get_close_matches(name, expected, 1, NEAR)
        if near:
            return f" (did you mean {near[0]}?)"
        elsewhere = [each.module for each in self._signatures.of.values() if each.function == name]
        if elsewhere:
            return f" (that of {name} stands in {elsewhere[0]}.py)"
        return " (a function of your own begins with _)"
