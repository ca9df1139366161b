"""Documents from the web: fetched once, within bounds, and kept in the user's cache folder."""

import hashlib
import http.client
import json
import re
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from eqkit.contract.loading.source_texts import MAX_BYTES
from eqkit.environment import VARIABLES
from eqkit.errors import ContractError

PATIENCE_S = 15
"""How long a server may be silent, in seconds."""

MAX_SECONDS = 120
"""How long a document may take, in seconds."""

MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)

_CHUNK = 1 << 16
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def cache_folder(variables: Mapping[str, str] = VARIABLES, platform: str = sys.platform) -> Path:
    """Return the folder for documents from the web, by the customs of the platform."""
    home = Path(variables.get("HOME") or variables.get("USERPROFILE") or tempfile.gettempdir())
    if platform == "win32":
        base = Path(variables.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(variables.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "eqkit" / "contracts"


@dataclass
class Fetcher:
    """Fetches documents; each address once, however often it is asked for."""

    folder: Path = field(default_factory=cache_folder)
    warnings: list[str] = field(default_factory=list)
    """A line for each document that is not the newest."""
    _known: dict[str, Path] = field(default_factory=dict)

    def fetch(self, url: str) -> Path:
        """Return the file with the document at an address.

        A copy from before is asked after (RFC 9110, 13.1), and taken if the server does not answer. Raises
        ContractError for a document that can't be fetched, and of which there is no copy.
        """
        if url not in self._known:
            self._known[url] = self._fetched(url)
        return self._known[url]

    def _fetched(self, url: str) -> Path:
        _refuse_wrong(url)
        entry = _Entry(self.folder, url)
        try:
            return entry.keep(*_got(url, entry.conditions()))
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 304 and entry.is_there:
                    return entry.file
                if error.code < 500 or not entry.is_there:
                    raise ContractError(
                        f"{url}: the server answers {error.code} {_line(error.reason)}"
                    ) from error
                reason = f"answers {error.code}"
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = f"does not answer ({_line(getattr(error, 'reason', error))})"
            if not entry.is_there:
                raise ContractError(
                    f"{url}: the server {reason}, and there is no copy from before"
                ) from error
        age = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.file.stat().st_mtime))
        self.warnings.append(f"{url}: the server {reason}; the copy of {age} is used")
        return entry.file


def _got(url: str, conditions: Mapping[str, str]) -> tuple[bytes, Message]:
    """Return the body and the headers of a document; a few redirects are followed, none from https to http.

    Raises HTTPError for another answer than a good one, and ContractError.
    """
    opener = urllib.request.build_opener(_NoRedirects)
    headers = {"Accept": "application/json, application/yaml, */*;q=0.5", **conditions}
    for _ in range(MAX_REDIRECTS + 1):
        _refuse_wrong(url)
        try:
            request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http(s) only
            with opener.open(request, timeout=PATIENCE_S) as response:
                return _content(response), response.headers
        except urllib.error.HTTPError as error:
            target = error.headers.get("Location")
            if error.code not in _REDIRECTS or not target:
                raise
            error.close()
        before, url = url, urljoin(url, target)
        if before.lower().startswith("https:") and not url.lower().startswith("https:"):
            raise ContractError(f"{before}: redirects to {url:.200}, which is not https")
    raise ContractError(f"{url:.200}: redirects more than {MAX_REDIRECTS} times")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to the one who asks."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Return no request."""
        return None


def _line(reason: object) -> str:
    """Return a reason, which may be the server's words, in one line."""
    return " ".join(str(reason).split())[:200]


def _refuse_wrong(url: str) -> None:
    """Raise ContractError for an address that nothing is fetched from."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
        parts = urlsplit("")
    if not is_good:
        raise ContractError(f"{url:.200}: not an address of the web: http or https, and a host, are wanted")
    if parts.username is not None or parts.password is not None:
        shown = url.replace(parts.netloc.rpartition("@")[0] + "@", "***@", 1)
        raise ContractError(f"{shown:.200}: nothing is fetched by user and password; put it into a file")


def _content(response: http.client.HTTPResponse) -> bytes:
    """Return the body of a response; raises ContractError for one that is too long or too slow."""
    ends = time.monotonic() + MAX_SECONDS
    found = bytearray()
    while chunk := response.read1(_CHUNK):
        found += chunk
        if len(found) > MAX_BYTES:
            raise ContractError(f"{response.url}: it is too long, with more than {MAX_BYTES >> 20} MB")
        if time.monotonic() > ends:
            raise ContractError(f"{response.url}: it takes more than {MAX_SECONDS} s")
    if response.headers.get_content_type() == "text/html":
        raise ContractError(f"{response.url}: a web page, and no OpenAPI document")
    return bytes(found)


class _Entry:
    """One address in the cache: its document, and the facts by which the server knows the copy."""

    def __init__(self, folder: Path, url: str) -> None:
        parts = urlsplit(url)
        name = _UNSAFE.sub("-", f"{parts.hostname}{parts.path}")[-80:].strip("-.")
        key = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self._folder = folder / f"{name}-{key}"
        self._url = url
        tail = _UNSAFE.sub("-", parts.path.rpartition("/")[2]).strip("-.")
        self.file = self._folder / (tail[-80:] or "openapi")
        self._facts = self._folder / ".facts.json"

    @property
    def is_there(self) -> bool:
        """Whether there is a copy of this very address."""
        return self.file.is_file() and self._read().get("url") == self._url

    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for the document only if it has changed."""
        facts = self._read() if self.is_there else {}
        names = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
        return {header: facts[name] for header, name in names if isinstance(facts.get(name), str)}

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._facts.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def keep(self, content: bytes, headers: Message) -> Path:
        """Write a document into the cache, or into a folder of its own where that can't be written."""
        facts = {"url": self._url, "etag": headers.get("ETag"), "last-modified": headers.get("Last-Modified")}
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self.file, content)
            _write(self._facts, json.dumps(facts).encode())
        except OSError:
            file = Path(tempfile.mkdtemp(prefix="eqkit-")) / self.file.name
            file.write_bytes(content)
            return file
        return self.file


def _write(file: Path, content: bytes) -> None:
    """Write a file in one step, so that no reader sees half of it."""
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as stream:
        stream.write(content)
    Path(stream.name).replace(file)
