"""A contract for comparing versions of it, and ways to change it."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from eqkit.checks.diff.comparison import diff
from eqkit.checks.findings import Run, Severity
from eqkit.contract.document import Document
from eqkit.contract.loading.source_map import ContractFile, SourceMap

BASE = yaml.safe_load("""
openapi: 3.0.3
info: {title: Things, version: 1.4.2}
servers:
- url: https://{region}.things.example/v1
  variables: {region: {default: eu, enum: [eu, us]}}
security: [{Key: []}]
paths:
  /things/{id}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: string, maxLength: 20}}
    put:
      operationId: putThing
      description: Puts a thing.
      parameters:
      - {name: X-Trace, in: header, schema: {type: string}}
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Thing'}}
          application/xml: {schema: {$ref: '#/components/schemas/Thing'}}
      responses:
        '200':
          headers:
            Location: {required: true, schema: {type: string}}
          content:
            application/json: {schema: {$ref: '#/components/schemas/Stored'}}
            application/xml: {schema: {$ref: '#/components/schemas/Stored'}}
        '404': {description: Not there.}
      callbacks:
        stored:
          '{$request.query.to}':
            post:
              parameters:
              - {name: X-Sign, in: header, required: true, schema: {type: string}}
              requestBody:
                required: true
                content:
                  application/json: {schema: {$ref: '#/components/schemas/Told'}}
              responses:
                '204': {description: Taken.}
                '409':
                  description: Not taken.
                  content:
                    application/json:
                      schema: {type: object, properties: {why: {type: string, maxLength: 80}}}
    get:
      operationId: getThing
      responses:
        '200': {description: It.}
        4XX: {content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}}}}
        default: {content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}}}}
components:
  securitySchemes:
    Key: {type: apiKey, in: header, name: Authorization}
  schemas:
    Thing:
      type: object
      required: [name]
      additionalProperties: false
      properties:
        name: {type: string, minLength: 1, maxLength: 80, pattern: '^[a-z]+$'}
        size: {type: number, minimum: 0, maximum: 9}
        kind: {type: string, enum: [big, small]}
        parts: {type: array, maxItems: 3, items: {$ref: '#/components/schemas/Thing'}}
        note: {}
    Problem:
      type: object
      required: [title]
      properties:
        title: {type: string}
        more: {oneOf: [{$ref: '#/components/schemas/Told'}, {type: string}]}
    Told:
      type: object
      required: [id, event]
      properties:
        id: {type: string}
        event: {type: string, enum: [stored, lost]}
    Stored:
      type: object
      required: [id]
      properties:
        id: {type: string, maxLength: 20}
        state: {type: string, enum: [new, old]}
""")

Change = Callable[[dict[str, Any]], object]


def at(pointer: str) -> Callable[[dict[str, Any]], Any]:
    """Find a part of a document by names joined with ``>``."""

    def find(data: dict[str, Any]) -> Any:
        for name in pointer.split(">"):
            data = data[name]
        return data

    return find


PUT = at("paths>/things/{id}>put")
GET = at("paths>/things/{id}>get")
ANSWER = at("paths>/things/{id}>put>responses>200")
THING = at("components>schemas>Thing")
IN = at("components>schemas>Thing>properties")
STORED = at("components>schemas>Stored")
OUT = at("components>schemas>Stored>properties")


def put(part: Callable[[dict[str, Any]], Any], **members: Any) -> Change:
    """Set members of a part; an underscore stands for a hyphen."""
    return lambda data: part(data).update({name.replace("_", "-"): each for name, each in members.items()})


def drop(part: Callable[[dict[str, Any]], Any], name: str) -> Change:
    """Remove a member of a part."""
    return lambda data: part(data).pop(name)


def moved(part: Callable[[dict[str, Any]], Any], old: str, new: str) -> Change:
    """Give a member of a part another name."""
    return lambda data: part(data).update({new: part(data).pop(old)})


def add_parameter(**parameter: Any) -> Change:
    """Give the operation one more parameter."""
    return lambda data: PUT(data)["parameters"].append(parameter)


def contract(data: dict[str, Any], name: str) -> ContractFile:
    """Return a document as one that was read from a file."""
    return ContractFile(Document(data), SourceMap(Path(name), json.dumps(data, indent=1, ensure_ascii=False)))


def compared(change: Change) -> Run:
    """Return the run of comparing the base document with one change of it."""
    data = copy.deepcopy(BASE)
    change(data)
    return diff(contract(BASE, "old.json"), contract(data, "new.json"))


def rules(run: Run, severity: Severity) -> set[str]:
    """Return the rules of the findings of a severity."""
    return {finding.rule for finding in run.findings if finding.severity is severity}
