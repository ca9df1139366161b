"""The flows of openapi/flows.arazzo.yaml, as far as they can be checked without walking them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from eqkit.contract.operations import Contract
from eqkit.web.app import load_contract

FLOWS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "openapi" / "flows.arazzo.yaml").read_text()
)
WORKFLOWS = {workflow["workflowId"]: workflow for workflow in FLOWS["workflows"]}
OPERATIONS = Contract(load_contract("elasticqueue.yaml")).operations


def test_the_three_stories_are_told() -> None:
    """A message now, a message later, and many messages or none, on the contract beside them."""
    assert list(WORKFLOWS) == ["now", "later", "all-or-nothing"]
    assert [source["url"] for source in FLOWS["sourceDescriptions"]] == ["elasticqueue.yaml"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_each_step_fits_the_contract(name: str) -> None:
    """Operations exist, path parameters and the key are sent, and the status is a documented one."""
    for step in WORKFLOWS[name]["steps"]:
        operation = OPERATIONS[step["operationId"]]
        sent = {(parameter["in"], parameter["name"]) for parameter in step["parameters"]}
        assert sent == {("path", each) for each in operation.in_place("path")} | {("header", "Authorization")}
        expected = [
            int(found.group(1))
            for criterion in step["successCriteria"]
            if (found := re.fullmatch(r"\$statusCode == (\d+)", criterion["condition"]))
        ]
        assert len(expected) == 1
        assert expected[0] in operation.responses


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_step_uses_outputs_of_earlier_steps_alone(name: str) -> None:
    """No step reads an output that is not there yet, or an input that is not declared."""
    given: set[str] = {f"$inputs.{each}" for each in WORKFLOWS[name]["inputs"]["properties"]}
    for step in WORKFLOWS[name]["steps"]:
        used = {parameter["value"] for parameter in step["parameters"]}
        assert used <= given
        given |= {f"$steps.{step['stepId']}.outputs.{each}" for each in step.get("outputs", {})}
