"""Texts that have a pattern, a format, a length, and the looks of their name."""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from eqkit.answers.generating.attempts import Attempt, Manner
from eqkit.answers.generating.failures import OutOfBounds, Unfit
from eqkit.answers.generating.origins import Origin
from eqkit.answers.generating.places import Place
from eqkit.answers.generating.texts import words
from eqkit.answers.generating.texts.formats import texts_of_format
from eqkit.answers.generating.texts.joints import begun_by, ended_by, written_over
from eqkit.answers.generating.texts.names import sentence, text_for
from eqkit.answers.generating.texts.patterns import Pattern, pattern_of
from eqkit.contract.document import Json

MAX_LENGTH = 100_000
"""The most characters that a text is given."""

_FACETS = ("pattern", "format", "minLength", "maxLength", "x-max-bytes")
_PATTERN_TRIES = 24


class StringMaker:
    """Makes the texts of one conjunction."""

    def __init__(
        self, conjuncts: Sequence[Origin], validate: Callable[[Sequence[Origin]], Callable[[Json], bool]]
    ) -> None:
        """Take the schemas, and a way to compile them."""
        schemas = [each.schema for each in conjuncts]
        self._location = conjuncts[0].location if conjuncts else ""
        self._min_length = max((int(each.get("minLength", 0)) for each in schemas), default=0)
        max_length = [
            int(each[name]) for each in schemas for name in ("maxLength", "x-max-bytes") if name in each
        ]
        self._max_length: int | None = min(max_length, default=None)
        self._formats = [each["format"] for each in schemas if isinstance(each.get("format"), str)]
        self._patterns = [*dict.fromkeys(each["pattern"] for each in schemas if "pattern" in each)]
        self._encoding = next(
            (each["contentEncoding"] for each in schemas if "contentEncoding" in each), None
        )
        media_type = next((each["contentMediaType"] for each in schemas if "contentMediaType" in each), "")
        self._has_json = self._encoding is None and "json" in str(media_type)
        facets: list[dict[str, Any]] = [
            {name: each[name] for name in _FACETS if name in each} for each in schemas
        ]
        bound = [each.made(part) for each, part in zip(conjuncts, facets, strict=True) if part]
        self._accepts = validate(bound) if bound else None

    @functools.cached_property
    def is_possible(self) -> bool:
        """Whether the lengths allow of any text, and one was found that has the patterns and formats."""
        if (self._patterns or self._formats) and self._min_length <= MAX_LENGTH:
            try:
                self.make(Attempt(0, Manner()), Place())
            except Unfit:
                return False
        return self._max_length is None or self._min_length <= self._max_length

    def make(self, attempt: Attempt, place: Place) -> str:
        """Return a text; raises Unfit where none was found, and OutOfBounds for one that is too long."""
        if self._min_length > MAX_LENGTH:
            raise OutOfBounds(self._location, "minLength")
        attempt.count_characters(self._min_length, self._location)
        for text in self._candidates(attempt, place):
            if self._accepts is None or self._accepts(text):
                return text
        raise Unfit(self._location, self.fault)

    @property
    def fault(self) -> str:
        """The keyword that is at fault where no text is found."""
        if self._max_length is not None and self._min_length > self._max_length:
            return "minLength"
        return "pattern" if self._patterns else "format" if self._formats else "maxLength"

    def _candidates(self, attempt: Attempt, place: Place) -> Iterator[str]:
        """Yield texts, those that look best first."""
        is_bare = not (self._formats or self._patterns or self._encoding)
        formatted = [
            text
            for name in self._formats
            for text in texts_of_format(name, place.name, self._min_length, self._max_length, attempt)
        ]
        yield from formatted
        if self._encoding in ("base64", "base64url"):
            yield from texts_of_format("byte", place.name, self._min_length, self._max_length, attempt)
        if self._has_json:
            yield f'{{"{attempt.pick(words.KEYS)}":"{attempt.pick(words.KEYS)}"}}'
        natural = text_for(place.name, place.holder, attempt)
        if not self._formats or is_bare:
            yield natural
        if is_bare or not self._patterns:
            yield self._fitted(natural, attempt)
        patterns = [pattern_of(text) for text in self._patterns]
        for pattern in patterns:
            for tried in range(_PATTERN_TRIES):
                yield from self._matching(pattern, tried, formatted or [natural], attempt)
        if len(patterns) > 1:
            yield from self._together(patterns, attempt)

    def _matching(
        self, pattern: Pattern, tried: int, natural: Sequence[str], attempt: Attempt
    ) -> Iterator[str]:
        """Yield texts that match a pattern: as the beginning or the end of a natural one, and by itself.

        ``@acme.com`` is the end of an email. By itself, a text is filled up to the length that is wanted.
        """
        text = pattern.make(attempt, self._min_length, self._max_length, tried)
        if text is None:
            return
        for other in natural if text and (self._formats or not tried) else ():
            yield from begun_by(other, text)
            yield from ended_by(other, text)
        yield text
        if len(text) < self._min_length:
            filling = (pattern.filler * self._min_length)[: self._min_length - len(text)]
            yield text + filling
            yield filling + text
        for other in natural if self._formats else ():
            yield from written_over(other, text)

    def _together(self, patterns: Sequence[Pattern], attempt: Attempt) -> Iterator[str]:
        """Yield texts of one pattern, with the texts of the others written over it or behind it.

        A rule for passwords is most often written so: one pattern for each kind of character.
        """
        for tried in range(_PATTERN_TRIES):
            at = tried % len(patterns)
            base = patterns[at].make(attempt, self._min_length, self._max_length, tried) or ""
            others = [each.make(attempt, 0, None, 0) or "" for each in [*patterns[:at], *patterns[at + 1 :]]]
            filler = patterns[at].filler
            joined = "".join([base, *others])
            yield joined.ljust(self._min_length, filler)
            yield from written_over(base.ljust(self._min_length, filler), "".join(others))

    def _fitted(self, text: str, attempt: Attempt) -> str:
        """Return a text made longer or shorter."""
        if len(text) < self._min_length:
            more = sentence(attempt)
            text = (f"{text} " + f"{more} " * (self._min_length // len(more) + 1))[
                : self._min_length
            ].rstrip()
            text = text.ljust(self._min_length, "a")
        if self._max_length is not None and len(text) > self._max_length:
            text = text[: self._max_length].rstrip().ljust(self._min_length, "a")
        return text
