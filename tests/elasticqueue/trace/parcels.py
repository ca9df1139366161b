"""An API that is not ours: contradictory docs, a contract, requirements and decision records for it."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from eqkit.elasticqueue.trace.slate import SlateFile

SLATE = """\
---
title: Parcels
language_tabs:
  - http
  - shell
includes:
  - errors
---

# Parcels

## Send a parcel

```http
POST /v1/depots/north/parcels HTTP/1.1
Content-Type: application/json
X-Api-Key: s3cret
{
\t"weight": 2,
\t"pickup": 1459121798238,
}
```

```shell
curl --data @parcel.json https://parcels.example/v1/depots/north/parcels
```

> The answer:

```http
HTTP/1.1 204 Created
X-Api-Key: s3cret

{"id": "p1", "id": "p2",
 "href": "https://parcels.example/v1/api/depots/south/parcels/p1"}
```

<aside class="notice">A parcel is sent at once. It cannot be called back.</aside>

Name | Type | Description
---- | ---- | -----------
weight | Integer | How many kittens it weighs
pickup | Integer | Epoch time in seconds

## Send many parcels

```http
POST /v1/depots/north/parcels/_bulk HTTP/1.1
Content-Type: application/json

[{"weight": 1}]
```

# Authentication
"""

CONTRACT = """\
openapi: 3.0.3
info: {title: Parcels, version: '1'}
paths:
  /v1/depots/{depot}/parcels:
    parameters:
      - name: depot
        in: path
        required: true
        schema: {type: string}
        x-origin: implied
        x-ruling: [P1]
    post:
      operationId: sendParcel
      summary: Send a parcel
      x-origin: documented
      x-ruling: [P1]
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Parcel'}
      responses:
        '201': {$ref: '#/components/responses/Sent'}
components:
  responses:
    Sent:
      description: It is sent.
      x-origin: corrected
      x-ruling: [P2]
  schemas:
    Parcel:
      type: object
      x-origin: documented
      x-ruling: [P1]
      properties:
        weight:
          type: integer
          x-origin: documented
          x-ruling: [P1]
        colour:
          type: string
          x-origin: implied
          x-ruling: [P1]
  examples:
    heavy: {value: {weight: 1000}}
"""

POST = "/paths/~1v1~1depots~1{depot}~1parcels/post"
PARCEL = "/components/schemas/Parcel"
P1, P2 = "docs/adr/0001-parcels.md#p1", "docs/adr/0001-parcels.md#p2"
REQUIREMENTS: dict[str, dict[str, Any]] = {
    "parcels/send-a-parcel#title": {"disposition": "kept", "contract": {f"{POST}/summary": "Send a parcel"}},
    "parcels/send-a-parcel#response/status": {
        "disposition": "corrected",
        "contract": {"/components/responses/Sent/description": "It is sent."},
        "absent": [f"{POST}/responses/204"],
        "decision": P2,
    },
    "parcels/send-a-parcel#table/weight/Type": {
        "disposition": "kept",
        "contract": {f"{PARCEL}/properties/weight/type": "integer"},
    },
}
"""The requirements of some facts; all others are rejected with a note."""

ORIGINS = [{"at": "/components/examples/*", "origin": "own decision", "why": "It shows a heavy one."}]
RECORD = "# Parcels\n\n### P1\n\nAs documented.\n\n### P2\n\nA parcel is created.\n"


class Project(NamedTuple):
    """The files of a project on disk."""

    docs: Path
    contract: Path
    requirements: Path


def project(folder: Path) -> Project:
    """Write the project whose docs, requirements and contract agree."""
    for name in ("docs/adr", "openapi"):
        (folder / name).mkdir(parents=True)
    (folder / "docs/adr/0001-parcels.md").write_text(RECORD)
    files = Project(
        *(folder / name for name in ("index.html.md", "openapi/parcels.yaml", "openapi/traceability.yaml"))
    )
    files.docs.write_text(SLATE)
    files.contract.write_text(CONTRACT)
    requirements = [
        {"fact": fact.name, "line": fact.line, "says": fact.value}
        | REQUIREMENTS.get(fact.name, {"disposition": "rejected", "note": "Not ours to say."})
        for fact in SlateFile.read(files.docs).facts
    ]
    text = yaml.safe_dump({"requirements": requirements, "origins": ORIGINS}, sort_keys=False, width=1000)
    files.requirements.write_text(text)
    return files
