"""The server without a socket: an ASGI application, for tests that call it in their own process."""

from typing import Any

from eqkit import extras
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.web.contracts.settings import ContractSettings

try:
    from eqkit.elasticqueue.service import elasticqueue
    from eqkit.web.app import Application
    from eqkit.web.contracts.application import contract_application
except ImportError as error:
    if not extras.is_of_extra(error):
        raise
    raise ImportError(extras.missing("eqkit.asgi", "server", error)) from error

__all__ = ["Application", "application"]


def application(**settings: Any) -> Application:
    """Return a mock with settings by their names (``wait_until_unit="seconds"``), and the defaults otherwise.

    With a ``contract`` it is one of that contract, else of ElasticQueue. Values are texts as on the command
    line, or whole numbers and booleans; a repeatable option takes a list. The environment is not read.
    Raises SettingsError or ContractError.
    """
    given = {name: _text(value) for name, value in settings.items()}
    is_other = "contract" in given
    kind = ContractSettings if is_other else ElasticQueueSettings
    unknown = given.keys() - {*kind.__dataclass_fields__}
    if unknown:
        raise TypeError(f"there is no setting {', '.join(sorted(unknown))}")
    if is_other:
        return contract_application(ContractSettings.read(given, environ={}))
    return elasticqueue(ElasticQueueSettings.read(given, environ={}))


def _text(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        return [str(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
