"""The schema of an error answer compiled into a filler, by the names and types of its members."""

from dataclasses import replace

from eqkit.answers.error_shapes.fillers import OMIT, ByField, Constant, Each, Extent, Filler, Members
from eqkit.answers.error_shapes.leaves import Context, Leaves
from eqkit.answers.error_shapes.names import SENTENCES, Role, plain
from eqkit.answers.error_shapes.reports import Report
from eqkit.answers.error_shapes.roles import PLACES, Member, role_of
from eqkit.answers.error_shapes.views import Choice, View, view_of
from eqkit.contract.document import pointer_parts
from eqkit.contract.messages.directed import DirectedSchemas

MAX_STEPS = 20_000
"""How many steps one shape takes; the schema of an error may lead to all others, in any number of ways."""

_STEPS_OF_ALTERNATIVE, _STEPS_OF_CONSTANT = 50, 200
"""The steps of trying an alternative and of making a value, by their time: one is some microseconds."""

MAX_DEPTH = 10
"""How deep members are filled."""

_LISTS = frozenset((Role.ERRORS, Role.TEXT, Role.WRAPPER, Role.FIELD, Role.STEPS))
_NAMED_BY_FIELDS = frozenset((Role.ERRORS, Role.FIELD, Role.WRAPPER, Role.TEXT))

_NO_SENTENCES = frozenset((
    "url", "uri", "href", "link", "links", "docs", "documentation", "documentationurl", "docurl", "moreinfo",
    "help", "helpurl", "timestamp", "time", "date", "datetime", "createdat", "version", "apiversion",
    "method", "host", "hostname", "server", "service", "locale", "lang", "language", "resource", "value",
    "domain", "stack", "stacktrace", "trace", "token", "path", "phrase", "sync", "object",
))  # fmt: skip
"""Plain names of texts that are no sentence about an error."""


_IN_MESSAGES = frozenset(("value", "content", "text", "body", "default", "en", "enus"))
"""Plain names of the sentence in an object that is a localized message."""


class ShapeTooLarge(Exception):
    """The schema of an error takes too many steps to compile."""


class ShapeCompiler:
    """Compiles the schemas of one error document."""

    def __init__(
        self, schemas: DirectedSchemas, leaves: Leaves, sample: Report, *, is_eager: bool = False
    ) -> None:
        """Take the schemas, and a report to try alternatives with.

        One that `is_eager` puts the sentence into the first text that can hold it, of any name.
        """
        self._schemas = schemas
        self._leaves = leaves
        self._sample = sample
        self._is_eager = is_eager
        self._left = MAX_STEPS

    def compiled(
        self,
        pointers: tuple[str, ...],
        role: Role | None,
        context: Context,
        settled: frozenset[str] = frozenset(),
        *,
        is_required: bool = True,
    ) -> Filler | None:
        """Return the filler for schemas that all apply to one value; None if it has no part in an error.

        Choices that are `settled`, by their pointers, have an alternative among the schemas. Raises
        ShapeTooLarge.
        """
        if context.depth > MAX_DEPTH or not set(pointers).isdisjoint(context.within):
            return None
        view = self._view(pointers, settled)
        if view.choices:
            return self._chosen(view.choices[0], view, role, context, settled, is_required=is_required)
        if view.values is None:
            if view.is_free and (free := self._leaves.free(view, role, context)) is not None:
                return free
            if "array" in view.kinds and (found := self._list(view, role, context)) is not None:
                return found
            if "object" in view.kinds and (view.properties or view.others or view.required):
                return self._object(view, role, context)
        return self._leaves.leaf(view, role, context, is_required=is_required)

    def _take_steps(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise ShapeTooLarge

    def _view(self, pointers: tuple[str, ...], settled: frozenset[str] = frozenset()) -> View:
        view = view_of(self._schemas, pointers, settled)
        self._take_steps(len(view.parts) + len(view.properties))
        return view

    def _chosen(
        self,
        choice: Choice,
        view: View,
        role: Role | None,
        context: Context,
        settled: frozenset[str],
        *,
        is_required: bool,
    ) -> Filler | None:
        """Return the filler of the alternative that says most and is accepted with a sample."""
        accepts = self._leaves.accepts(view.pointers)
        report = self._sample.of([self._sample.first]) if context.is_item else self._sample
        is_eager = self._is_eager
        found: list[tuple[tuple[bool, bool, bool, int], Filler, bool]] = []
        for each in choice.alternatives:
            self._take_steps(_STEPS_OF_ALTERNATIVE * len(view.pointers))
            self._is_eager = is_eager
            all_settled = settled | {choice.pointer}
            pointers = (*view.pointers, each)
            filler = self.compiled(pointers, role, context, all_settled, is_required=is_required)
            if filler is not None:
                value = filler.fill(report, Extent.FULL)
                is_right = value is not OMIT and accepts(value)
                score = (is_right, filler.has_text, filler.has_list, filler.weight)
                found.append((score, filler, self._is_eager))
        if not found:
            return None
        _, filler, self._is_eager = max(found, key=lambda each: each[0])
        return filler

    def _list(self, view: View, role: Role | None, context: Context) -> Filler | None:
        """Return the filler of a list, most often with an item for each error."""
        if not view.items:
            return self._leaves.free_list(view, role, context)
        kinds, _ = self._kinds(view.items)
        is_of_objects = "object" in kinds
        if role not in _LISTS and not is_of_objects and context.depth and not self._is_eager:
            return None
        if role in (Role.FIELD, Role.STEPS) and not is_of_objects:
            return self._leaves.leaf(view, role, context, is_required=True)
        item = self.compiled(view.items, Role.TEXT, context.below(view, is_item=True))
        if item is None or not item.weight:
            return None
        return Each(item, view.max_items, isinstance(item, Members) and item.is_placed)

    def _kinds(self, pointers: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
        """Return the types and the formats that schemas allow, those of alternatives included."""
        view = self._view(pointers)
        kinds, formats = view.kinds, {*view.formats}
        for choice in view.choices:
            views = [self._view((each,)) for each in choice.alternatives]
            kinds &= frozenset().union(*(each.kinds for each in views))
            formats.update(*(each.formats for each in views))
        return kinds, frozenset(formats)

    def _object(self, view: View, role: Role | None, context: Context) -> Filler | None:
        """Return the filler of an object by the parts of its members, or by the fields of the errors."""
        if not view.properties and view.others:
            return self._by_field(view, role, context)
        kinds = {name: self._kinds(pointers) for name, pointers in view.properties.items()}
        beside = {plain(name): each for name, (each, _) in kinds.items()}
        is_message = view.pointers and plain(pointer_parts(view.pointers[0])[-1]) in SENTENCES
        roles = {
            name: Role.TEXT
            if is_message and plain(name) in _IN_MESSAGES
            else role_of(name, Member(each, formats, beside, context.is_item))
            for name, (each, formats) in kinds.items()
        }
        is_problem = context.is_problem or Role.TYPE_URI in roles.values()
        below = replace(context.below(view), is_problem=is_problem)
        members = []
        for name, pointers in view.properties.items():
            is_required = name in view.required
            filler = self._member(view, name, pointers, roles[name], below, is_required=is_required)
            if filler is not None:
                optional = Extent.LEAN if filler.has_text else Extent.FULL
                members.append((name, filler, Extent.REQUIRED if is_required else optional))
        members += [
            (name, filler, Extent.REQUIRED)
            for name in view.required
            if name not in view.properties and (filler := self._undeclared(view, name, below)) is not None
        ]
        if context.is_item and any(each.has_text and not each.has_list for _, each, _ in members):
            # One error has no errors of its own: a list of them would say the same again.
            members = [each for each in members if not (each[1].has_list and each[2])]
        return Members(tuple(members), any(roles.get(name) in PLACES for name, _, _ in members))

    def _member(
        self,
        view: View,
        name: str,
        pointers: tuple[str, ...],
        role: Role | None,
        context: Context,
        *,
        is_required: bool,
    ) -> Filler | None:
        """Return the filler of a member; None if it is left out."""
        node = self._view(pointers)
        if node.is_write_only:  # a response leaves it out, though it is required (OpenAPI 3.0.4, "Schema")
            return None
        named = self._leaves.discriminating(view, name, pointers)
        if named is not None:
            return named
        if role is Role.SOURCE and not node.properties.keys() & {"pointer", "parameter", "header"}:
            role = None
        role = self._eager_role(name, role, node)
        filler = None
        if role is not None or is_required or self._is_eager:
            filler = self.compiled(pointers, role, context, is_required=is_required)
        if filler is not None and (filler.weight or is_required):
            return filler
        if not is_required:
            return None
        self._take_steps(_STEPS_OF_CONSTANT * len(pointers))
        return self._leaves.constant(pointers)

    def _eager_role(self, name: str, role: Role | None, view: View) -> Role | None:
        """Return the part of a sentence for the first text that can hold one and has no other part."""
        if not self._is_eager or "string" not in view.kinds or view.is_bound or view.values is not None:
            return role
        if role in (Role.TITLE, Role.PHRASE) or (role is None and plain(name) not in _NO_SENTENCES):
            self._is_eager = False
            return Role.TEXT
        return role

    def _undeclared(self, view: View, name: str, context: Context) -> Filler | None:
        """Return the filler of a required member that no `properties` has."""
        role = role_of(name, Member(frozenset(("string",)), is_item=context.is_item))
        if view.others:
            return self._member(view, name, view.others, role, context, is_required=True)
        return self._leaves.undeclared(role)

    def _by_field(self, view: View, role: Role | None, context: Context) -> Filler | None:
        """Return the filler of an object of which the names of members are those of fields."""
        if role not in _NAMED_BY_FIELDS and context.depth:
            return None
        value = self.compiled(view.others, Role.TEXT, context.below(view, is_item=True))
        return None if value is None or isinstance(value, Constant) else ByField(value)
