"""Recorded exchanges, one request and its answer as a value, from HAR and JSONL files as tools write them.

A line of JSONL is an entry of a HAR. A body that the tool has not kept is None, which is not an empty one.
"""

import base64
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eqkit.contract.operations import sent_method
from eqkit.errors import StartupError
from eqkit.traffic.codings import unpacked
from eqkit.traffic.har import MOCKED, OURS

Headers = tuple[tuple[str, str], ...]

LARGEST_BODY = 64 * 1024 * 1024
"""How long a compressed body may become, in bytes; a longer one counts as not kept."""

LARGEST_ARCHIVE = 256 * 1024 * 1024
"""How long the HAR of an archive may become, and all that its entries refer to together, in bytes."""

_MARK = "\ufeff".encode()
_NEVER_LEFT = ("lost", "reset", "garbage")
# Kinds of faults that leave the answer as it is.
_HARMLESS = ("latency", "trickle", "drop", "duplicate", "delay", "reorder")
# A word without brackets is as good a value as any other.
_WORD = "(?:filtered|redacted|removed|masked)"
_REDACTED = re.compile(rf"\[{_WORD}\]|<{_WORD}>|\*{{3,}}", re.IGNORECASE)
_APPLIED = re.compile(r"\b(code|example|fault)=")


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """One request and its answer; `status` is 0 without an answer, a body None if it was not kept.

    `armed` are the mock's faults that applied to it, each with its kind, and `outcome` is that of its answer;
    only entries that eqkit wrote, `is_ours`, have them. One that eqkit sent or passed on `has_all_headers`
    of its request; other tools leave some out. It `is_cached` if Chrome had it from its cache. One that
    could not be read has only its name, and the reason in `broken`.
    """

    name: str
    method: str
    url: str
    request_headers: Headers = ()
    request_body: bytes | None = None
    status: int = 0
    response_headers: Headers = ()
    response_body: bytes | None = None
    armed: tuple[tuple[str, str], ...] = ()
    outcome: str = ""
    is_ours: bool = False
    is_cached: bool = False
    has_all_headers: bool = False
    broken: str = ""

    @property
    def path(self) -> str:
        """The path as it was sent, percent-encoded."""
        return urlsplit(self.url).path

    @property
    def query(self) -> str:
        """The query string as it was sent, percent-encoded."""
        return urlsplit(self.url).query

    @property
    def origin(self) -> str:
        """Scheme, host and port, in lower case."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    def request_header(self, name: str) -> str | None:
        """Return the values of a header of the request, joined as HTTP joins them."""
        return _joined(self.request_headers, name)

    def response_header(self, name: str) -> str | None:
        """Return the values of a header of the answer, joined as HTTP joins them."""
        return _joined(self.response_headers, name)

    @property
    def faults(self) -> tuple[tuple[str, str], ...]:
        """The faults that applied to it, each with its kind, as in our journal.

        The kind is empty if it is not known, as in ``Preference-Applied``, which names a pack.
        """
        packs = re.findall(r"\bfault=([\w.-]+)", self._applied)
        return (*((name, "") for name in packs), *self.armed)

    @property
    def is_delayed(self) -> bool:
        """Whether a fault or ``Prefer`` had it wait."""
        return "delay=" in self._applied or any(kind == "latency" for _, kind in self.faults)

    @property
    def is_answered(self) -> bool:
        """Whether an answer came, if only in part."""
        return self.status != 0 and self.outcome not in _NEVER_LEFT

    @property
    def is_mocked(self) -> bool:
        """Whether the answer is that of a mock, in place of a service that lacks the operation."""
        return any(kind == MOCKED for _, kind in self.armed)

    @property
    def on_request(self) -> bool:
        """Whether ``Prefer`` asked for the very answer, or a fault made it."""
        asked_for = _APPLIED.search(self._applied) is not None
        return asked_for or any(kind not in _HARMLESS for _, kind in self.faults)

    @property
    def _applied(self) -> str:
        return self.response_header("preference-applied") or ""


def is_redacted(value: str) -> bool:
    """Return whether a value stands in place of a secret (Schemathesis writes ``[Filtered]``)."""
    return _REDACTED.fullmatch(value.strip()) is not None


def read(file: Path) -> list[RecordedExchange]:
    """Read a HAR file, one zipped with its attachments, or JSONL; raises StartupError for anything else."""
    try:
        if zipfile.is_zipfile(file):
            return _read_zip(file)
        return exchanges(file.read_bytes(), file.name, lambda name: _beside(file, name))
    except OSError as error:
        raise StartupError(f"{file}: {error.strerror}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise StartupError(f"{file}: an archive that cannot be read: {error}") from error


def exchanges(
    source: bytes, name: str, attached: Callable[[str], bytes | None] = lambda name: None
) -> list[RecordedExchange]:
    """Read the text of a recording; `attached` finds the files that its bodies stand in."""
    try:
        found = list(_entries(source.decode("utf-8-sig"), name))
    except UnicodeDecodeError:
        raise StartupError(f"{name}: neither HAR nor JSONL: not UTF-8") from None
    read_ones = []
    for number, entry in enumerate(found, 1):
        if isinstance(entry, RecordedExchange):
            read_ones.append(entry)
            continue
        try:
            read_ones.append(_exchange(entry, f"{name}#{number}", attached))
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"entry {number} is not one of a HAR: {_fault(entry, error)}"
            read_ones.append(RecordedExchange(name, "", "", broken=message))
    if read_ones and all(each.broken for each in read_ones):
        raise StartupError(f"{read_ones[0].name}: {read_ones[0].broken}")
    return read_ones


def _fault(entry: Any, error: Exception) -> str:
    """Return the mistake of an entry that ended in an error when it was read."""
    if not isinstance(entry, dict):
        return "it is not an object"
    for member in ("request", "response"):
        if not isinstance(entry.get(member) or {}, dict):
            return f"its {member} is not an object"
    if isinstance(error, KeyError):
        return f"no {error}"
    if isinstance(error, AttributeError | TypeError):
        return "something in it is not of the type that a HAR has there"
    return str(error)


def _read_zip(file: Path) -> list[RecordedExchange]:
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        har = next((name for name in sorted(names) if name.endswith(".har")), None)
        if har is None:
            raise StartupError(f"{file}: there is no HAR in this archive")
        unpacked = 0

        def attached(name: str) -> bytes | None:
            nonlocal unpacked
            size = archive.getinfo(name).file_size if name in names else 0
            if name not in names or size > LARGEST_BODY:
                return None
            unpacked += size
            if unpacked > LARGEST_ARCHIVE:
                raise StartupError(f"{file}: its files become more than {LARGEST_ARCHIVE} bytes")
            return archive.read(name)

        # More than it says here is read of no file.
        if archive.getinfo(har).file_size > LARGEST_ARCHIVE:
            raise StartupError(f"{file}: {har} becomes more than {LARGEST_ARCHIVE} bytes")
        return exchanges(archive.read(har), file.name, attached)


def _beside(file: Path, name: str) -> bytes | None:
    # A recording comes from anywhere, and may name files beside it only.
    if Path(name).name != name or not (file.parent / name).is_file():
        return None
    return (file.parent / name).read_bytes()


def _entries(text: str, name: str) -> Iterator[Any]:
    """Yield the entries of a HAR, or those on the lines of JSONL; for a broken line, why it is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        yield from _lines(text, name)
        return
    match document:
        case {"log": {"entries": list(found)}}:
            yield from found
        case {"request": _}:
            yield document
        case _:
            raise StartupError(f"{name}: neither HAR nor JSONL: there is no member log.entries")


def _lines(text: str, name: str) -> Iterator[Any]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except (ValueError, RecursionError) as error:
            message = f"neither HAR nor JSONL: {getattr(error, 'msg', 'nested too deep')}"
            yield RecordedExchange(f"{name}:{number}", "", "", broken=message)


def _exchange(entry: Any, name: str, attached: Callable[[str], bytes | None]) -> RecordedExchange:
    request, response = entry["request"], entry.get("response") or {}
    ours = entry.get(OURS) or {}
    headers, answer_headers = _headers(request), _headers(response)
    if OURS not in entry:
        headers = _with_type(headers, request.get("postData"))
        answer_headers = _with_type(answer_headers, response.get("content"))
    method, url = sent_method(_plain(request["method"])), _plain(request["url"])
    return RecordedExchange(
        name=f"{name} {method} {urlsplit(url).path}",
        method=method,
        url=url,
        request_headers=headers,
        request_body=_request_body(request, headers, attached),
        # Chrome and mitmproxy write 0 for a request without an answer, Playwright -1.
        status=max(0, int(response.get("status") or 0)),
        response_headers=answer_headers,
        response_body=_response_body(response, answer_headers, attached),
        armed=tuple((_plain(each["name"]), _plain(each["kind"])) for each in ours.get("faults") or ()),
        outcome=_plain(ours.get("outcome") or ""),
        is_ours=OURS in entry,
        # A journal leaves secret headers out; a recording of the proxy has them, masked.
        has_all_headers="redacted" in ours,
        is_cached=bool(entry.get("_fromCache")),
    )


def _plain(value: Any) -> str:
    """Return a text that can be encoded: without the lone surrogates that JSON allows."""
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _headers(message: Any) -> Headers:
    """Return the headers without those that HTTP/2 makes up; a browser joins repeated ones by line breaks."""
    return tuple(
        (_plain(header["name"]), value)
        for header in message.get("headers") or ()
        if not str(header["name"]).startswith(":")
        for value in _plain(header["value"]).split("\n")
    )


def _with_type(headers: Headers, content: Any) -> Headers:
    """Return headers with the media type that a file has beside them, where it has left out that of HTTP."""
    media_type = _plain((content or {}).get("mimeType") or "")
    if "/" not in media_type or _joined(headers, "content-type") is not None or not _has_text(content):
        return headers
    return (*headers, ("Content-Type", media_type))


def _has_text(content: Any) -> bool:
    return bool(content.get("text") or content.get("params") or content.get("_file"))


def _request_body(request: Any, headers: Headers, attached: Callable[[str], bytes | None]) -> bytes | None:
    data = request.get("postData") or {}
    body = _content(data, attached)
    if body is not None:
        return _without_coding(body, data, headers)
    length = _joined(headers, "content-length") or str(request.get("bodySize", -1))
    is_bare = request["method"].upper() in ("GET", "HEAD", "OPTIONS", "DELETE") and length == "-1"
    return b"" if not data and (length == "0" or is_bare) else None


def _response_body(response: Any, headers: Headers, attached: Callable[[str], bytes | None]) -> bytes | None:
    content = response.get("content") or {}
    body = _content(content, attached)
    if not body or _is_cut(body, content):
        # Browsers write an empty text for a body that they have not kept, too; the size tells.
        is_empty = content.get("size") == 0 and content.get("text", "") is not None
        return b"" if not body and is_empty else None
    return _without_coding(body, content, headers)


def _without_coding(body: bytes, content: Any, headers: Headers) -> bytes | None:
    """Return a body without its coding, which some tools have undone; None if it cannot be read."""
    is_text = isinstance(content.get("text"), str) and content.get("encoding") != "base64"
    # Browsers have decompressed it, a proxy has not; and no frame of any coding begins as JSON does.
    if is_text or body.lstrip()[:1] in (b"{", b"[", b'"'):
        return body
    return unpacked(body, _joined(headers, "content-encoding") or "", LARGEST_BODY)


def _is_cut(body: bytes, content: Any) -> bool:
    """Return whether a tool has kept only the beginning of a text, or a word in its place."""
    if content.get("encoding") == "base64" or "_file" in content:
        return False
    if is_redacted(body.decode("utf-8", "replace")):
        return True
    size = content.get("size")
    if not isinstance(size, int) or size <= len(body) + len(_MARK):
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return True
    return False


def _content(content: Any, attached: Callable[[str], bytes | None]) -> bytes | None:
    """Return the bytes of the text, or of the file that Playwright puts a body into."""
    if isinstance(content.get("_file"), str):
        return attached(content["_file"])
    text = content.get("text")
    if text is None:
        return None
    if content.get("encoding") == "base64":
        return base64.b64decode(text, validate=False)
    return str(text).encode("utf-8", "surrogatepass")


def _joined(headers: Headers, name: str) -> str | None:
    values = [value for each, value in headers if each.lower() == name.lower()]
    # Of a Cookie, its pairs are joined (RFC 9113 8.2.3).
    return ("; " if name.lower() == "cookie" else ", ").join(values) if values else None
