"""The stubs of handlers: a typed function for each operation, with the words of the contract about it."""

from collections.abc import Iterable, Iterator

from eqkit.contract.document import Json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Operation
from eqkit.contract.signatures import BODY, DEFAULT_MODULE, Signature
from eqkit.scaffolding.annotations import Choices, annotation, body_annotation, optional
from eqkit.scaffolding.imports import names_used, written_imports
from eqkit.scaffolding.texts import INDENT, MAX_SUMMARY, WIDTH, docstring, literal, paragraphs, plain


class Stubs:
    """Writes the functions of one contract."""

    def __init__(self, compiled: CompiledContract) -> None:
        """Take the compiled contract."""
        self._compiled = compiled
        self._schemas = compiled.requests

    def function(self, signature: Signature) -> str:
        """Return the function of an operation: its answer is an example of the contract."""
        parameters = list(self._parameters(signature))
        line = f"def {signature.function}({', '.join(parameters)}) -> Result:\n"
        if len(line) > WIDTH + 1 or "\n" in line[:-1]:
            each_line = "".join(f"{INDENT}{each},\n" for each in parameters)
            line = f"def {signature.function}(\n{each_line}) -> Result:\n"
        return f"{line}{self._docstring(signature.operation)}{INDENT}return example()\n"

    def _parameters(self, signature: Signature) -> Iterator[str]:
        """Yield the parameters: those that every request has, and then those with a default."""
        operation = self._compiled.operation(signature.operation.pointer)
        known = {each.key: each for each in operation.parameters}
        needed, others = ["sandbox: Sandbox"], ["example: Example"]
        for argument in signature.arguments:
            place, name = argument.parameter.place, argument.parameter.name
            found = known.get((place, name.lower() if place == "header" else name))
            is_needed = place == "path" or (found is not None and found.is_required)
            schema = "" if found is None else found.schema
            (needed if is_needed else others).append(
                _declared(
                    argument.name, [annotation(self._schemas, schema, each) for each in Choices], is_needed
                )
            )
        if signature.takes_body:
            _, is_needed, _ = operation.body
            types = [body_annotation(operation, self._schemas, each) for each in Choices]
            (needed if is_needed else others).append(_declared(BODY, types, is_needed))
        yield from (*needed, *others)

    def _docstring(self, operation: Operation) -> str:
        node = self._schemas.node(self._compiled.operation(operation.pointer).pointer)
        node = node if isinstance(node, dict) else {}
        name = plain(f"{operation.method} {operation.path}", MAX_SUMMARY)
        summary = _text(node.get("summary"))
        parts = list(paragraphs(str(node.get("description") or "")))
        if parts and (parts[0].rstrip(".") == summary.rstrip(".") or not summary):
            summary = parts.pop(0) if len(parts[0]) <= MAX_SUMMARY else ""
        lines = [f"{INDENT}{each}" for each in self._responses(operation)]
        responses = ["\n".join(["Responses:", *lines])] if lines else []
        return docstring(summary or f"{name}.", [*parts, *([name] if summary else []), *responses])

    def _responses(self, operation: Operation) -> Iterator[str]:
        pointer = self._compiled.operation(operation.pointer).pointer
        for answer in operation.answers:
            node = self._schemas.node(self._schemas.followed(f"{pointer}/responses/{answer.status}"))
            text = _text(node.get("description")) if isinstance(node, dict) else ""
            yield f"{answer.status}: {text}" if text else answer.status

    def module(self, name: str, signatures: Iterable[Signature]) -> str:
        """Return a new module with the functions of some operations."""
        found = list(signatures)
        functions = [self.function(each) for each in found]
        title = docstring(_title(name, found), (), "")
        return "\n\n".join([f"{title}\n{written_imports(names_used(functions))}", *functions])


def _declared(name: str, types: list[str], is_needed: bool) -> str:
    """Return a parameter with its type, the first of some spellings that fits a line."""
    written = [f"{name}: {each}" if is_needed else f"{name}: {optional(each)} = None" for each in types]
    fitting = (each for each in written if max(map(len, f"{INDENT}{each},".split("\n"))) <= WIDTH)
    return next(fitting, written[-1])


def _text(value: Json) -> str:
    return plain(value, MAX_SUMMARY) if isinstance(value, str) else ""


def _title(module: str, signatures: list[Signature]) -> str:
    if module == DEFAULT_MODULE and any(each.operation.tag is None for each in signatures):
        return "Handlers of the operations without a tag."
    tag = plain(str(signatures[0].operation.tag), MAX_SUMMARY) if signatures else module
    return f"Handlers of the operations tagged {literal(tag)}."
