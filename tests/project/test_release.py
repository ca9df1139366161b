"""The release: a dry run makes all of it in a clone, and each reason to refuse one is printed in a line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.project.wheels import ROOT
from tests.tools import needed

KINDS = "changed|added|fixed|removed|security"


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, and return its output."""
    names = ("-c", "user.name=test", "-c", "user.email=test@eqkit.invalid", "-c", "init.defaultBranch=main")
    command = [needed("git"), *names, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def release(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a checkout with the Python of this suite."""
    names = {f"GIT_{each}": "test@eqkit.invalid" for each in ("AUTHOR_NAME", "AUTHOR_EMAIL")}
    names |= {f"GIT_{each}": "test@eqkit.invalid" for each in ("COMMITTER_NAME", "COMMITTER_EMAIL")}
    return subprocess.run(
        [str(folder / ".ci/release"), *arguments],
        env=os.environ | {"PYTHON": sys.executable} | names,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository on main with the files of this one, all committed."""
    folder = tmp_path / "checkout"
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
            (folder / name).chmod((ROOT / name).stat().st_mode)
    git(folder, "init", "--quiet")
    (folder / "changes/+tested.fixed.md").write_text("The dry run says so.\n")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")
    return folder


def test_a_dry_run_makes_a_release_and_changes_nothing(checkout: Path) -> None:
    """Changelog, version, wheel and sdist, commit and tag: all of it in a clone."""
    before = git(checkout, "status", "--porcelain"), git(checkout, "rev-parse", "HEAD")
    made = release(checkout, "98.7.6", "--dry-run")
    assert made.returncode == 0, made.stderr
    assert "release: 98.7.6\n" in made.stdout
    assert "eqkit-98.7.6-py3-none-any.whl" in made.stdout
    assert "eqkit-98.7.6.tar.gz" in made.stdout
    assert made.stdout.endswith("release: 98.7.6 can be made; nothing was changed here\n")
    assert (git(checkout, "status", "--porcelain"), git(checkout, "rev-parse", "HEAD")) == before
    assert git(checkout, "tag") == ""


def test_a_release_is_a_commit_and_a_tag(checkout: Path) -> None:
    """The changelog has the fragments under the new version, and they are gone."""
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace(".invalid/", ".test/"))
    git(checkout, "commit", "--quiet", "--all", "--message", "project: have an address")
    made = release(checkout, "98.7.6")
    assert made.returncode == 0, made.stderr
    assert git(checkout, "describe", "--exact-match") == "v98.7.6\n"
    assert git(checkout, "status", "--porcelain") == ""
    newest = (checkout / "CHANGELOG.md").read_text().partition("<!-- releases -->\n")[2]
    assert re.match(r"\n## \[98\.7\.6\] - \d{4}-\d\d-\d\d\n\n### \w+\n\n- ", newest), newest[:300]
    released, _, before = newest.partition("\n## Before 0.1.0\n")
    assert "\n- The dry run says so.\n" in released.partition("\n### Fixed\n")[2]
    assert before != ""
    assert '__version__ = "98.7.6"' in (checkout / "eqkit/__init__.py").read_text()
    assert [file.name for file in (checkout / "changes").glob("*.md")] == ["README.md"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "say which"),
        (["1.2"], "say which"),
        (["1.2.3", "--wet"], "no option --wet"),
        (["1.2.3"], "no public address"),
        (["0.0.1", "--dry-run"], "v0.0.1 is there already"),
    ],
)
def test_a_release_that_cannot_be_is_refused_in_a_line(
    checkout: Path, arguments: list[str], reason: str
) -> None:
    """No version, another option, no address, a version that is there."""
    git(checkout, "tag", "v0.0.1")
    refused = release(checkout, *arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert re.fullmatch(rf"release: .*{reason}.*\n", refused.stderr)


def test_a_release_is_refused_for_a_checkout_with_changes(checkout: Path) -> None:
    """Nothing gets into a release that is in no commit."""
    (checkout / "README.md").write_text("else")
    assert "not committed" in release(checkout, "1.2.3").stderr


def test_every_fragment_has_a_kind() -> None:
    """Any other name in changes/ would be overlooked."""
    names = [file.name for file in (ROOT / "changes").iterdir()]
    others = {name for name in names if not re.fullmatch(rf"\+?[\w-]+\.(?:{KINDS})\.md", name)}
    assert others == {"README.md", "template.md.jinja"}


def test_dependabot_looks_at_every_lock() -> None:
    """Each package-lock.json, and the Python locks."""
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    folders = {
        each["package-ecosystem"]: set(each.get("directories", [each.get("directory")])) for each in updates
    }
    locks = git(ROOT, "ls-files", "*package-lock.json").splitlines()
    assert folders["npm"] == {f"/{Path(lock).parent.as_posix()}" for lock in locks}
    assert folders["pip"] == {"/", "/sdks"}
    assert folders["github-actions"] == folders["docker"] == {"/"}
