"""A key that stands twice in one object loses a value, and is told as a repair."""

from pathlib import Path

import pytest

from eqkit.contract.loading.any_contract import load_any
from eqkit.errors import ContractError

YAML = "openapi: 3.0.3\npaths: {/a: {}}\ninfo: &i {title: A, version: '1'}\n"
JSON = '{"openapi": "3.0.3", "info": {"title": "A", "version": "1"},\n'


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("a.yaml", f"{YAML}paths: {{}}\n", [(4, 1, "paths", 2)]),
        ("a.yaml", f"{YAML}x: {{a: 1, a: 2, b: 3, a: 4}}\n", [(4, 11, "a", 4), (4, 23, "a", 4)]),
        ("a.yaml", f"{YAML}x: {{1: a, '1': b}}\n", [(4, 11, "1", 4)]),
        ("a.yaml", f"{YAML}x: {{<<: *i, <<: *i}}\n", []),
        ("a.yaml", f"{YAML}x: [&x {{a: 1, a: 2}}, *x, *x]\n", [(4, 15, "a", 4)]),
        ("a.json", f'{JSON}"paths": {{"/a": {{}}, "/a": {{}}}}}}', [(2, 21, "/a", 2)]),
        ("a.json", f'{JSON}"x": "\\u0022\\u0022", "paths": {{}},\n"paths": {{}}}}', [(3, 1, "paths", 2)]),
        ("a.json", f'{JSON}"x": "\\" \\u0022", "paths": {{}}}}', []),
    ],
)
def test_a_key_that_stands_twice_is_told(
    tmp_path: Path, name: str, text: str, lines: list[tuple[int, int, str, int]]
) -> None:
    """YAML forbids it (1.2.2, 3.2.1.1), and in JSON any value may be taken (RFC 8259 4): here, the last."""
    (tmp_path / name).write_text(text)
    expected = [
        f'{tmp_path / name}:{line}:{column}: "{key}" stands on line {first} of the same object already: '
        "the last one counts"
        for line, column, key, first in lines
    ]
    found = [str(each) for each in load_any(str(tmp_path / name)).repairs if each.rule == "duplicate-key"]
    assert found == expected


def test_a_key_that_stands_twice_in_another_file_is_told(tmp_path: Path) -> None:
    """Each file of a contract is read in the same way; strict, the contract is refused."""
    (tmp_path / "a.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths: {/a: {$ref: b.json}}\n"
    )
    (tmp_path / "b.json").write_text('{"get": {"operationId": "a", "operationId": "b", "responses": {}}}')
    line = f'{tmp_path / "b.json"}:1:30: "operationId" stands on line 1 of the same object already: '
    with pytest.raises(ContractError) as caught:
        load_any(str(tmp_path / "a.yaml"), strict=True)
    assert line in str(caught.value)
