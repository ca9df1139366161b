"""The objects of OpenAPI, and the members that each of them has in 3.0, 3.1 and 3.2."""

import functools
import re
from dataclasses import dataclass
from enum import StrEnum

Version = tuple[int, int]
"""The version of OpenAPI that a document is written in: (3, 0), (3, 1) or (3, 2)."""

OLDEST, NEWEST = (3, 0), (3, 2)


class Kind(StrEnum):
    """An object of the specification, by the name that it has there."""

    OPENAPI = "OpenAPI"
    INFO = "Info"
    CONTACT = "Contact"
    LICENSE = "License"
    SERVER = "Server"
    SERVER_VARIABLE = "Server Variable"
    COMPONENTS = "Components"
    PATHS = "Paths"
    PATH_ITEM = "Path Item"
    OPERATION = "Operation"
    EXTERNAL_DOCS = "External Documentation"
    PARAMETER = "Parameter"
    REQUEST_BODY = "Request Body"
    MEDIA_TYPE = "Media Type"
    ENCODING = "Encoding"
    RESPONSES = "Responses"
    RESPONSE = "Response"
    CALLBACK = "Callback"
    EXAMPLE = "Example"
    LINK = "Link"
    HEADER = "Header"
    TAG = "Tag"
    SCHEMA = "Schema"
    DISCRIMINATOR = "Discriminator"
    XML = "XML"
    SECURITY_SCHEME = "Security Scheme"
    OAUTH_FLOWS = "OAuth Flows"
    OAUTH_FLOW = "OAuth Flow"
    SECURITY_REQUIREMENT = "Security Requirement"


class Shape(StrEnum):
    """The way in which a member holds other objects."""

    ONE = "one"
    LIST = "list"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object: the versions that have it, and the objects it holds, if any."""

    name: str
    since: Version
    until: Version
    kind: Kind | None
    shape: Shape


# NAME[:KIND|:[KIND]|:{KIND}][@FIRST VERSION][<LAST VERSION]
_MEMBERS = {
    Kind.OPENAPI: """openapi info:Info servers:[Server] paths:Paths components:Components
        security:[SecurityRequirement] tags:[Tag] externalDocs:ExternalDocumentation
        jsonSchemaDialect@3.1 webhooks:{PathItem}@3.1 $self@3.2""",
    Kind.INFO: "title description termsOfService contact:Contact license:License version summary@3.1",
    Kind.CONTACT: "name url email",
    Kind.LICENSE: "name url identifier@3.1",
    Kind.SERVER: "url description variables:{ServerVariable} name@3.2",
    Kind.SERVER_VARIABLE: "enum default description",
    Kind.COMPONENTS: """schemas:{Schema} responses:{Response} parameters:{Parameter} examples:{Example}
        requestBodies:{RequestBody} headers:{Header} securitySchemes:{SecurityScheme} links:{Link}
        callbacks:{Callback} pathItems:{PathItem}@3.1 mediaTypes:{MediaType}@3.2""",
    Kind.PATH_ITEM: """$ref summary description get:Operation put:Operation post:Operation delete:Operation
        options:Operation head:Operation patch:Operation trace:Operation servers:[Server]
        parameters:[Parameter] query:Operation@3.2 additionalOperations:{Operation}@3.2""",
    Kind.OPERATION: """tags summary description externalDocs:ExternalDocumentation operationId
        parameters:[Parameter] requestBody:RequestBody responses:Responses callbacks:{Callback} deprecated
        security:[SecurityRequirement] servers:[Server]""",
    Kind.EXTERNAL_DOCS: "description url",
    Kind.PARAMETER: """name in description required deprecated allowEmptyValue style explode allowReserved
        schema:Schema example examples:{Example} content:{MediaType}""",
    Kind.REQUEST_BODY: "description content:{MediaType} required",
    Kind.MEDIA_TYPE: """schema:Schema example examples:{Example} encoding:{Encoding} description@3.2
        itemSchema:Schema@3.2 prefixEncoding:[Encoding]@3.2 itemEncoding:Encoding@3.2""",
    Kind.ENCODING: """contentType headers:{Header} style explode allowReserved encoding:{Encoding}@3.2
        prefixEncoding:[Encoding]@3.2 itemEncoding:Encoding@3.2""",
    Kind.RESPONSE: "description headers:{Header} content:{MediaType} links:{Link} summary@3.2",
    Kind.EXAMPLE: "summary description value externalValue dataValue@3.2 serializedValue@3.2",
    Kind.LINK: "operationRef operationId parameters requestBody description server:Server",
    Kind.HEADER: """description required deprecated allowEmptyValue<3.0 style explode allowReserved<3.0
        schema:Schema example examples:{Example} content:{MediaType}""",
    Kind.TAG: "name description externalDocs:ExternalDocumentation summary@3.2 parent@3.2 kind@3.2",
    Kind.DISCRIMINATOR: "propertyName mapping defaultMapping@3.2",
    Kind.XML: "name namespace prefix attribute wrapped nodeType@3.2",
    Kind.SECURITY_SCHEME: """type description name in scheme bearerFormat flows:OAuthFlows openIdConnectUrl
        deprecated@3.2 oauth2MetadataUrl@3.2""",
    Kind.OAUTH_FLOWS: """implicit:OAuthFlow password:OAuthFlow clientCredentials:OAuthFlow
        authorizationCode:OAuthFlow deviceAuthorization:OAuthFlow@3.2""",
    Kind.OAUTH_FLOW: "authorizationUrl tokenUrl refreshUrl scopes deviceAuthorizationUrl@3.2",
    Kind.SCHEMA: """title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength
        pattern maxItems minItems uniqueItems maxProperties minProperties required enum type not:Schema
        allOf:[Schema] oneOf:[Schema] anyOf:[Schema] items:Schema properties:{Schema}
        additionalProperties:Schema description format default nullable<3.0 discriminator:Discriminator
        readOnly writeOnly example externalDocs:ExternalDocumentation deprecated xml:XML $ref
        $id@3.1 $schema@3.1 $anchor@3.1 $dynamicRef@3.1 $dynamicAnchor@3.1 $vocabulary@3.1 $comment@3.1
        $defs:{Schema}@3.1 prefixItems:[Schema]@3.1 contains:Schema@3.1 patternProperties:{Schema}@3.1
        dependentSchemas:{Schema}@3.1 propertyNames:Schema@3.1 if:Schema@3.1 then:Schema@3.1 else:Schema@3.1
        unevaluatedItems:Schema@3.1 unevaluatedProperties:Schema@3.1 const@3.1 maxContains@3.1
        minContains@3.1 dependentRequired@3.1 examples@3.1 contentEncoding@3.1 contentMediaType@3.1
        contentSchema:Schema@3.1""",
}

PATTERNED = {Kind.PATHS: Kind.PATH_ITEM, Kind.RESPONSES: Kind.RESPONSE, Kind.CALLBACK: Kind.PATH_ITEM}
"""Objects whose members have names of the author's choice, and the kind of those members."""

REFERABLE = frozenset(
    (
        *(Kind.PARAMETER, Kind.REQUEST_BODY, Kind.RESPONSE, Kind.CALLBACK, Kind.EXAMPLE, Kind.LINK),
        *(Kind.HEADER, Kind.SECURITY_SCHEME, Kind.SCHEMA, Kind.PATH_ITEM, Kind.MEDIA_TYPE),
    )
)
"""Objects in whose place a reference can stand (a Media Type Object since 3.2)."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The members of a path item that are operations."""

_SYNTAX = re.compile(r"([^:@<]+)(?::([\[{]?)(\w+)[\]}]?)?(?:@3\.(\d))?(?:<3\.(\d))?")
_BY_NAME = {str(kind).replace(" ", ""): kind for kind in Kind}
_SHAPES = {"[": Shape.LIST, "{": Shape.MAP, "": Shape.ONE}


def _member(text: str) -> Member:
    found = _SYNTAX.fullmatch(text)
    assert found is not None
    name, bracket, kind, since, until = found.groups()
    return Member(
        name,
        (3, int(since or OLDEST[1])),
        (3, int(until or NEWEST[1])),
        _BY_NAME[kind] if kind else None,
        _SHAPES[bracket or ""],
    )


EVERY = {kind: {each.name: each for each in map(_member, text.split())} for kind, text in _MEMBERS.items()}
"""The members of each kind in all versions together."""


@functools.cache
def members(kind: Kind, version: Version) -> dict[str, Member]:
    """Return the members that a kind has in a version, by name."""
    every = EVERY.get(kind, {})
    return {name: each for name, each in every.items() if each.since <= version <= each.until}
