"""Checks run on the contract of pets, and servers that don't keep to it."""

from pathlib import Path

from click.testing import CliRunner, Result

from eqkit.cli.checks import load_command
from tests.checks.pets import PETS, Pets, Response


class ManyLives(Pets):
    """Answers with a cat that the contract does not know."""

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> Response:
        """Return the answer to an authorized request."""
        status, media_type, document = super().answer(method, path, query, body)
        is_cat = isinstance(document, dict) and "lives" in document
        return status, media_type, {**document, "lives": "many"} if is_cat else document


class Open(Pets):
    """Asks nobody for a key."""

    def may(self, method: str, path: str, query: dict[str, list[str]]) -> bool:
        """Let everybody in."""
        return True


def run(check: str, *arguments: object, contract: Path = PETS) -> Result:
    """Run a check with a contract."""
    command = load_command(check)
    return CliRunner().invoke(command, [*map(str, arguments), "--contract", str(contract)])
