"""For every operation of the control plane, the command that asks for it."""

import shlex

import click

from eqkit.cli import main

ASKING = {
    "getClock": "clock",
    "freezeClock": "clock freeze 2016-03-27T23:30:00Z",
    "advanceClock": "clock advance 90s",
    "setAutoAdvance": "clock auto-advance on",
    "resumeClock": "clock resume",
    "listDeliveries": "deliveries",
    "streamEvents": "events",
    "listJournal": "journal",
    "clearJournal": "journal clear",
    "summarizeJournal": "journal summary",
    "countRequests": "journal count",
    "verifyRequests": "journal verify --exactly 1",
    "exportHar": "journal har",
    "listFaults": "faults",
    "armFault": "faults arm --answer 503",
    "disarmFaults": "faults clear",
    "disarmFault": "faults disarm fault-1",
    "listPacks": "faults pack",
    "armPack": "faults pack flaky-network",
    "getLimits": "limits",
    "setLimits": "limits set 10/1s",
    "clearLimits": "limits clear",
    "listPending": "pending",
    "cancelMessage": "pending cancel 72301093732",
    "runMessage": "pending run 72301093732",
    "listQueues": "queues",
    "pauseQueue": "queues pause reminders",
    "resumeQueue": "queues resume reminders",
    "purgeQueue": "queues purge reminders",
    "listSandboxes": "sandboxes",
    "getSandbox": "sandboxes show test_a",
    "deleteSandbox": "sandboxes delete test_a",
    "resetSandbox": "sandboxes reset test_a",
    "saveSnapshot": "sandboxes save test_a",
    "restoreSnapshot": "sandboxes restore test_a",
    "forkSandbox": "sandboxes fork test_a test_b",
    "listWebhooks": "webhooks",
    "createWebhook": "webhooks add http://127.0.0.1:9000/hooks",
    "sendWebhook": "webhooks send orderShipped",
    "getWebhook": "webhooks show 1",
    "deleteWebhook": "webhooks remove 1",
    "listWebhookAttempts": "webhooks attempts 1",
}
"""By the name of the operation, the arguments that a person could type after ``eqkit``."""


def name_of(typed: str) -> str:
    """The name of the command alone, without its arguments: ``clock advance``."""
    name: list[str] = []
    command: click.Command = main
    for word in shlex.split(typed):
        if not isinstance(command, click.Group) or word not in command.commands:
            break
        command = command.commands[word]
        name.append(word)
    return " ".join(name)
