"""Settings of Schemathesis for a contract: the statuses of a refusal, and the place of the key."""

import json
from collections.abc import Iterator

from eqkit.contract.credentials import schemes, secret_names
from eqkit.contract.document import Document, Json

SETTINGS = """
# Limits of size are refusals, which no schema can speak of; a 5xx is told once, by not_a_server_error.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "413", "429", "5xx"]
[checks.negative_data_rejection]
expected-statuses = ["4xx", "5xx"]
"""


def settings(document: Document, key: str) -> str:
    """Return the text of ``schemathesis.toml``; each scheme of the contract gets the key as it wants it.

    It stands in this file and on no command line, which every user of a machine can read.
    """
    found = schemes(document)
    # These alone are secrets: without Idempotency-Key a failure could not be seen again.
    secret = f"[{', '.join(map(_text, sorted({'authorization', *secret_names(document)})))}]"
    sanitized = f"[output.sanitization]\nkeys-to-sanitize = {secret}\nsensitive-markers = {secret}\n"
    known = (f"[auth.openapi.{_text(name)}]\n{lines}\n" for name, scheme in found.items()
             if (lines := "\n".join(_key(scheme, key))))  # fmt: skip
    sent = header(document, key)
    headers = "" if sent is None else f"[headers]\nAuthorization = {_value(sent)}\n"
    return "".join([SETTINGS, sanitized, headers, *known])


def header(document: Document, key: str) -> str | None:
    """Return the value of Authorization if no scheme has a setting: the key, or for OAuth a bearer key."""
    found = schemes(document).values()
    if any(each.get("type") == "http" for each in found):
        return None
    if any(each.get("type") in ("oauth2", "openIdConnect") for each in found):
        return key if key.lower().startswith("bearer ") else f"Bearer {key}"
    is_bare = not found or any(_is_authorization(each) for each in found)
    return key if is_bare else None


def _key(scheme: Json, key: str) -> Iterator[str]:
    """Yield the settings of one scheme; the name of its scheme is not written before the key."""
    plain = key.partition(" ")[2] or key
    match scheme:
        case {"type": "apiKey"} if not _is_authorization(scheme):
            yield f"api_key = {_value(key)}"
        case {"type": "http", "scheme": str(name)} if name.lower() == "basic":
            user, _, password = plain.partition(":")
            yield f"username = {_value(user)}"
            yield f"password = {_value(password)}"
        case {"type": "http"}:
            yield f"bearer = {_value(plain)}"


def _is_authorization(scheme: Json) -> bool:
    return bool(scheme.get("in") == "header" and str(scheme.get("name")).lower() == "authorization")


def _value(text: str) -> str:
    """Return a value as TOML has it; ``${`` would name a variable of the environment to Schemathesis."""
    return _text(text.replace("${", "$${"))


def _text(text: str) -> str:
    """Return a text as TOML has it, which is JSON's form but for surrogates and DEL."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")
