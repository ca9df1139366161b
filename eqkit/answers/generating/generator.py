"""Values of the schemas of a contract, each validated before it is handed out."""

import hashlib

from eqkit.answers.generating.attempts import MAX_VALUES, Attempt, Manner
from eqkit.answers.generating.failures import CannotGenerate, OutOfBounds, Unfit
from eqkit.answers.generating.origins import Origin
from eqkit.answers.generating.places import ABSENT, Place
from eqkit.answers.generating.plans import Plans
from eqkit.answers.generating.texts.local import Texts
from eqkit.contract.document import Json
from eqkit.contract.messages.directed import DirectedSchemas

_MANNERS = (
    Manner(),
    Manner(is_strict=True),
    Manner(is_strict=True, has_echo=False),
    Manner(is_strict=True, has_echo=False, has_examples=False, fullness=0.6),
    Manner(is_strict=True, has_echo=False, has_examples=False, fullness=0),
    Manner(is_strict=True, has_echo=False, has_examples=False, fullness=0.3),
    Manner(is_strict=True, has_echo=False, has_examples=False),
    *[Manner(is_strict=True, has_echo=False, has_examples=False, fullness=0.5, is_free=True)] * 5,
)
"""The ways in which a value is tried, one after the other."""

_TRIALS = 2
"""How many values are made to learn whether the first manner is worth a try."""


class Generator:
    """Makes values that are valid by the schemas of requests, or by those of responses."""

    def __init__(self, schemas: DirectedSchemas, texts: Texts | None = None) -> None:
        """Take the schemas of one direction, and texts of a locale; plans for schemas are kept."""
        self._texts = texts
        self._schemas = schemas
        self._plans = Plans(schemas.translation, schemas.direction)
        self._roots: dict[str, Origin] = {}
        self._first_manners: dict[str, int] = {}

    def value(self, pointer: str, seed: bytes | str | int, *, echo: Json = None, name: str = "") -> Json:
        """Return a value that is valid by the schema at a JSON pointer of the document.

        The same seed gives the same value on any machine. `echo` is the document of the request: its members
        are taken over where names agree and the schema accepts them. `name` is the name of the value, of a
        parameter or a header, which tells how it is to look. Raises CannotGenerate.
        """
        root = self._root(pointer)
        validator = self._schemas.validator(pointer)
        fault: Unfit | OutOfBounds | None = None
        reason = ""
        spent = 0
        place = Place(name, echo=ABSENT if echo is None else echo)
        for number in range(self._first_manner(pointer, root), len(_MANNERS)):
            manner = _MANNERS[number]
            attempt = Attempt(_number(seed, pointer, number), manner, self._texts)
            try:
                plan = self._plans.plan([root], is_strict=manner.is_strict)
                value = plan.make(attempt, place if manner.has_echo else place._replace(echo=ABSENT))
            except Unfit as error:
                fault = error
                continue
            except OutOfBounds as error:
                fault = error
                spent += attempt.made
                if spent > MAX_VALUES:
                    break
                continue
            except RecursionError:
                fault = OutOfBounds(root.location, "")
                break
            if validator.is_valid(value):
                return value
            wrong = validator.check(value)[0]
            reason = f"No value was found for {pointer} that is valid by `{wrong.kind}`, at {wrong.pointer}."
        raise CannotGenerate(reason if fault is None else self._reason(pointer, fault))

    def _root(self, pointer: str) -> Origin:
        if pointer not in self._roots:
            try:
                self._roots[pointer] = self._plans.origins.root(pointer)
            except KeyError as error:
                raise CannotGenerate(f"There is no schema at {pointer}.") from error
        return self._roots[pointer]

    def _first_manner(self, pointer: str, root: Origin) -> int:
        """Return the number of the first manner that is worth a try.

        It follows from the schema alone: a value must not hang on the values that were made before it.
        """
        if pointer not in self._first_manners:
            plan = self._plans.plan([root], is_strict=False)
            accepts = self._schemas.validator(pointer).is_valid
            self._first_manners[pointer] = 0
            try:
                values = [plan.make(Attempt(seed, _MANNERS[0]), Place()) for seed in range(_TRIALS)]
                self._first_manners[pointer] = 0 if all(map(accepts, values)) else 1
            except (Unfit, OutOfBounds, RecursionError):
                self._first_manners[pointer] = 1
        return self._first_manners[pointer]

    def _reason(self, pointer: str, fault: Unfit | OutOfBounds) -> str:
        at = self._plans.origins.source(fault.location) if fault.location else pointer
        keyword = f" by `{fault.keyword}`" if fault.keyword else ""
        if isinstance(fault, OutOfBounds):
            return f"A value for {pointer} is out of bounds{keyword}, at {at}."
        return f"The schema at {at} admits no value{keyword}, which {pointer} needs."


def _number(seed: bytes | str | int, pointer: str, number: int) -> int:
    """Return the seed of an attempt."""
    given = seed if isinstance(seed, bytes) else str(seed).encode("utf-8", "surrogatepass")
    kind = b"b" if isinstance(seed, bytes) else b"s" if isinstance(seed, str) else b"i"
    text = b"\0".join((kind, str(number).encode(), pointer.encode("utf-8", "surrogatepass"), given))
    return int.from_bytes(hashlib.blake2b(text, digest_size=16).digest(), "big")
