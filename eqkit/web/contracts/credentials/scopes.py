"""The scopes of tokens, by a table: of a file, or of the values of an option."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from eqkit.contract.document import Json
from eqkit.contract.loading.source_texts import read_file
from eqkit.errors import ContractError, SettingsError

ANY_TOKEN = "*"  # noqa: S105 - stands for all tokens that a table does not list
"""The name in a table for all other tokens."""

FORM = "a file with a list of scopes for each token, or TOKEN=SCOPE SCOPE"


class TokenScopes:
    """The scopes of each token; a token that is not listed has those of ``*``, or none."""

    def __init__(self, table: Mapping[str, Iterable[str]]) -> None:
        """Take the scopes by token."""
        self._table = {token: frozenset(scopes) for token, scopes in table.items()}
        self._others = self._table.get(ANY_TOKEN, frozenset())

    @classmethod
    def read(cls, values: Iterable[str]) -> "TokenScopes | None":
        """Make a table of the values of an option; None for no values, so that any token has every scope.

        Each is ``TOKEN=SCOPE SCOPE``, or the name of a YAML or JSON file with an object: a list of scopes
        for each token, or a text with blanks between them. Raises SettingsError without any token in it.
        """
        table: dict[str, Iterable[str]] = {}
        for value in values:
            # Scopes have equals signs less often than tokens, which may end with some (RFC 6750 2.1).
            token, equals, scopes = value.rpartition("=")
            if equals and token:
                table[token] = scopes.split()
            elif equals:
                raise SettingsError(f"--scopes: there is no token before the equals sign; expected {FORM}")
            else:
                table |= _of_file(Path(value))
        return cls(table) if table else None

    def of(self, keys: Iterable[str]) -> frozenset[str]:
        """Return the scopes of credentials, by the first listed text that they are known by."""
        return next((self._table[key] for key in keys if key in self._table), self._others)


def _of_file(path: Path) -> dict[str, Iterable[str]]:
    # A value that is no file may be a token, and an error of YAML quotes its line.
    if not path.is_file():
        raise SettingsError(f"--scopes: there is no such file; expected {FORM}")
    try:
        data = read_file(path).data
    except ContractError:
        raise SettingsError(f"--scopes: {path}: neither YAML nor JSON, or not readable") from None
    if not isinstance(data, dict):
        raise SettingsError(f"--scopes: {path}: expected an object with a list of scopes for each token")
    return {str(token): _list(path, number, scopes) for number, (token, scopes) in enumerate(data.items(), 1)}


def _list(path: Path, number: int, scopes: Json) -> list[str]:
    found = scopes.split() if isinstance(scopes, str) else [] if scopes is None else scopes
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise SettingsError(f"--scopes: {path}: token {number} must have a list of scopes")
    return found
