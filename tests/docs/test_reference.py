"""The docs list all settings, codes, limits, paths, floors, layers, verbs and rulings, and no others."""

import ast
import asyncio
import dataclasses
import importlib
import re
import tomllib
from pathlib import Path
from typing import Any, cast

from eqkit.contract.operations import Contract
from eqkit.elasticqueue.service import ElasticQueue, elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.errors import CODES, CONTROL_CODES, Code
from eqkit.exit_codes import ExitCode
from eqkit.web.app import load_contract
from eqkit.web.connexion import ConnexionMiddleware
from eqkit.web.contracts.control_document import with_webhooks
from eqkit.web.contracts.settings import ContractSettings
from eqkit.web.pages import pages
from tests.commands import ASKING, name_of
from tests.docs.pages import ADR, DOCS, PAGES, ROOT, anchors, links, place, prose, rows, rulings

REFERENCE = DOCS / "reference"
ARCHITECTURE = ROOT / "ARCHITECTURE.md"
MAKEFILE = (ROOT / "Makefile").read_text()
HOUSE = r"(?:eqkit|handlers|mocks|openapi|tests|docs|benchmarks|\.ci)/"


def verbs() -> set[str]:
    """The verbs of the Makefile."""
    return set(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[0].split())


def code(text: str) -> str:
    """A text in backticks."""
    return f"`{text}`"


def settings() -> set[tuple[str, ...]]:
    """The row of every setting: option, variable, value, default, meaning."""
    found = set[tuple[str, ...]]()
    for field in (*dataclasses.fields(ElasticQueueSettings), *dataclasses.fields(ContractSettings)):
        default = "" if field.default in (None, ()) else code(str(field.default).lower())
        option = code("--" + field.name.replace("_", "-"))
        meaning = field.metadata["help"] + (" Repeatable." if field.metadata["many"] else "")
        variable = code("EQKIT_" + field.name.upper())
        found.add((option, variable, code(field.metadata["metavar"]), default, meaning))
    return found


def test_exit_codes_are_listed_once() -> None:
    """One table has the exit codes of every command, with their names."""
    listed = [row[:2] for row in rows(REFERENCE / "reports.md", "Exit code")]
    assert listed == [(str(each.value), each.name.lower()) for each in ExitCode]
    tables = [page for page in PAGES if re.search(r"^\| *Exit code", page.read_text(), re.MULTILINE)]
    assert tables == [REFERENCE / "reports.md"]


def test_settings_are_listed_as_they_are() -> None:
    """Each option with its variable, value, default and meaning, and none that there is not."""
    listed = rows(REFERENCE / "settings.md", "Option")
    assert set(listed) == settings()
    assert len(listed) == len(settings())


def test_error_codes_are_listed_as_the_contract_has_them() -> None:
    """Each code with its status and title, in the contract's order, and with a word on when it is sent."""
    schema = load_contract("elasticqueue.yaml").at("/components/schemas/ErrorCode")
    expected = [
        (code(slug), str(CODES[slug].status), schema["x-enumDescriptions"][slug])
        for slug in schema["x-extensible-enum"]
    ]
    listed = rows(REFERENCE / "error-codes.md", "Code")
    assert sorted(row[:3] for row in listed) == sorted(expected)
    assert [row for row in listed if len(row) != 4 or not row[3]] == []


def test_the_codes_of_the_control_plane_are_listed_as_they_are() -> None:
    """Those that only /_mock sends, with status and title, in a table of their own."""
    expected = [(code(each.slug), str(each.status), each.title) for each in Code if each in CONTROL_CODES]
    listed = rows(REFERENCE / "error-codes.md", "Control code")
    assert sorted(row[:3] for row in listed) == sorted(expected)
    assert [row for row in listed if len(row) != 4 or not row[3]] == []


def test_limits_are_listed_as_they_are() -> None:
    """Each limit that no setting changes has the value that is written beside its name."""
    listed = rows(REFERENCE / "limits.md", "Name")
    assert listed
    for name, value, *_ in listed:
        module, _, constant = name.strip("`").rpartition(".")
        assert getattr(importlib.import_module(module), constant) == int(value.replace(",", "")), name


def test_paths_are_listed_as_they_are() -> None:
    """Each operation of the contract by method, path and name, and each page beside it."""
    contract = Contract(load_contract("elasticqueue.yaml"))
    operations = {(each.method, code(each.path), code(each.id)) for each in contract.operations.values()}
    assert {row[:3] for row in rows(REFERENCE / "paths.md", "Method")} == operations
    assert {row[0] for row in rows(REFERENCE / "paths.md", "Page")} == set(
        map(code, pages(contract, ElasticQueue(), ""))
    )


def test_paths_of_the_control_plane_are_listed_as_they_are() -> None:
    """Each operation of /_mock by method, path, name, summary, and the command that asks for it."""
    document = with_webhooks(load_contract("mock.yaml"))
    expected = {
        (
            each.method,
            code(each.path),
            code(each.id),
            document.data["paths"][each.path][each.method.lower()]["summary"],
            code(f"eqkit {name_of(ASKING[each.id])}"),
        )
        for each in Contract(document).operations.values()
    }
    listed = rows(REFERENCE / "paths.md", "Control method")
    assert set(listed) == expected
    assert len(listed) == len(expected)


def test_every_link_leads_somewhere() -> None:
    """Each relative link of a page leads to a file of the project, and its anchor to a heading there."""
    lost = []
    for page in PAGES:
        for target, file, anchor in links(page):
            if not file.exists() or not file.is_relative_to(ROOT):
                lost.append(f"{place(page)}: {target}")
            elif anchor and (file.suffix != ".md" or anchor not in anchors(file)):
                lost.append(f"{place(page)}: {target}: there is no such heading")
    assert lost == []


def test_every_file_that_is_named_is_there() -> None:
    """A path in backticks that begins with a folder of the project exists."""
    lost = [
        f"{place(page)}: {path}"
        for page in PAGES
        for path in re.findall(rf"`({HOUSE}[\w./-]*)[:`]", prose(page))
        if not (ROOT / path).exists()
    ]
    assert lost == []


def test_every_page_is_reached_from_the_index() -> None:
    """A page that no link leads to is read by nobody."""
    reached, ahead = set[Path](), [DOCS / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached and page.suffix == ".md" and page.exists():
            reached.add(page)
            ahead += [file for _, file, _ in links(page)]
    assert sorted(place(page) for page in set(DOCS.rglob("*.md")) - reached) == []


def test_every_ruling_that_is_cited_can_be_read() -> None:
    """Code, contract, tests and docs cite rulings; each has its entry in docs/adr, with reason and source."""
    texts = {
        file: file.read_text()
        for folder in ("eqkit", "handlers", "mocks", "tests", "docs")
        for file in (ROOT / folder).rglob("*.md" if folder == "docs" else "*.py")
    } | {
        file: file.read_text()
        for file in (ROOT / "openapi").glob("**/*.yaml")
        if "node_modules" not in file.parts
    }
    token = r"[DTBH]\d{1,2}\b"
    cited: dict[str, str] = {}
    for file, text in texts.items():
        for group in re.findall(rf"[Rr]ulings? ({token}(?:(?:, and |, | and ){token})*)", text):
            cited |= dict.fromkeys(re.findall(token, group), place(file))
        for group in re.findall(r"x-ruling: \[([^\]]*)\]", text):
            # The tests have contracts of their own, with other rulings.
            cited |= dict.fromkeys(re.findall(token, group), place(file))
        cited |= dict.fromkeys(re.findall(rf"\[({token})\]\(", text), place(file))
    assert {ruling: where for ruling, where in cited.items() if ruling not in rulings()} == {}


def test_every_ruling_says_why_and_whence() -> None:
    """A ruling begins with its rule in bold, and gives its reason and its source."""
    for name, text in rulings().items():
        assert re.match(r"\n\*\*.+?\*\*", text, re.DOTALL), name
        assert "\nWhy: " in text, name
        assert "\nSource: " in text, name


def test_rulings_are_numbered_without_a_gap() -> None:
    """A series that skips a number has lost a ruling."""
    for letter in "DTBH":
        numbers = [int(name[1:]) for name in rulings() if name[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1)), letter


def test_the_index_of_decisions_knows_each_of_them() -> None:
    """docs/adr/README.md lists every record with its own title and status."""
    expected = set()
    for page in ADR.glob("0*.md"):
        text = page.read_text()
        title, status = re.match(r"# (.+)\n\nStatus: (.+)\n", text).groups()  # type: ignore[union-attr]
        expected.add((f"[{title}]({page.name})", status))
    listed = rows(ADR / "README.md", "Record")
    assert {row[:2] for row in listed} == expected


def test_every_verb_has_a_help_text() -> None:
    """`make help` lists each verb of the Makefile."""
    assert set(re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE)) == verbs()


def test_every_verb_that_is_named_is_there() -> None:
    """`make …` in a page, prose and blocks alike, names a verb of the Makefile."""
    named = {
        verb: place(page)
        for page in PAGES
        for verb in re.findall(r"(?:`|^|\$ )make ([a-z-]+)", page.read_text(), re.MULTILINE)
    }
    assert {verb: where for verb, where in named.items() if verb not in verbs()} == {}


def floors() -> list[set[str]]:
    """The floors as import-linter holds them, the lowest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["id"] == "floors")
    return [set(re.findall(r"\w+", layer)) for layer in reversed(layers)]


def test_the_floors_of_the_picture_are_the_linters() -> None:
    """ARCHITECTURE.md shows the floors of pyproject.toml, the rooms of each and their order."""
    rooms = [set(re.findall(r"`(\w+)/?`", row[1])) for row in rows(ARCHITECTURE, "Floor")]
    assert rooms == floors()


def test_the_layers_of_the_picture_are_the_applications() -> None:
    """ARCHITECTURE.md lists the layers of both documents as the application has them, outermost first."""
    application = elasticqueue(ElasticQueueSettings(validate_responses=True, strict_clients=True))
    assert application._has_control
    for first, stack in (
        ("Middleware", cast("ConnexionMiddleware", application._public)),
        ("Control middleware", cast("ConnexionMiddleware", asyncio.run(application._control.get()))),
    ):
        layers: list[Any] = list(stack.middlewares)
        names = [getattr(layer, "func", layer).__name__ for layer in layers]
        assert [row[0].strip("`") for row in rows(ARCHITECTURE, first)] == [*names, "Endpoint"]
    source = ast.unparse(ast.parse((ROOT / "eqkit/web/service_application.py").read_text()))
    assert re.search(r"ConnexionMiddleware\(\s*Endpoint\(", source)
