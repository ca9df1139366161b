"""The mock that a proxy asks where its service lacks an operation."""

import hmac
import secrets
from pathlib import Path

from eqkit import environment
from eqkit.checks.proxy.proxied_exchange import LONGEST_KEPT, Receive, Scope, Send
from eqkit.checks.proxy.stand_in import App
from eqkit.elasticqueue.service import elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.errors import ContractError
from eqkit.sandbox.proxy_sandboxes import KEPT_SANDBOXES
from eqkit.web.contracts.application import contract_application
from eqkit.web.contracts.settings import ContractSettings

MAX_MEMORY = 134_217_728
"""How many bytes the sandboxes of such a mock may hold together."""

_GIVEN = {
    "control": "false",
    "max_sandboxes": str(KEPT_SANDBOXES),
    "max_memory": str(MAX_MEMORY),
    "max_request": str(LONGEST_KEPT),
}
_NOT_ITS_OWN = ("EQKIT_KEY", "EQKIT_WATCH")
"""Variables of a server: a proxy lets any key in, and its contract stays as it is."""


def mock_of(contract: Path | None) -> App:
    """Return the mock of a contract, or of ElasticQueue, set by the variables of ``eqkit serve``.

    Raises SettingsError, and ContractError for a contract that cannot be mocked.
    """
    environ = {name: text for name, text in environment.VARIABLES.items() if name not in _NOT_ITS_OWN}
    if contract is None:
        return _with_any_key(elasticqueue(ElasticQueueSettings.read(_GIVEN, environ)))
    try:
        return contract_application(ContractSettings.read({**_GIVEN, "contract": str(contract)}, environ))
    except ContractError as error:
        raise ContractError(f"--mock-missing: the contract cannot be mocked: {error}") from error


def _with_any_key(mock: App) -> App:
    """Return a mock of ElasticQueue that takes the keys of a real service, each by its digest."""
    secret = secrets.token_bytes(32)

    def known(name: bytes, value: bytes) -> bytes:
        if name != b"authorization":
            return value
        return b"test_" + hmac.new(secret, value, "sha256").hexdigest().encode()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, known(name, value)) for name, value in scope["headers"]]
        await mock({**scope, "headers": headers}, receive, send)

    return application
