"""Texts that mean something to a shell, a page, a script, a template or a terminal."""

import json
from typing import Any

from eqkit.exports.sources import Export
from tests.exports.shops import export_of

TEXTS = (
    "'", '"', "\\", "`${process.exit(1)}`", "${alert(1)}", "</script><script>alert(1)</script>", "<!--",
    "-->", "*/ process.exit(1) /*", "// x", "\n", "\r\n", "\u2028", "\u2029", "\x00", "\x1b[2J",
    "{{secret}}", "##[x]y", "::error::", "__proto__", "constructor", "'; DROP TABLE x; --",
    "ünï – 漢字 🎉", "\u202e", "a" * 5000, " ", "",
)  # fmt: skip
"""Each stands in every place of a contract that takes a text of its author."""


def hostile(text: str, path: str = "/x") -> dict[str, Any]:
    """Return a contract with a text in all of its places."""
    value = {text: text, "list": [text], "nested": {text: {text: None}}}
    content = {"application/json": {"examples": {text or "none": {"value": value}}}}
    named = {"name": text or "q", "in": "query", "example": text}
    operation = {
        "operationId": text,
        "summary": text,
        "description": text,
        "tags": [text],
        "parameters": [named],
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": text, "content": content}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": text, "version": text, "description": text},
        "tags": [{"name": text, "description": text}],
        "paths": {path: {"post": operation}},
    }


def hostile_export(text: str, path: str = "/x") -> Export:
    """Return the exchanges of such a contract."""
    return export_of(hostile(text, path))


def body_of(text: str) -> Any:
    """Return the body that such a contract answers."""
    return json.loads(json.dumps({text: text, "list": [text], "nested": {text: {text: None}}}))
