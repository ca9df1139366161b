"""Documents from the web are fetched once, within bounds, and from the cache where the server is silent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from eqkit.contract.loading import fetching
from eqkit.contract.loading.any_contract import load_any
from eqkit.contract.loading.fetching import cache_folder
from eqkit.errors import ContractError

GET = {"operationId": "read", "responses": {"200": {"description": "d"}}}


def document(**members: object) -> bytes:
    """A good document."""
    whole = {"openapi": "3.0.3", "info": {"title": "Web", "version": "1"}, "paths": {"/a": {"get": GET}}}
    return json.dumps(whole | members).encode()


@dataclass
class Site:
    """A server of a few documents by path: status, headers and body."""

    url: str = ""
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def served(site: Site) -> Iterator[Site]:
    """Serve a site as long as the context lasts; one with an ETag is 304 to those who have it."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            status, headers, body = site.pages.get(self.path, (404, {}, b"lost"))
            if "ETag" in headers and self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with served(Site()) as found:
        yield found


def test_a_document_is_fetched_and_asked_after(site: Site) -> None:
    """The second time, the server says that the copy is still good (RFC 9110, 13.1.2 and 15.4.5)."""
    site.pages["/api/openapi.json"] = (200, {"ETag": '"1"'}, document())
    first, second = (load_any(f"{site.url}/api/openapi.json") for _ in range(2))
    assert (first.title, second.title) == ("Web", "Web")
    assert first.files == second.files == ()
    assert [headers.get("if-none-match") for _, headers in site.requests] == [None, '"1"']
    assert first.document.as_yaml == document()
    assert str(first.place("/info")).endswith("openapi.json:1:22")


def test_redirects_are_followed(site: Site) -> None:
    """The copy is that of the first address."""
    site.pages["/latest"] = (307, {"Location": "v1/openapi.json"}, b"")
    site.pages["/v1/openapi.json"] = (200, {"ETag": '"1"'}, document())
    assert [load_any(f"{site.url}/latest").title for _ in range(2)] == ["Web", "Web"]
    assert [path for path, _ in site.requests] == ["/latest", "/v1/openapi.json"] * 2


def test_a_document_that_changed_is_read_anew(site: Site) -> None:
    """The copy is replaced."""
    for title in ("one", "two"):
        info = {"title": title, "version": "1"}
        site.pages["/openapi.json"] = (200, {"ETag": f'"{title}"'}, document(info=info))
        assert load_any(f"{site.url}/openapi.json").title == title


@pytest.mark.parametrize("status", [500, 503])
def test_where_the_server_fails_the_copy_is_used(site: Site, status: int) -> None:
    """A line says so."""
    site.pages["/openapi.json"] = (200, {}, document())
    url = f"{site.url}/openapi.json"
    load_any(url)
    site.pages["/openapi.json"] = (status, {}, b"")
    found = load_any(url)
    assert found.title == "Web"
    assert [
        each for each in found.warnings if each.startswith(f"{url}: the server answers {status}; the copy")
    ]


@pytest.mark.usefixtures("site")
def test_where_nobody_answers_the_copy_is_used() -> None:
    """Without a copy, the error has the reason."""
    with served(Site(pages={"/openapi.json": (200, {}, document())})) as gone:
        load_any(f"{gone.url}/openapi.json")
    found = load_any(f"{gone.url}/openapi.json")
    assert found.title == "Web"
    assert "the server does not answer" in found.warnings[0]
    with pytest.raises(
        ContractError, match=r"the server does not answer .*, and there is no copy from before"
    ):
        load_any(f"{gone.url}/other.json")


def test_references_to_the_web_are_fetched_if_that_is_allowed(site: Site, tmp_path: Path) -> None:
    """Those of fetched documents lead on from there; each is fetched once."""
    schema = {
        "200": {
            "description": "d",
            "content": {"application/json": {"schema": {"$ref": f"{site.url}/s/pet.json"}}},
        }
    }
    file = tmp_path / "openapi.json"
    file.write_bytes(document(paths={"/a": {"get": {**GET, "responses": schema}}}))
    site.pages["/s/pet.json"] = (200, {}, b'{"items": {"$ref": "more.yaml#/a"}, "not": {"$ref": "#/items"}}')
    site.pages["/s/more.yaml"] = (200, {}, b"a: {type: integer}\nb: {$ref: pet.json}\n")
    refused = load_any(str(file))
    assert site.requests == []
    assert [str(each).endswith("nothing is fetched: it stands for anything") for each in refused.repairs] == [
        True
    ]
    assert refused.warnings == ["1 reference leads to other servers: --allow-remote fetches such"]
    found = load_any(str(file), allow_remote=True)
    assert sorted(path for path, _ in site.requests) == ["/s/more.yaml", "/s/pet.json"]
    assert (found.repairs, found.warnings, found.files) == ([], [], (file,))
    assert len(found.document.others) == 2


def test_relative_references_of_a_fetched_document_need_the_permission(site: Site) -> None:
    """They lead to the web as well."""
    site.pages["/v1/openapi.json"] = (200, {}, document(paths={"/a": {"$ref": "a.json"}}))
    site.pages["/v1/a.json"] = (200, {}, json.dumps({"get": GET}).encode())
    assert load_any(f"{site.url}/v1/openapi.json").repairs
    found = load_any(f"{site.url}/v1/openapi.json", allow_remote=True)
    assert found.repairs == []
    assert [path for path, _ in site.requests][-1] == "/v1/a.json"


@pytest.mark.parametrize(
    ("status", "headers", "body", "message"),
    [
        (404, {}, b"", "the server answers 404 Not Found"),
        (401, {}, b"", "the server answers 401"),
        (500, {}, b"", "the server answers 500"),
        (200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>", "a web page, and no OpenAPI document"),
        (302, {"Location": "file:///etc/passwd"}, b"", "not an address of the web"),
        (302, {"Location": "ftp://127.0.0.1/a"}, b"", "not an address of the web"),
        (302, {"Location": "/openapi.json"}, b"", "redirects more than 5 times"),
        (200, {}, b"hello", "not an OpenAPI document"),
        (200, {}, b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_document_that_can_t_be_fetched_is_refused_in_a_line(
    site: Site, status: int, headers: dict[str, str], body: bytes, message: str
) -> None:
    """The line has the address, or the copy."""
    site.pages["/openapi.json"] = (status, headers, body)
    with pytest.raises(ContractError) as caught:
        load_any(f"{site.url}/openapi.json")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_document_that_is_too_long_is_not_read_to_its_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it is."""
    monkeypatch.setattr(fetching, "MAX_BYTES", 100_000)
    site.pages["/openapi.json"] = (200, {}, b" " * 1_000_000)
    with pytest.raises(ContractError, match="it is too long"):
        load_any(f"{site.url}/openapi.json")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("file:///etc/passwd", "a path, http or https is wanted"),
        ("ftp://h.example/openapi.yaml", "a path, http or https is wanted"),
        ("http://", "not an address of the web"),
        ("http://[", "not an address of the web"),
        (
            "https://user:pass@h.example/openapi.yaml",
            r"https://\*\*\*@h.example/openapi.yaml: nothing is fetched by user",
        ),
        ("http://h.example:99999/", "not an address of the web"),
    ],
)
def test_an_address_that_is_none_is_refused_without_a_request(where: str, message: str) -> None:
    """Nothing is sent, and no password is repeated."""
    with pytest.raises(ContractError, match=message):
        load_any(where)


@pytest.mark.parametrize(
    ("variables", "platform", "folder"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "linux", "/c/eqkit/contracts"),
        ({"HOME": "/h"}, "linux", "/h/.cache/eqkit/contracts"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "/c"}, "darwin", "/h/Library/Caches/eqkit/contracts"),
        ({"LOCALAPPDATA": "/l", "USERPROFILE": "/u"}, "win32", "/l/eqkit/contracts"),
        ({"USERPROFILE": "/u"}, "win32", "/u/AppData/Local/eqkit/contracts"),
    ],
)
def test_the_cache_is_where_the_platform_has_it(
    variables: dict[str, str], platform: str, folder: str
) -> None:
    """XDG Base Directory Specification; the customs of macOS and Windows."""
    assert cache_folder(variables, platform) == Path(folder)


@pytest.mark.parametrize(("files", "loaded"), [
    (["openapi.yml", "openapi.json"], "openapi.yml"), (["openapi.json", "swagger.json"], "openapi.json"),
    (["swagger.yaml"], "swagger.yaml"),
])  # fmt: skip
def test_a_folder_stands_for_the_document_in_it(tmp_path: Path, files: list[str], loaded: str) -> None:
    """openapi.yaml, openapi.yml, openapi.json, in this order; then the names of Swagger."""
    for name in files:
        (tmp_path / name).write_bytes(document())
    assert load_any(str(tmp_path)).files == (tmp_path / loaded,)


def test_a_folder_without_a_document_is_refused(tmp_path: Path) -> None:
    """The line names the files that are looked for."""
    with pytest.raises(
        ContractError, match=r"there is no openapi.yaml, openapi.yml or openapi.json in this folder"
    ):
        load_any(str(tmp_path))
