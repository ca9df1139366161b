"""The fillers of texts, numbers and flags, and of values of which a contract says nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from eqkit.answers.error_shapes.candidates import MAKERS, STEPS_ALONE, Hints, Maker, always, enumerated
from eqkit.answers.error_shapes.codes import spelling_of
from eqkit.answers.error_shapes.fillers import OMIT, ByField, Constant, Each, Filler, Freely, Leaf
from eqkit.answers.error_shapes.names import SENTENCES, Role, plain
from eqkit.answers.error_shapes.problems import problem_item
from eqkit.answers.error_shapes.reports import Report
from eqkit.answers.error_shapes.views import View
from eqkit.contract.document import Json, pointer_parts
from eqkit.contract.messages.directed import DirectedSchemas

_TYPES = ("integer", "string", "boolean")
_SENTENCES = frozenset((Role.TEXT, Role.ERRORS, Role.WRAPPER))
_LISTS = frozenset((Role.TEXT, Role.FIELD))

MakeValue = Callable[[tuple[str, ...]], Json]
"""Returns a value that schemas accept, made of nothing but them; OMIT if none is found."""


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of a value in the document of an error."""

    depth: int = 0
    is_item: bool = False
    """Whether the value is of one error of a list."""
    is_problem: bool = False
    within: tuple[str, ...] = ()
    """The schemas of the objects around it."""

    def below(self, view: View, *, is_item: bool = False) -> "Context":
        """Return the surroundings of a value within another."""
        is_item = self.is_item or is_item
        return replace(self, depth=self.depth + 1, is_item=is_item, within=self.within + view.pointers)


class Leaves:
    """Makes the fillers of values that are neither objects nor lists of them."""

    def __init__(
        self, schemas: DirectedSchemas, make_value: MakeValue, make_document: Callable[[Report], Json]
    ) -> None:
        """Take the schemas, and the makers of values for schemas, and of documents without any."""
        self._schemas = schemas
        self._make_value = make_value
        self._make_document = make_document

    def accepts(self, pointers: tuple[str, ...]) -> Callable[[Json], bool]:
        """Return the function that tells whether schemas all accept a value."""
        several = [self._schemas.validator(each).is_valid for each in pointers]
        if len(several) == 1:
            return several[0]
        return lambda value: all(is_valid(value) for is_valid in several)

    def constant(self, pointers: tuple[str, ...]) -> Constant | None:
        """Return a value that has to be there and says nothing: null or empty if possible."""
        accepts = self.accepts(pointers)
        empty: tuple[Json, ...] = (None, [], {})
        value = next((each for each in empty if accepts(each)), OMIT)
        if value is OMIT:
            value = self._make_value(pointers)
        return None if value is OMIT else Constant(value)

    def leaf(self, view: View, role: Role | None, context: Context, *, is_required: bool) -> Filler | None:
        """Return the filler of a text, number or flag, or of a list of them; None for one without a part."""
        kind, maker = _maker(view, role)
        if maker is None:
            return None
        is_oauth = role is Role.CODE and self._is_oauth(view)
        is_bound = view.is_bound or bool(view.items)
        otherwise = OMIT
        if is_required and is_bound:
            constant = self.constant(view.pointers)
            otherwise = OMIT if constant is None else constant.value
        elif is_required and "null" in view.kinds:
            otherwise = None
        has_text = role in _SENTENCES and view.values is None
        spelling = spelling_of(view.examples)
        if role is not None and is_required and view.values is None and kind == "string":
            maker = always(role, maker)
        hints = Hints(view.examples, spelling, view.max_length, context.is_problem, is_oauth)
        return Leaf(
            _candidates(maker, hints),
            self.accepts(view.pointers) if is_bound else None,
            otherwise,
            has_text=has_text,
            has_list=has_text and kind == "array",
            weight=0 if role is None else 3 if has_text else 1,
        )

    def _is_oauth(self, view: View) -> bool:
        """Return whether a member is the `error` of OAuth, beside an `error_description` (RFC 6749 5.2)."""
        above, _, name = view.pointers[0].rpartition("/")
        return name == "error" and self._schemas.node(f"{above}/error_description") is not None

    def free(self, view: View, role: Role | None, context: Context) -> Filler | None:
        """Return the filler of a value, or of an object, of which a contract says nothing."""
        if context.depth == 0:
            return Freely(self._make_document, has_list=True)
        if context.is_item and role is Role.TEXT:
            return Freely(_item_document)
        if not view.is_stated and role in (Role.TEXT, Role.WRAPPER):
            return Leaf(_candidates(MAKERS[Role.TEXT, "string"], Hints()), None, has_text=True, weight=3)
        if role is Role.ERRORS and view.is_stated and "array" not in view.kinds:
            return ByField(Leaf(_candidates(MAKERS[Role.TEXT, "array"], Hints()), None, has_text=True))
        if role is Role.ERRORS:
            return Each(Freely(_item_document), view.max_items, is_placed=True)
        # An object beside the sentence, such as `details`, is for more than a sentence.
        is_wrapper = role is Role.WRAPPER and plain(pointer_parts(view.pointers[0])[-1]) not in SENTENCES
        return Freely(_brief_document) if is_wrapper else None

    def free_list(self, view: View, role: Role | None, context: Context) -> Filler | None:
        """Return the filler of a list of which a contract says nothing but that it is one."""
        if role in _LISTS:
            return self.leaf(view, role, context, is_required=True)
        is_listing = role in (Role.ERRORS, Role.WRAPPER) or context.depth == 0
        return Each(Freely(_item_document), view.max_items, is_placed=True) if is_listing else None

    def undeclared(self, role: Role | None) -> Filler:
        """Return the filler of a required member of which no schema speaks."""
        maker = MAKERS.get((role, "string")) if role is not None else None
        if maker is None:
            return Constant(None)
        return Leaf(_candidates(maker, Hints()), None, None, has_text=role is Role.TEXT)

    def discriminating(self, view: View, name: str, pointers: tuple[str, ...]) -> Filler | None:
        """Return the filler of the member by which a discriminator names the schema of its object.

        It is the name of the schema, or that which `mapping` has for it (OpenAPI 3.0.4, "Discriminator").
        """
        names: list[str] = []
        for member, holder, mapping in view.discriminators:
            if member == name:
                names += [
                    key
                    for key, target in mapping.items()
                    if isinstance(target, str) and _is_part(target, view.parts)
                ]
                parts = [*(each for each in view.parts if each != holder), holder]
                names += [pointer_parts(each)[-1] for each in parts if _is_component(each)]
        return Leaf(lambda report: names, self.accepts(pointers)) if names else None


def _candidates(maker: Maker, hints: Hints) -> Callable[[Report], Iterable[Json]]:
    return lambda report: maker(report, hints)


def _item_document(report: Report) -> Json:
    return problem_item(report.first)


def _brief_document(report: Report) -> Json:
    return {"code": report.first.code.slug, "message": report.sentence}


def _is_component(pointer: str) -> bool:
    return pointer.startswith("/components/schemas/") and pointer.count("/") == 3


def _is_part(target: str, parts: list[str]) -> bool:
    return target.removeprefix("#") in parts or f"/components/schemas/{target}" in parts


def _maker(view: View, role: Role | None) -> tuple[str, Maker | None]:
    """Return the type of a leaf, and the maker of its candidates; None if there is no part for it."""
    kinds = view.kinds
    if view.values is not None:
        kind = next((each for each in _TYPES if each in kinds), "")
        return kind, enumerated(view.values, role, kind)
    if role is None:
        return "", None
    if role is Role.STEPS and "array" in kinds:
        name = plain(pointer_parts(view.pointers[0])[-1])
        return "array", MAKERS[role, "array"] if name in ("loc", "location") else STEPS_ALONE
    preferred = ("array", "string") if role in _LISTS else _TYPES
    found = (each for each in preferred if each in kinds and (role, each) in MAKERS)
    kind = next(found, "")
    return kind, MAKERS.get((role, kind))
