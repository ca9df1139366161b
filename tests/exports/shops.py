"""A contract to export, and the exchanges that are made of it."""

import copy
from typing import Any

import yaml

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.exports.exchanges import ExportedExchange
from eqkit.exports.sources import Export, of_contract

SHOP: dict[str, Any] = yaml.safe_load("""
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: https://shop.example/v1}]
security: [{Token: []}]
tags: [{name: things, description: All that is sold.}]
paths:
  /things:
    get:
      operationId: listThings
      summary: List the things
      tags: [things]
      parameters:
      - {name: limit, in: query, schema: {type: integer, example: 2}}
      - {name: sort, in: query, schema: {type: string, enum: [name, price]}}
      responses:
        '200':
          description: Things.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}
              example: [{id: 7, name: Lamp, price: 9.5}]
        '401': {description: No token., content: {application/json: {schema: {type: object}, example: {}}}}
        '500': {description: Broken.}
    post:
      operationId: addThing
      tags: [things]
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing'}
            examples:
              lamp: {value: {name: Lamp, price: 9.5}}
              nameless: {value: {price: 1}}
              chair: {value: {name: Chair, price: 40}}
      responses:
        '400':
          description: Bad.
          content:
            application/json:
              examples:
                nameless: {value: {error: no name}}
        '201':
          description: Added.
          headers: {Location: {required: true, schema: {type: string, example: /things/7}}}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Thing'}
              examples:
                lamp: {value: {id: 7, name: Lamp, price: 9.5}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 7}]
    get:
      operationId: showThing
      tags: [things]
      responses:
        '200':
          description: A thing.
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'},
                                       example: {id: 7, name: Lamp, price: 9.5}}}
        4XX: {description: Refused., content: {text/plain: {example: No.}}}
        default: {description: Broken.}
    delete:
      operationId: removeThing
      security: []
      responses: {'204': {description: Gone.}}
components:
  securitySchemes:
    Token: {type: http, scheme: bearer}
  schemas:
    Thing:
      type: object
      required: [name]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        price: {type: [number, 'null']}
""")
"""A contract whose every operation has examples."""

COOKIE = {"name": "c", "in": "cookie", "required": True, "schema": {"type": "string"}, "example": "1"}
"""A parameter that stands in the same header as some keys."""


def shop(**members: Any) -> dict[str, Any]:
    """Return the contract with other members at its top."""
    return copy.deepcopy(SHOP) | members


def export_of(data: dict[str, Any], server: str | None = None) -> Export:
    """Return the exchanges of a contract."""
    return of_contract(Contract(Document(data)), server)


def only(operation: dict[str, Any], path: str = "/x", method: str = "get", **members: Any) -> Export:
    """Return the exchanges of a contract with one operation; it is answered 204 unless it says otherwise."""
    operation = {"operationId": "only", "responses": {"204": {"description": "Done."}}} | operation
    item: dict[str, Any] = {method: operation}
    head = {"openapi": "3.1.0", "info": {"title": "One", "version": "1"}}
    return export_of(head | {"paths": {path: item}} | members)


def one(operation: dict[str, Any], path: str = "/x", method: str = "get", **members: Any) -> ExportedExchange:
    """Return the exchange of a contract with one operation that has one."""
    export = only(operation, path, method, **members)
    assert export.left_out == []
    (exchange,) = export.exchanges
    return exchange


def facts(exported: ExportedExchange) -> tuple[str, int, str, bool]:
    """Return the operation, the status, the name and whether the answer is forced."""
    return exported.operation.id, exported.exchange.status, exported.name, exported.is_forced
