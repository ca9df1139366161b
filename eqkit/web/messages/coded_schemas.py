"""Violations of schemas as the errors of an answer, by the codes that the contract gives its rules."""

from collections.abc import Callable
from itertools import islice

from eqkit.contract.document import Json
from eqkit.contract.loading.number_keys import Path
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.schemas.validators import SchemaValidator
from eqkit.contract.schemas.violations import MAX_VALUE, Violation, unknown_member
from eqkit.errors import CODES, MAX_ERRORS, Code, ContractError, ErrorObject
from eqkit.web.messages.memo import Memo

_CODES = {
    "required": Code.MISSING_MEMBER,
    "type": Code.WRONG_TYPE,
    "additionalProperties": Code.UNKNOWN_ATTRIBUTE,
}

KEPT_ERRORS = 256
"""The number of errors that a schema remembers, before all are forgotten."""

LONGEST_KEPT = 200
"""The characters of the path to a value whose errors are remembered: names may be as long as a body."""

_EXACT = (int, bool, type(None))
"""Beside short texts, the types whose equal values read alike, as 0.0 and -0.0 do not."""


class CodedSchema:
    """One schema of a contract; `accepts` is the fast question, `errors` the thorough one.

    ``x-error-codes`` of a schema maps a keyword to the code of breaking it. ``x-max-bytes`` bounds a string
    by its UTF-8 (ruling B3), for which JSON Schema has no word; `accepts` does not look at it.
    """

    def __init__(self, validator: SchemaValidator, *, otherwise: Code = Code.WRONG_TYPE) -> None:
        """Take a compiled schema; `otherwise` is the code of a keyword for which the schema names none."""
        self._validator = validator
        self._otherwise = otherwise
        self._known: Memo[tuple[object, ...], ErrorObject] = Memo(KEPT_ERRORS)
        """Errors of short values: a client that makes a mistake makes it again."""
        self.accepts: Callable[[Json], bool] = validator.accepts
        self.clip = validator.clip

    def errors(self, value: Json, *, is_long: bool = False) -> list[ErrorObject]:
        """Return the errors of a value, in the order of the document, up to MAX_ERRORS (ruling B9).

        Each code once at a place; but of several missing members, each.
        """
        found: dict[tuple[Path, Code, str | None], Violation] = {}
        for each in self._validator.violations(value, limit=2 * MAX_ERRORS, is_long=is_long):
            # The last one of a code: `x-max-bytes`, which is exact, comes after `maxLength`.
            found[each.path, self._code(each), each.missing] = each
        return [self._error(code, each) for (_, code, _), each in islice(found.items(), MAX_ERRORS)]

    def _error(self, code: Code, violation: Violation) -> ErrorObject:
        """Return the error of a violation, which all values have in common that are equal and of one type."""
        rule, value, path, missing, is_name, _ = violation
        if missing is not None:
            value = None
        if not (isinstance(value, str) and len(value) <= MAX_VALUE) and type(value) not in _EXACT:
            return _error(code, violation)
        key = code, rule.pointer, type(value), value, path, missing, is_name
        error = self._known.get(key)
        if error is None:
            error = _error(code, violation)
            if sum(len(str(part)) for part in path) <= LONGEST_KEPT:
                self._known[key] = error
        return error

    def _code(self, violation: Violation) -> Code:
        slug = violation.rule.schema.get("x-error-codes", {}).get(violation.rule.kind)
        return CODES[slug] if slug else _CODES.get(violation.rule.kind, self._otherwise)


def coded_schema(compiled: CompiledContract, pointer: str, otherwise: Code = Code.WRONG_TYPE) -> CodedSchema:
    """Compile the schema at a pointer, for requests; raises ContractError for a contract with a broken one.

    A server could not keep a rule that it cannot read, nor validate without any.
    """
    if not pointer:
        raise ContractError("a body or parameter has no schema, and a server needs one to validate it")
    validator = compiled.requests.validator(pointer)
    for broken, reason in compiled.broken.items():
        raise ContractError(f"{broken}: {reason}")
    assert isinstance(validator, SchemaValidator), "a schema that does not compile is among the broken"
    return CodedSchema(validator, otherwise=otherwise)


def _error(code: Code, violation: Violation) -> ErrorObject:
    if code is Code.UNKNOWN_ATTRIBUTE:
        known = violation.rule.schema.get("properties", {})
        detail = unknown_member(str(violation.path[-1]), known, "attribute")
    else:
        detail = violation.message
    return ErrorObject(code, detail, violation.instance_pointer)
