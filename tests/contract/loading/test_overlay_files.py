"""Overlays change a document as their specification says, and what they can't do is told with its place."""

import copy
from pathlib import Path

import pytest
import yaml

from eqkit.contract.document import Json
from eqkit.contract.loading.any_contract import load_any
from eqkit.errors import ContractError

DOCUMENT = yaml.safe_load("""
openapi: 3.0.3
info: {title: T, version: '1'}
tags: [{name: a}]
paths:
  /pets:
    get:
      operationId: list
      tags: [a, dummy]
      parameters: [{name: filter, in: query, schema: {type: string}}, {name: dummy, in: query, schema: {}}]
      responses: {'200': {description: d}}
    post: {operationId: add, responses: {'200': {description: d}}}
  /items:
    get: {operationId: items, x-traits: [paged], responses: {'200': {description: d}}}
""")
HEAD = "overlay: 1.0.0\ninfo: {title: O, version: '1'}\nactions:\n"


def overlaid(folder: Path, *actions: str, head: str = HEAD) -> tuple[Json, list[str]]:
    """Load the document with overlays of some actions, an action of YAML each; return data and warnings."""
    (folder / "api.yaml").write_text(yaml.safe_dump(DOCUMENT, sort_keys=False))
    files = [folder / f"overlay{index}.yaml" for index, _ in enumerate(actions)]
    for file, action in zip(files, actions, strict=True):
        file.write_text(f"{head}{action}" if action.startswith("-") else action)
    found = load_any(str(folder / "api.yaml"), overlays=files)
    assert found.files == (folder / "api.yaml", *files)
    return found.document.data, found.warnings


def expected(pointer: list[str | int], value: Json) -> Json:
    """The document with a value set at a place."""
    data = copy.deepcopy(DOCUMENT)
    node: Json = data
    for part in pointer[:-1]:
        node = node[part]
    node[pointer[-1]] = value
    return data


GET: list[str | int] = ["paths", "/pets", "get"]
LIST = DOCUMENT["paths"]["/pets"]["get"]
FILTER, DUMMY = LIST["parameters"]
NEW = {"name": "new", "in": "query", "schema": {}}


ROWS: list[tuple[str, list[str | int], Json]] = [
    ("- {target: $, update: {info: {x-a: 1}}}", ["info"], {**DOCUMENT["info"], "x-a": 1}),
    ("- {target: $.info, update: {title: U}}", ["info", "title"], "U"),
    ("- {target: $.info.title, update: U}", ["info", "title"], "U"),
    ("- {target: $, update: {info: , tags: }}", ["openapi"], "3.0.3"),
    ("- {target: $, update: {tags: [{name: b}]}}", ["tags"], [{"name": "a"}, {"name": "b"}]),
    ("- {target: $.tags, update: {name: b}}", ["tags"], [{"name": "a"}, {"name": "b"}]),
    ("- {target: $.tags, update: [{name: b}, {name: c}]}", ["tags"], [{"name": each} for each in "abc"]),
    ("- {target: $.tags.*, update: {name: b}}", ["tags"], [{"name": "b"}]),
    (
        "- {target: $.paths.*.get.parameters, update: {name: new, in: query, schema: {}}}",
        [*GET, "parameters"], [FILTER, DUMMY, NEW],
    ),
    ("- target: $.paths.*.get.parameters[?@.name=='dummy']\n  remove: true", [*GET, "parameters"], [FILTER]),
    ("- {target: '$.paths.*.get.parameters[*]', remove: true}", [*GET, "parameters"], []),
    ("- target: $.paths.*.get.tags[?@ == 'dummy']\n  remove: true", [*GET, "tags"], ["a"]),
    (
        "- target: $.paths.*.get.parameters[?@.name=='filter' && @.in=='query']\n  update: {schema: {a: 5}}",
        [*GET, "parameters", 0, "schema"], {"type": "string", "a": 5},
    ),
    (
        "- target: $.paths[?(@.get['x-traits'][?(@ == 'paged')])].get\n  update: {summary: paged}",
        ["paths", "/items", "get", "summary"], "paged",
    ),
    (
        "- {target: $.paths.*, update: {delete: {x-a: 1}}}\n- {target: $..delete, remove: true}",
        ["openapi"], "3.0.3",
    ),
    (
        "- {target: $.tags, copy: $.tags, remove: true}\n- {target: $, update: {tags: [{name: c}]}}",
        ["tags"], [{"name": "c"}],
    ),
    ("- {target: $.tags, copy: $.tags}", ["tags"], [{"name": "a"}, {"name": "a"}]),
    (
        "- {target: $, update: {x: {}}}\n- {target: $.x, copy: $.info}\n- {target: $.x, update: {title: U}}",
        ["x"], {"title": "U", "version": "1"},
    ),
    ("- {target: $.info.title, copy: $.openapi}", ["info", "title"], "3.0.3"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "pointer", "value"), ROWS, ids=range(len(ROWS)))
def test_an_action_changes_what_it_selects(
    tmp_path: Path, action: str, pointer: list[str | int], value: Json
) -> None:
    """Overlay Specification 1.1.0, "Action Object" and "Examples"; the order of members does not matter."""
    data, warnings = overlaid(tmp_path, action)
    assert (data, warnings) == (expected(pointer, value), [])


def test_overlays_are_applied_in_their_order(tmp_path: Path) -> None:
    """Each sees what the ones before it have made."""
    data, _ = overlaid(tmp_path, "- {target: $, update: {x: {b: 1}}}", "- {target: $.x.b, update: 2}")
    assert data["x"] == {"b": 2}


def test_references_of_an_overlay_are_followed_as_those_of_the_document(tmp_path: Path) -> None:
    """They lead from the document, to files in its folder."""
    (tmp_path / "more.yaml").write_text("pet: {type: integer}\n")
    action = "- {target: \"$.paths['/pets'].get.parameters[0].schema\", update: {$ref: 'more.yaml#/pet'}}"
    (tmp_path / "api.yaml").write_text(yaml.safe_dump(DOCUMENT))
    (tmp_path / "overlay.yaml").write_text(HEAD + action)
    found = load_any(str(tmp_path / "api.yaml"), overlays=[tmp_path / "overlay.yaml"])
    assert found.document.at("/x-files/more.yaml/pet") == {"type": "integer"}
    assert set(found.files) == {tmp_path / each for each in ("api.yaml", "more.yaml", "overlay.yaml")}


@pytest.mark.parametrize(
    ("action", "warning"),
    [
        ("- target: $.paths['/lost']\n  remove: true\n", ":4:3: $.paths['/lost'] selects nothing"),
        ("- target: $.info\n", "overlay0.yaml:4:3: the action has no `update`, `copy` or `remove: true`"),
        ("- {target: $.info, remove: false}", "the action has no `update`"),
    ],
)  # fmt: skip
def test_an_action_that_changes_nothing_is_a_warning(tmp_path: Path, action: str, warning: str) -> None:
    """It is most often a slip of the pen."""
    data, warnings = overlaid(tmp_path, action)
    assert data == DOCUMENT
    assert [each for each in warnings if warning in each]


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ("openapi: 3.0.3\n", "overlay0.yaml: not an OpenAPI Overlay: there is no member `overlay`"),
        ("[]", "not an OpenAPI Overlay"),
        ("overlay: 2.0.0\nactions: []\n", ":1:1: Overlay 2.0.0 can't be applied; 1.0 and 1.1 can"),
        ("overlay: 1.0.0\n", "`actions` must be an array of at least one action"),
        ("overlay: 1.0.0\nactions: {}\n", "overlay0.yaml:2:1: `actions` must be an array"),
        ("- 5", "overlay0.yaml:4:3: an action must be an object"),
        ("- {update: 5}", "an action must have a `target`, a JSONPath"),
        ("- {target: 5}", "an action must have a `target`, a JSONPath"),
        ("- {target: paths}", "overlay0.yaml:4:4: paths is no JSONPath"),
        ("- {target: $, remove: true}", "$ selects the document, which can't be removed"),
        ("- {target: $.info, update: 5}", "at /info, a plain value can't be merged with an object"),
        ("- {target: $.info, update: [5]}", "at /info, an array can't be merged with an object"),
        ("- {target: $.openapi, update: {a: 1}}", "at /openapi, an object can't be merged"),
        ("- {target: $, update: {info: {title: [1]}}}", "at /info/title, an array can't be merged"),
        ("- {target: $, update: 5}", "at the document, a plain value can't be merged with an object"),
        ("- {target: $.info, copy: $.paths.*}", "`copy` must select one value, and selects 2"),
        ("- {target: $.info, copy: 5}", "5 is no JSONPath"),
        ("- {target: $, update: {x: [1]}}" + "\n- {target: $.x, copy: $.x}" * 30, "add more than 1000000"),
        ("- {target: $, update: {x: {}}}" + "\n- {target: $..x, copy: $}" * 40, "add more than 1000000 val"),
        ("- {target: $, update: {x: {}}}" + "\n- {target: $.x, copy: $}" * 250, "the "),
        ("{", "overlay0.yaml:2:1: not YAML"),
    ],
)  # fmt: skip
def test_an_overlay_that_can_t_be_applied_is_refused_in_a_line(
    tmp_path: Path, overlay: str, message: str
) -> None:
    """The line has the file of the overlay, and the place in it."""
    with pytest.raises(ContractError) as caught:
        overlaid(tmp_path, overlay)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path}/overlay0.yaml")
    assert "\n" not in str(caught.value)
