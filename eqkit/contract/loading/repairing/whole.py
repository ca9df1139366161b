"""Rules of a whole document: its version, its title, its servers and its security."""

import re
from typing import Any

from eqkit.contract.document import Json
from eqkit.contract.kinds import NEWEST, OLDEST
from eqkit.contract.loading.repairing.mending import Mender
from eqkit.contract.loading.repairing.notes import Path, name_of_type, quoted
from eqkit.contract.loading.repairing.scalars import texts

_VERSION = re.compile(r"\s*v?(\d{1,3})(?:\.(\d{1,3}))?(?:\.\d{1,3})?(?:[-+].*)?\s*")
_WHOLE = re.compile(r"3\.\d{1,3}\.\d{1,3}(?:-.+)?")
_TOKEN = re.compile(r"\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*")
_SINCE_3_1 = ("webhooks", "jsonSchemaDialect")

SCHEMES = ("apiKey", "http", "mutualTLS", "oauth2", "openIdConnect")
"""The types of security schemes (OpenAPI 3.1, "Security Scheme Object")."""


def openapi(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a document with a version, a title and paths."""
    changes: dict[str, Json] = {}
    version = _version(mender, node)
    if version is not None:
        changes["openapi"] = version
    mender.version = _numbers(str(changes.get("openapi", node.get("openapi"))))
    if not isinstance(node.get("info"), dict):
        found = (
            f"`info` must be an object, and is {name_of_type(node['info'])}"
            if "info" in node
            else "there is no `info`"
        )
        mender.notes.repair(
            "info", ("info",) if "info" in node else (), f"{found}: the title is {quoted(mender.title)}"
        )
        changes["info"] = {"title": mender.title, "version": ""}
    is_wanted = not mender.is_since((3, 1)) or not node.keys() & {"webhooks", "components"}
    if "paths" not in node and is_wanted:
        mender.notes.repair("paths", (), "there are no `paths`: no operation is served")
        changes["paths"] = {}
    return {**node, **changes} if changes else node


def _version(mender: Mender, node: dict[str, Any]) -> str | None:
    """Return the version that a document is read by, None for one that is well; refuse an unknown one."""
    written = node.get("openapi")
    if isinstance(written, str) and _WHOLE.fullmatch(written) and _numbers(written) <= NEWEST:
        return None
    at: Path = ("openapi",) if "openapi" in node else ()
    if written is None:
        meant = "3.1.0" if any(name in node for name in _SINCE_3_1) else "3.0.3"
        mender.notes.repair("openapi", at, f"there is no version in `openapi`: it is read as {meant}")
        return meant
    is_text = isinstance(written, str | int | float) and not isinstance(written, bool)
    found = _VERSION.fullmatch(str(written)) if is_text else None
    if found is None or found[1] != "3":
        name = str(written)[:20] if is_text else name_of_type(written)
        mender.notes.refuse(at, f"OpenAPI {name} can't be served; 3.0, 3.1 and 3.2 can")
        return "3.0.3"
    minor = min(int(found[2] or 0), NEWEST[1])
    meant = f"3.{minor}.{3 if minor == 0 else 0}"
    mender.notes.repair("openapi", at, f"`openapi` is {name_of_type(written)}: it is read as {meant}")
    return meant


def _numbers(version: str) -> tuple[int, int]:
    found = re.match(r"3\.(\d{1,3})", version)
    return (3, int(found[1])) if found else OLDEST


def info(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the facts about a document with a title and a version."""
    changes: dict[str, Json] = {}
    if not node.get("title"):
        mender.notes.repair("info", path, f"`info` has no `title`: it is {quoted(mender.title)}")
        changes["title"] = mender.title
    if "version" not in node:
        mender.notes.repair("info", path, "`info` has no `version`: it is empty")
        changes["version"] = ""
    return {**node, **changes} if changes else node


def bare_server(mender: Mender, value: Json, path: Path) -> Json:
    """Return a text that stands in the place of a server as its URL."""
    if not isinstance(value, str):
        return None
    mender.notes.repair("server", path, f"the server {quoted(value)} is a text: it is read as its `url`")
    return {"url": value}


def bare_tag(mender: Mender, value: Json, path: Path) -> Json:
    """Return a text that stands in the place of a tag as its name."""
    if not isinstance(value, str):
        return None
    mender.notes.repair("tag", path, f"the tag {quoted(value)} is a text: it is read as its `name`")
    return {"name": value}


def server(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a server with a URL, each of whose variables is defined."""
    changes: dict[str, Json] = {}
    if "url" not in node:
        mender.notes.repair("server", path, "a server has no `url`: it is /")
        changes["url"] = "/"
    variables = node.get("variables", {})
    lost = [
        name
        for name in dict.fromkeys(re.findall(r"{([^{}]+)}", node.get("url", "")))
        if name not in variables
    ]
    for name in lost:
        mender.notes.repair(
            "server", path, f"the variable {quoted(name)} of the server is not defined: it is empty"
        )
    if lost:
        changes["variables"] = {**variables, **{name: {"default": ""} for name in lost}}
    return {**node, **changes} if changes else node


def server_variable(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a variable with a default."""
    if "default" in node:
        return node
    default = next(iter(node.get("enum") or ()), "")
    mender.notes.repair(
        "server", path, f"the variable {quoted(path[-1])} has no `default`: it is {quoted(default)}"
    )
    return {**node, "default": default}


def security_requirement(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a requirement whose scopes are lists of texts; note a scheme that is not defined."""
    changes: dict[str, Json] = {}
    for name, scopes in node.items():
        found = [] if scopes is None or scopes == {} else texts(mender.notes, scopes, (*path, name))
        if not isinstance(found, list):
            found = []
        if found is not scopes:
            changes[name] = found
        # Since OpenAPI 3.2 the name may be the URI of a scheme.
        if name.removeprefix("#/components/securitySchemes/") not in mender.schemes:
            message = f"there is no security scheme {quoted(name)}: any credentials are taken for it"
            mender.notes.repair("security", (*path, name), message)
    return {**node, **changes} if changes else node


def security_scheme(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a security scheme of a known type; note one that says too little."""
    if not node:
        return node
    kind = node.get("type")
    name = f"the security scheme {quoted(path[-1])}"
    if kind == "basic":
        mender.notes.repair(
            "security", path, f"{name} has the type of Swagger 2.0: it is read as `http`, `basic`"
        )
        return {**node, "type": "http", "scheme": "basic"}
    by_case = next((each for each in SCHEMES if isinstance(kind, str) and each.lower() == kind.lower()), None)
    if by_case is not None and by_case != kind:
        mender.notes.repair(
            "security", path, f"{name} has the type {quoted(str(kind))}: it is read as `{by_case}`"
        )
        node = {**node, "type": by_case}
    places = ("header", "query", "cookie")
    is_useless = (
        by_case is None
        or (by_case == "apiKey" and ("name" not in node or node.get("in") not in places))
        or (by_case == "http" and not _TOKEN.fullmatch(str(node.get("scheme", ""))))
    )
    if is_useless:
        mender.notes.repair(
            "security", path, f"{name} does not say how it is sent: any credentials are taken for it"
        )
    return node
