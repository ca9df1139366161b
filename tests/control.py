"""A synchronous client of the control plane at /_mock, for tests that need no socket."""

from typing import Any

import httpx
import jsonschema_rs

from eqkit.errors import CODES
from eqkit.web.app import Application, load_contract
from tests.clients import KEY, Client

MOCK = "/_mock"
_CONTRACT = load_contract("mock.yaml")
_IS_ERROR_DOCUMENT = jsonschema_rs.Draft4Validator(
    _CONTRACT.inlined(_CONTRACT.at("/components/schemas/ErrorDocument"))
).is_valid


class Control(Client):
    """Sends requests to the control plane about the sandbox of its key; paths are those of mock.yaml."""

    base_url = "http://127.0.0.1:8080"
    media_type = "application/json"

    def __init__(self, application: Application, key: str | None = KEY) -> None:
        """Take the application; `public` asks its public API with the same key."""
        super().__init__(application, key)
        self.public = Client(application, key)

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request from inside an event loop, where several can be under way."""
        return await super().send(method, MOCK + path, **options)

    def freeze(self, at: str | None = None) -> httpx.Response:
        """Stop the clock, at an instant or where it is."""
        return self.post("/clock/freeze", json={} if at is None else {"at": at})

    def advance(self, **how: Any) -> httpx.Response:
        """Move the clock on; `by_ms` is the member by-ms."""
        return self.post(
            "/clock/advance", json={name.replace("_", "-"): value for name, value in how.items()}
        )


def control_errors(response: httpx.Response) -> list[tuple[str, str, str | None]]:
    """Return (status, code, place) of each error of an answer, having held it against mock.yaml."""
    document = response.json()
    assert response.headers["content-type"] == "application/json"
    assert _IS_ERROR_DOCUMENT(document), document
    statuses = {error["status"] for error in document["errors"]}
    assert response.status_code == (int(*statuses) if len(statuses) == 1 else 400)
    for error in document["errors"]:
        code = CODES[error["code"]]
        assert (error["status"], error["title"]) == (str(code.status), code.title)
    return [
        (error["status"], error["code"], next(iter(error.get("source", {}).values()), None))
        for error in document["errors"]
    ]
