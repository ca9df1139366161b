"""The example of a contract that fits a request best."""

from collections.abc import Collection
from functools import cached_property

from eqkit.answers.directed_values import of_direction
from eqkit.answers.examples import Example, examples_of
from eqkit.contract.decoding.texts import Malformed
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.parameters import CompiledParameter
from eqkit.contract.operations import Operation
from eqkit.errors import Code, api_error
from eqkit.web.contracts.requests import ContractRequest
from eqkit.web.messages.context import RequestContext


class ExampleChoice:
    """Chooses among the examples of the responses of one operation."""

    def __init__(self, operation: Operation, compiled: CompiledContract) -> None:
        """Take an operation of a contract."""
        self._operation = operation
        self._compiled = compiled.operation(operation.pointer)
        self._schemas, self._requests = compiled.responses, compiled.requests
        self._examples: dict[str, list[Example]] = {}
        self._valid_examples: dict[str, list[Example]] = {}

    def names(self, media_types: Collection[MediaType]) -> list[str]:
        """Return the names of the examples of some media types."""
        names = (each.name for media_type in media_types for each in self._all(media_type))
        return [name for name in dict.fromkeys(names) if name]

    def chosen(self, media_type: MediaType, name: str, context: RequestContext) -> Example | None:
        """Return the example to answer with: by its name, by that of the request's own, else the first.

        Those that are not valid are passed over; raises ApiError (501) for one that was asked for by name.
        """
        examples = self._all(media_type)
        if name:
            named = next((each for each in examples if each.name == name), None)
            if named is not None:
                self._require_valid(media_type, named)
            return named
        valid = self._valid_examples.get(media_type.pointer)
        if valid is None:
            valid = [each for each in examples if self._is_valid(media_type, each)]
            self._valid_examples[media_type.pointer] = valid
        if len(valid) < 2:
            return next(iter(valid), None)
        return next((each for each in valid if each.name and self._is_sent(each.name, context)), valid[0])

    def _all(self, media_type: MediaType) -> list[Example]:
        found = self._examples.get(media_type.pointer)
        if found is None:
            read = (self._read(media_type, each) for each in examples_of(self._schemas, media_type.pointer))
            found = [self._answered(media_type, each) for each in read]
            self._examples[media_type.pointer] = found
        return found

    def _read(self, media_type: MediaType, example: Example) -> Example:
        """Return an example; one of JSON that is a text is read, where only its value is valid."""
        if (
            not isinstance(example.value, str)
            or not _is_json(media_type)
            or self._is_valid(media_type, example)
        ):
            return example
        try:
            read = Example(example.name, json_of(example.value.encode("utf-8", "replace")))
        except NotJson:
            return example
        return read if self._is_valid(media_type, read) else example

    def _answered(self, media_type: MediaType, example: Example) -> Example:
        """Return an example without the members that are for requests alone (`writeOnly`)."""
        if media_type.schema is None:
            return example
        value = of_direction(self._schemas, media_type.schema, example.value)
        return example if value is example.value else example._replace(value=value)

    def _is_valid(self, media_type: MediaType, example: Example) -> bool:
        is_text = isinstance(example.value, str) and not _is_json(media_type)
        return media_type.schema is None or is_text or self._schemas.accepts(media_type.schema, example.value)

    def _require_valid(self, media_type: MediaType, example: Example) -> None:
        if self._is_valid(media_type, example) or media_type.schema is None:
            return
        found = self._schemas.validator(media_type.schema).check(example.value)
        why = found[0].message if found else "it violates its schema."
        raise api_error(
            Code.CANNOT_ANSWER, f'The example "{example.name}" of the contract is not valid: {why}'
        )

    @cached_property
    def _of_bodies(self) -> list[Example]:
        """The examples of the bodies of requests, of whatever media type."""
        content = self._operation.body_media_type and self._compiled.body[2].media_types.values()
        return [
            each for media_type in content or () for each in examples_of(self._requests, media_type.pointer)
        ]

    @cached_property
    def _of_parameters(self) -> list[tuple[CompiledParameter, Example]]:
        """The examples of the parameters, each with its parameter."""
        return [
            (parameter, each)
            for parameter in self._compiled.parameters
            for each in examples_of(self._requests, parameter.pointer)
        ]

    def _is_sent(self, name: str, context: RequestContext) -> bool:
        """Return whether a request is the example of that name: by its body, or by all its parameters."""
        if context.document is not None:
            body = next((each for each in self._of_bodies if each.name == name), None)
            if body is not None:
                return bool(body.value == context.document)
        alike = [
            self._is_value(parameter, each.value, context)
            for parameter, each in self._of_parameters
            if each.name == name
        ]
        return bool(alike) and all(alike)

    def _is_value(self, parameter: CompiledParameter, value: Json, context: RequestContext) -> bool:
        sent = parameter.sent(ContractRequest(context), context.raw_parameters)
        try:
            return bool(sent) and value in parameter.values(sent)
        except (Malformed, NotJson):
            return False


def _is_json(media_type: MediaType) -> bool:
    return is_json(media_type.name) or media_type.name.strip() in ("*/*", "application/*")
