"""The action for GitHub, held against the schema of actions and run as a runner does it."""

import json
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.processes import ServerProcess

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(__file__).parent / "schemas"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
PAGE = (ROOT / "docs/how-to/checks/check-a-server.md").read_text()
CHECK = next(step for step in ACTION["runs"]["steps"] if step.get("id") == "check")


def schema(name: str) -> dict[str, Any]:
    """Read a schema of SchemaStore."""
    found: dict[str, Any] = json.loads((SCHEMAS / name).read_text())
    return found


def examples() -> list[dict[str, Any]]:
    """Return the YAML examples of the page: for GitHub, and for GitLab."""
    return [yaml.safe_load(part.split("```")[0]) for part in PAGE.split("```yaml\n")[1:]]


def test_the_action_is_one() -> None:
    """It is valid by the schema of actions, and gives every input and output a description."""
    jsonschema.Draft7Validator(schema("github-action.json")).validate(ACTION)
    assert all(each["description"] for part in ("inputs", "outputs") for each in ACTION[part].values())


def test_no_input_is_run_as_code() -> None:
    """An expression in a script is an injection: inputs reach it through the environment alone."""
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    assert len(scripts) == 2
    assert [script for script in scripts if "${{" in script] == []


def test_the_workflow_of_the_page_uses_the_action_as_it_is() -> None:
    """It is valid by the schema of workflows, and names only inputs and outputs that there are."""
    workflow, gitlab = examples()
    # YAML 1.1 reads the key `on` as true.
    workflow["on"] = workflow.pop(True)  # type: ignore[call-overload]
    jsonschema.Draft7Validator(schema("github-workflow.json")).validate(workflow)
    step = next(step for step in workflow["jobs"]["probe"]["steps"] if step.get("id") == "probe")
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert "steps.probe.outputs.sarif" in PAGE
    assert "sarif" in ACTION["outputs"]
    assert set(gitlab["contract"]) == {"image", "services", "script", "artifacts"}


@pytest.mark.parametrize(
    ("arguments", "code", "outcome"),
    [("{url}\n--key\ntest_action $(touch ran)", 2, "error"), ("{url}\n", 0, "passed")],
)
def test_the_action_runs_a_check(
    arguments: str, code: int, outcome: str, live: ServerProcess, tmp_path: Path
) -> None:
    """Each line is one argument, as it stands; exit code and reports are those of the check."""
    (tmp_path / "eqkit").mkdir()
    (tmp_path / "eqkit/bin").symlink_to(sysconfig.get_path("scripts"))
    environment = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "CHECK": "probe",
        "ARGUMENTS": arguments.format(url=live.url),
        "KEY": "test_the-action",
        "REPORTS": "reports",
    }
    assert environment.keys() >= CHECK["env"].keys()
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", CHECK["run"]]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert f"outcome={outcome}\n" in (tmp_path / "output").read_text()
    assert {"junit.xml", "eqkit.sarif", "eqkit.json"} == {
        file.name for file in (tmp_path / "reports").iterdir()
    }
    assert (tmp_path / "summary.md").read_text()
    assert not (tmp_path / "ran").exists()
