"""A server of the contract of pets, which is not ours, on a real socket, and traffic to it."""

import base64
import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from tests.checks.traffic import entry

PETS = Path(__file__).parent / "contracts/pets.yaml"
BASE = "/api/v2"
KEY = "pets:s3cret"
"""A user and a password where the contract wants Basic, and the whole a token elsewhere."""

BEARER = {"authorization": f"Bearer {KEY}"}
BASIC = {"authorization": f"Basic {base64.b64encode(KEY.encode()).decode()}"}
TOM = {"id": 1, "kind": "cat", "name": "Tom", "lives": 9, "born": None, "owner": None}
TIM = {"kind": "cat", "name": "Tim", "lives": 3, "pin": "0000"}
KINDS: dict[str, Callable[[Any], bool]] = {
    "name": lambda value: isinstance(value, str) and value != "",
    "pin": lambda value: isinstance(value, str),
    "born": lambda value: value is None or is_date(value),
    "owner": lambda value: value is None or (isinstance(value, dict) and is_text(value.get("email", ""))),
    "barks": lambda value: isinstance(value, bool),
}
"""The type of each member of a pet; a member may be missing."""

Response = tuple[int, str | None, Any]
"""Status, media type and document."""


class Pets(BaseHTTPRequestHandler):
    """Keeps the contract; a subclass breaks it."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    added: dict[str, Any]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> Response:
        """Return the answer to an authorized request."""
        name = self.name(path)
        if name is None:
            return problem(404, "Not found")
        if method not in allowed(name):
            return problem(405, "Not allowed")
        if name:
            return self.one(method, name)
        return self.listed(query) if method == "GET" else self.add(body)

    def name(self, path: str) -> str | None:
        """Return the name of a pet in a path, "" for all of them, or None."""
        found = re.fullmatch(rf"{BASE}/pets(?:/([^/]+))?", path)
        return None if found is None else unquote(found.group(1) or "")

    def one(self, method: str, name: str) -> Response:
        """Return the answer to a request for one pet."""
        if not re.fullmatch("-?[0-9]+", name) or (method == "DELETE" and int(name) < 1):
            return problem(400, "No id")
        pets = self.added | {"1": TOM}
        if name not in pets:
            return (404, None, None) if method == "GET" else problem(404, "Not there")
        if method == "GET":
            return 200, "application/json", pets[name]
        self.added.pop(name, None)
        return 204, None, None

    def listed(self, query: dict[str, list[str]]) -> Response:
        """Response with a page of pets."""
        ids = [each for text in query.get("ids", [""])[-1:] for each in text.split(",") if text]
        limit = query.get("limit", ["9"])[-1]
        session = SimpleCookie(self.headers.get("cookie")).get("session")
        knows = set(query.get("tags", [])) <= {"calm", "loud", "small"}
        whole = all(re.fullmatch("-?[0-9]+", each) for each in ids) and len(ids) <= 5
        may = session is not None and re.fullmatch("[a-z0-9]+", session.value)
        if not (knows and whole and may and limit.isdecimal() and 1 <= int(limit) <= 100):
            return problem(400, "No such query")
        return 200, "application/json", [TOM]

    def add(self, body: bytes) -> Response:
        """Response to a new pet, read as JSON or as a form."""
        sent_as = str(self.headers.get("content-type")).partition(";")[0]
        pet: Any = None
        if sent_as == "application/x-www-form-urlencoded":
            names = parse_qs(body.decode(errors="replace")).get("name")
            pet = TOM | {"name": names[0]} if names else None
        elif sent_as == "application/json":
            pet = as_json(body)
        else:
            return problem(415, "No such media type")
        if not is_pet(pet):
            status, media_type, document = problem(422, "No pet")
            return status, media_type, document | {"fields": ["name"]}
        number = 7 + len(self.added)
        stored = {name: value for name, value in pet.items() if name != "pin"} | {"id": number}
        self.added[str(number)] = stored
        return 201, "application/json; charset=utf-8", stored

    def may(self, method: str, path: str, query: dict[str, list[str]]) -> bool:
        """Tell whether the request has the credentials that its operation wants."""
        sent = self.headers.get("authorization")
        if method == "DELETE" and self.name(path):
            return sent == BASIC["authorization"]
        by_query = method == "GET" and path == f"{BASE}/pets" and query.get("api_key") == [KEY]
        return sent == BEARER["authorization"] or by_query

    def handle_any(self) -> None:
        """Response one request."""
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        query = parse_qs(parts.query, keep_blank_values=True)
        name = self.name(parts.path)
        guarded = name is None or self.command in allowed(name)
        may = not guarded or self.may(self.command, parts.path, query)
        answer = self.answer(self.command, parts.path, query, body) if may else problem(401, "Who is it?")
        status, media_type, document = answer
        content = b"" if media_type is None else json.dumps(document).encode()
        self.send_response(status)
        if media_type is not None:
            self.send_header("Content-Type", media_type)
        if status == 200 and isinstance(document, list):
            self.send_header("X-Total", str(len(document)))
        if status == 405 and name is not None:
            self.send_header("Allow", ", ".join(allowed(name)))
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else content)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Response to every method that there is, as ``do_GET`` and so on are looked up."""
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        """Say nothing."""


def allowed(name: str) -> tuple[str, ...]:
    """Return the methods of one pet, or of all of them."""
    return ("GET", "DELETE") if name else ("GET", "POST")


def problem(status: int, title: str) -> Response:
    """Return a refusal."""
    return status, "application/problem+json", {"title": title, "status": status}


def as_json(body: bytes) -> Any:
    """Return a document, or None for bytes that are not JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def is_text(value: Any) -> bool:
    """Tell a string."""
    return isinstance(value, str)


def is_whole(value: Any) -> bool:
    """Tell a whole number; 1.0 is one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)


def is_date(value: Any) -> bool:
    """Tell a full date of RFC 3339."""
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)) and bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


def is_pet(pet: Any) -> bool:
    """Tell whether something is a cat or a dog as the contract describes them."""
    if not isinstance(pet, dict) or "name" not in pet or pet.get("kind") not in ("cat", "dog"):
        return False
    is_cat = pet["kind"] == "cat"
    kinds = {name: kind for name, kind in KINDS.items() if not (is_cat and name == "barks")}
    if is_cat and not (is_whole(pet.get("lives")) and 0 <= pet["lives"] <= 9):
        return False
    whole = is_whole(pet.get("id", 1))
    return whole and all(kind(pet[name]) for name, kind in kinds.items() if name in pet)


@contextlib.contextmanager
def serving(kind: type[Pets] = Pets) -> Iterator[str]:
    """Serve pets, and return the address below which the paths of the contract begin."""
    handler = type("Handler", (kind,), {"added": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{BASE}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def recorded(url: str, file: Path) -> Path:
    """Send a request for every part of the contract, and record the exchanges."""
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/pets?tags=calm&tags=loud&ids=1,2&limit=3", {}),
        ("GET", f"/pets?api_key={KEY}", {}),
        ("GET", "/pets?limit=0", {}),
        ("POST", "/pets", {"json": TIM}),
        ("POST", "/pets", {"data": {"name": "Tim"}}),
        ("POST", "/pets", {"json": {"kind": "cat"}}),
        ("POST", "/pets", {"content": "<pet/>", "headers": {"content-type": "text/xml"}}),
        ("GET", "/pets/1", {}),
        ("HEAD", "/pets/1", {}),
        ("GET", "/pets/2", {}),
        ("GET", "/pets/x", {}),
        ("PUT", "/pets/1", {}),
        ("DELETE", "/pets/1", {}),
        ("DELETE", "/pets/7", {"headers": BASIC}),
    ]
    with httpx.Client(base_url=url, headers=BEARER, cookies={"session": "abc"}) as client:
        entries = [entry(client.request(method, path, **options)) for method, path, options in asked]
    file.write_text("\n".join(map(json.dumps, entries)))
    return file
