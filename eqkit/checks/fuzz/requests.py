"""Requests that Schemathesis has stored, as curl lines and as bytes."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from eqkit.contract.credentials import authorization
from eqkit.contract.document import Document
from eqkit.contract.media_types import essence, is_json
from eqkit.traffic.curl import shell_line

FILTERED = "[Filtered]"
"""The text that Schemathesis writes in place of the key."""

HIDDEN = (FILTERED, quote(FILTERED))
"""How the key that was left out stands in an address."""

OF_THE_CLIENT = {"user-agent", "accept-encoding", "connection", "x-schemathesis-testcaseid", "content-length"}
"""Headers that Schemathesis adds to each request and that no failure is about."""

FORM = "application/x-www-form-urlencoded"

Step = Mapping[str, Any]
"""One request of a failure as Schemathesis stores it."""


def curl_of(document: Document, step: Step) -> str:
    """Return a stored request as a curl line, with the key taken from the shell where it was sent."""
    scheme = authorization(document, step.get("operation") or "")
    headers = [
        (name, f"{scheme} {FILTERED}".lstrip() if value == FILTERED else value)
        for name, value in step["headers"].items()
        # curl accepts everything by itself.
        if name.lower() not in OF_THE_CLIENT and (name.lower(), value) != ("accept", "*/*")
    ]
    url = step["url"].replace(quote(FILTERED), FILTERED)
    # A body that only Schemathesis can write is named; `fuzz --replay` sends it.
    return shell_line(step["method"], url, headers, body_of(step), FILTERED)


def body_of(step: Step) -> bytes | None:
    """Return the body of a stored request; None without one, or for one that JSON cannot hold."""
    stored = step.get("case_body") or {}
    value, media_type = stored.get("value"), essence(step.get("media_type"))
    match stored.get("encoding"):
        case "base64" if isinstance(value, str):
            return base64.b64decode(value)
        case "json" if media_type == FORM and isinstance(value, dict):
            return urlencode(value, doseq=True).encode()
        case "json" if isinstance(value, str) and not is_json(media_type):
            return value.encode("utf-8", "surrogatepass")
        case "json":
            return json.dumps(value).encode()
    return None
