"""The checks as commands; each is loaded when it is called, so that ``eqkit --help`` stays quick."""

import importlib
from typing import Any

import click

CHECKS = {
    "coverage": "Tell which documented answers a recording has seen.",
    "diff": "Compare two versions of a contract.",
    "diff-servers": "Send the same traffic to two servers and compare.",
    "fuzz": "Fuzz a running server with Schemathesis.",
    "lint": "Find the faults of an OpenAPI document.",
    "probe": "Walk the rules of the contract on a running server.",
    "proxy": "Validate the traffic between a client and a server.",
    "replay": "Validate recorded traffic, or send it again.",
    "trace": "Hold the contract against the docs that it came from.",
}
"""Every check, with its purpose in one line."""


def load_command(check: str) -> click.Command:
    """Import the command of a check."""
    module = importlib.import_module(f"eqkit.cli.checks.{check.replace('-', '_')}")
    command: click.Command = module.command
    return command


class Check(click.Command):
    """Stands for the command of a check until it is called."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Load the command, and let it go on from here."""
        assert self.name is not None
        return load_command(self.name).make_context(info_name, args, parent, **extra)


COMMANDS = tuple(Check(name, short_help=text) for name, text in CHECKS.items())
