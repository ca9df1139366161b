"""The rules of changes: the severity of each, its meaning and the advice about it."""

import re
from typing import NamedTuple

from eqkit.checks.diff.schemas.nodes import Direction, Way
from eqkit.checks.findings import Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

KEEP = "Keep the old form beside the new one, or make it a new major version."
TELL = "Tell those who use it; nothing breaks by itself."
LEARN = "Every server has to learn it; clients are safe."


class Rule(NamedTuple):
    """A kind of change: its severity, its meaning to users of the API, and the advice about it."""

    severity: Severity
    meaning: str
    advice: str | None = None


RULES: dict[str, Rule] = {
    "operation-removed": Rule(ERROR, "a method of a path is gone; the names of path parameters do not count",
        "Deprecate it first, with `x-sunset`, or make it a new major version."),
    "operation-removed-deprecated": Rule(WARNING, "a method that was deprecated is gone",
        "Make sure that its `x-sunset` is past; `--as-of` DATE compares it with a day."),
    "operation-removed-early": Rule(ERROR, "a method is gone before its `x-sunset`, by `--as-of`",
        "Keep it until the day that was announced."),
    "operation-added": Rule(NOTE, "a method is new", LEARN),
    "operation-id-renamed": Rule(ERROR, "the operationId is another: a method of generated clients",
        "Keep the operationId, or make it a new major version."),
    "operation-id-added": Rule(NOTE, "an operation has an operationId now"),
    "deprecated": Rule(NOTE, "an operation or a parameter is deprecated", TELL),
    "reactivated": Rule(NOTE, "an operation or a parameter is no longer deprecated"),
    "sunset-set": Rule(WARNING, "`x-sunset` says for the first time when something stops working",
        "Tell those who use it, in good time."),
    "sunset-earlier": Rule(WARNING, "`x-sunset` is an earlier day", "Keep the day that was announced."),
    "sunset-later": Rule(NOTE, "`x-sunset` is a later day"),
    "sunset-removed": Rule(WARNING, "something is still deprecated, and its `x-sunset` is gone",
        "Say until when it works."),
    "sunset-invalid": Rule(WARNING, "`x-sunset` is no date", "Write it as 2030-12-31."),
    "stability-lower": Rule(WARNING, "`x-stability-level` is lower: stable, beta, alpha, draft",
        "Keep the level that was promised."),
    "stability-higher": Rule(NOTE, "`x-stability-level` is higher"),
    "stability-invalid": Rule(WARNING, "`x-stability-level` is none of stable, beta, alpha and draft",
        "Write one of them."),
    "security-changed": Rule(ERROR, "credentials that were good are no longer enough",
        "Keep the old alternative in `security`."),
    "security-added": Rule(NOTE, "there is another way to authenticate", LEARN),
    "security-removed": Rule(NOTE, "fewer credentials are asked for, or none", "Make sure that it is meant."),
    "oauth-flow-removed": Rule(ERROR, "a flow of OAuth is gone, and no token can be had by it", KEEP),
    "oauth-flow-added": Rule(NOTE, "there is another flow of OAuth", LEARN),
    "oauth-url-changed": Rule(WARNING, "an address of a flow of OAuth is another",
        "Keep the old address at work, or tell those who use it."),
    "oauth-scope-removed": Rule(WARNING, "a flow of OAuth no longer offers a scope",
        "Make sure that no token is asked for with it."),
    "oauth-scope-added": Rule(NOTE, "a flow of OAuth offers another scope"),
    "server-removed": Rule(ERROR, "an address is gone; each value of a variable with an `enum` makes one",
        "Keep the address, or make it a new major version."),
    "server-path-changed": Rule(ERROR, "the paths begin elsewhere on the same host",
        "Serve both, or make it a new major version."),
    "server-added": Rule(NOTE, "an address is new"),
    "parameter-required": Rule(ERROR, "a parameter has to be sent now", "Leave it optional, with a default."),
    "parameter-required-with-default": Rule(WARNING, "a parameter with a default has to be sent now",
        "Leave it optional: a default is for requests without it."),
    "parameter-added": Rule(NOTE, "an optional parameter is new", LEARN),
    "parameter-removed": Rule(ERROR, "a parameter is no longer read", KEEP),
    "parameter-moved": Rule(ERROR, "a parameter is sent elsewhere, such as in a header and not in the query",
        "Read it from both places, or make it a new major version."),
    "parameter-style": Rule(ERROR, "`style`, `explode` or the media type of a parameter or header is another "
        "where that changes how it is written, such as `ids=1,2` for `ids=1&ids=2`",
        "Keep the way it is written."),
    "parameter-empty-value-narrower": Rule(ERROR, "`allowEmptyValue` is gone", KEEP),
    "parameter-empty-value-wider": Rule(NOTE, "`allowEmptyValue` is new", LEARN),
    "parameter-reserved-changed": Rule(WARNING, "`allowReserved` is another: characters are escaped or not",
        "Read both forms."),
    "request-body-required": Rule(ERROR, "the body has to be sent now", KEEP),
    "request-body-removed": Rule(ERROR, "the body is no longer read", KEEP),
    "request-body-added": Rule(NOTE, "there is an optional body now", LEARN),
    "media-type-removed": Rule(ERROR, "a media type is no longer read or written", KEEP),
    "media-type-added": Rule(NOTE, "a media type is new", LEARN),
    "media-type-wider": Rule(WARNING, "a response may be of any media type of a range",
        "List the media types that are sent."),
    "encoding-changed": Rule(WARNING, "a part of a form is written otherwise (`encoding`)",
        "Read both forms."),
    "status-removed": Rule(WARNING, "an error status, a range or `default` is no longer answered", TELL),
    "success-status-removed": Rule(ERROR, "a success is no longer answered", KEEP),
    "success-status-changed": Rule(ERROR, "success has another status",
        "Keep the status that clients look for."),
    "success-range-narrower": Rule(WARNING, "success was a range, and is some of its statuses", TELL),
    "success-range-wider": Rule(WARNING, "success may be any status of a range", "List the statuses."),
    "status-added": Rule(NOTE, "a status is new"),
    "response-header-removed": Rule(ERROR, "a header of a response that was always there is gone", KEEP),
    "response-header-optional-removed": Rule(WARNING, "an optional header of a response is gone", KEEP),
    "response-header-optional": Rule(ERROR, "a header of a response may be missing", "Always send it."),
    "response-header-added": Rule(NOTE, "a header of a response is new", LEARN),
    "link-removed": Rule(WARNING, "a link of a response is gone", KEEP),
    "link-changed": Rule(WARNING, "a link of a response leads elsewhere, or with other values", KEEP),
    "link-added": Rule(NOTE, "a link of a response is new"),
    "callback-removed": Rule(ERROR, "a client is no longer called back by this method at this address", KEEP),
    "callback-added": Rule(NOTE, "a client is called back once more", LEARN),
    "webhook-removed": Rule(ERROR, "a webhook is no longer sent", KEEP),
    "webhook-added": Rule(NOTE, "a webhook is new", LEARN),
    "version": Rule(WARNING, "`info.version` is lower than the changes make it", "Set the next version."),
    "reference-unresolved": Rule(NOTE, "references lead nowhere, and are compared by their text alone",
        "Bundle the document, or put the missing files beside it."),
    "ignore-unused": Rule(WARNING, "an entry of the ignore file fits no change", "Remove it, or correct it."),
}  # fmt: skip
"""The rules without the `diff-` before them, of all but schemas, and of callbacks and webhooks as wholes."""

TURNED: dict[str, Rule] = {
    "parameter-removed": Rule(ERROR, "it no longer brings a parameter", KEEP),
    "parameter-optional": Rule(ERROR, "it may come without a parameter", KEEP),
    "parameter-style": Rule(ERROR, "it writes a parameter otherwise", KEEP),
    "parameter-added": Rule(NOTE, "it brings another parameter", LEARN),
    "request-body-removed": Rule(ERROR, "it no longer brings a body", KEEP),
    "request-body-optional": Rule(ERROR, "it may come without a body", KEEP),
    "media-type-removed": Rule(ERROR, "it, or the response to it, no longer has a media type", KEEP),
    "media-type-added": Rule(NOTE, "it, or the response to it, has another media type", LEARN),
    "media-type-wider": Rule(WARNING, "it may be of any media type of a range", "List the media types."),
    "encoding-changed": Rule(
        WARNING, "a part of its form is written otherwise", "Keep the way it is written."
    ),
    "status-removed": Rule(ERROR, "clients may no longer answer with a status", KEEP),
    "status-added": Rule(NOTE, "clients may answer with another status", LEARN),
}
"""The rules of the parts of a callback or a webhook, with `diff-callback-` or `diff-webhook-` before them."""

KEYWORDS: dict[str, str] = {
    "type": "the types; an integer is a number",
    "enum": "the listed values; a `const` is one of them",
    "minimum": "the least number", "exclusive-minimum": "the number below all",
    "maximum": "the most number", "exclusive-maximum": "the number above all",
    "multiple-of": "the step of numbers",
    "min-length": "the least length of a text", "max-length": "the most length of a text",
    "x-max-bytes": "the most bytes of a text",
    "pattern": "the form of a text", "format": "the format of a value",
    "min-items": "the least items", "max-items": "the most items", "unique-items": "whether items are unique",
    "items": "whether there are items beyond those that `prefixItems` lists",
    "min-properties": "the least properties", "max-properties": "the most properties",
    "required": "the properties that have to be there; a `readOnly` one never in a request",
    "required-with-default": "the same, of a property with a default",
    "additional-properties": "whether there are properties that the schema does not name",
    "pattern-properties": "the properties of a form of names",
    "one-of": "the alternatives of `oneOf`", "any-of": "the alternatives of `anyOf`",
    "not": "the values that are refused", "if": "`if`, `then` and `else`",
    "contains": "an item that has to be there", "min-contains": "how many of them at least",
    "max-contains": "how many of them at most",
    "property-names": "the names of properties", "dependent-required": "properties that others ask for",
    "dependent-schemas": "schemas that properties ask for",
    "unevaluated-items": "items that no other keyword has seen",
    "unevaluated-properties": "properties that no other keyword has seen",
    "content-encoding": "the encoding of a text", "content-media-type": "the media type of a text",
    "content-schema": "the schema of the document in a text",
    "x-extensible-enum": "the values of an open list",
    "discriminator": "the values that tell alternatives apart",
    "ref": "a reference that cannot be followed, compared by its text",
    "dynamic-ref": "a dynamic reference, compared by its text",
}  # fmt: skip
"""The keywords of schemas that admit values, as they stand in a rule, and the subject of each."""

OF_REQUESTS: dict[str, Rule] = {
    "property-lost": Rule(WARNING, "an open object lost a property, which is ignored now", KEEP),
    "property-lost-closed": Rule(ERROR, "a closed object lost a property, which is refused now", KEEP),
    "property-added": Rule(NOTE, "an object got an optional property", LEARN),
    "default-changed": Rule(WARNING, "requests without a value mean another one now", "Keep the default."),
    "deprecated-changed": Rule(NOTE, "a property is deprecated", TELL),
    "xml-changed": Rule(WARNING, "a value is written otherwise in XML", "Read both forms."),
    "discriminator-changed": Rule(WARNING, "another property tells the alternatives apart", KEEP),
}
"""The rules of schemas of requests, with `diff-request-` before them, that no keyword and way makes."""

OF_RESPONSES: dict[str, Rule] = {
    "property-lost": Rule(ERROR, "an object lost a property", KEEP),
    "property-lost-closed": Rule(ERROR, "a closed object lost a property", KEEP),
    "property-added": Rule(NOTE, "an object got an optional property"),
    "write-only-wider": Rule(
        WARNING, "a property that was `writeOnly` is sent now", "Make sure that it is no secret."
    ),
    "default-changed": Rule(NOTE, "the default of a value is another"),
    "deprecated-changed": Rule(NOTE, "a property is deprecated", TELL),
    "xml-changed": Rule(WARNING, "a value is written otherwise in XML", "Keep the way it is written."),
    "discriminator-changed": Rule(WARNING, "another property tells the alternatives apart", KEEP),
}
"""The rules of schemas of responses, with `diff-response-` before them, that no keyword and way makes."""

UNEXPECTED = ("type", "enum", "required", "one-of", "any-of")
"""Keywords of a response that clients branch on: a wider one meets them unprepared."""

EFFECTS = {ERROR: "It breaks clients.", WARNING: "It may break clients."}
"""The first sentence of the advice on a change."""

ADVICE = {
    ERROR: KEEP,
    WARNING: "Tell those who rely on it.",
    NOTE: None,
}


def rule_of(direction: Direction, keyword: str, way: Way) -> str:
    """Return the name of a rule of schemas, with the direction before it: ``request-max-length-narrower``."""
    slug = re.sub(r"(?<=[a-z])([A-Z])", r"-\1", keyword.lstrip("$")).lower()
    if not slug.startswith("property-") or slug == "property-names":
        slug = f"{slug}-{way}"
    return f"{direction}-{slug}"


def find(name: str) -> Rule:
    """Return the rule of a name without `diff-`; raises KeyError if there is none."""
    for prefix in ("callback-", "webhook-"):
        rest = name.removeprefix(prefix)
        if rest != name and name not in RULES:
            return TURNED[rest] if rest in TURNED else _of_schemas(rest, is_turned=True)
    return RULES[name] if name in RULES else _of_schemas(name, is_turned=False)


def _of_schemas(name: str, *, is_turned: bool) -> Rule:
    """Return a rule of schemas; turned, clients receive the document's requests."""
    spoken, _, rest = name.partition("-")
    if spoken not in ("request", "response"):
        raise KeyError(name)
    is_request = (spoken == "request") is not is_turned
    stated = OF_REQUESTS if is_request else OF_RESPONSES
    if rest in stated:
        return stated[rest]
    keyword, _, way = rest.rpartition("-")
    if keyword not in KEYWORDS or way not in ("narrower", "wider"):
        raise KeyError(name)
    severity = severity_of(keyword, is_request=is_request, is_narrower=way == "narrower")
    advice = LEARN if severity is NOTE and (is_request or keyword == "required") else ADVICE[severity]
    return Rule(
        severity, f"{KEYWORDS[keyword]}: {'less' if way == 'narrower' else 'more'} is admitted", advice
    )


def severity_of(keyword: str, *, is_request: bool, is_narrower: bool) -> Severity:
    """Return how much it matters that a keyword admits less, or more: to clients that send, or receive."""
    if keyword == "discriminator" or keyword.startswith("content-"):
        return WARNING
    if is_request:
        return (WARNING if keyword == "required-with-default" else ERROR) if is_narrower else NOTE
    if is_narrower or keyword in ("additional-properties", "x-extensible-enum"):
        return NOTE
    return ERROR if keyword in UNEXPECTED else WARNING


def names() -> list[str]:
    """Return every name of a rule, without `diff-`."""
    ways = [f"{keyword}-{way}" for keyword in KEYWORDS for way in ("narrower", "wider")]
    of_schemas = [f"request-{each}" for each in (*OF_REQUESTS, *ways)]
    of_schemas += [f"response-{each}" for each in (*OF_RESPONSES, *ways)]
    turned = [f"request-{each}" for each in (*OF_RESPONSES, *ways)] + [
        f"response-{each}" for each in (*OF_REQUESTS, *ways)
    ]
    return [
        *RULES,
        *of_schemas,
        *(f"{whose}-{each}" for whose in ("callback", "webhook") for each in (*TURNED, *turned)),
    ]
