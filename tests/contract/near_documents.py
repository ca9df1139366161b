"""JSON documents near to valid ones: the contract's own examples, changed in a few places."""

import copy
from typing import Any

from hypothesis import strategies as st

from eqkit.contract.document import Json
from tests.contract.documents import CONTRACT, media_types, walk

TEXTS = [
    "",
    "message",
    "7230109373",
    "72301093732",
    "72301093732\n",
    "2016-03-27T23:36:38.238Z",
    "2016-02-30T23:36:38.238Z",
    "2016-03-27T23:36:38Z",
    "/v1/queues/queue-name/messages/72301093732",
    "/v1/queues/_bulk/messages/72301093732",
    "delayed",
    "1.1",
    "400",
    "invalid-wait-until",
    "/data/0",
    "data/0",
    "a" * 101,
]
NUMBERS = [0, -1, 1.0, 0.5, -0.0, 1e20, 253402300799999, 253402300800000, 2**63, 2**64, 10**30]

texts = st.sampled_from(TEXTS) | st.text(max_size=40)
names = st.sampled_from(
    ["attributes", "body", "data", "errors", "id", "meta", "type", "wait-until"]
) | st.text(max_size=20)
numbers = st.sampled_from(NUMBERS) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
json_values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


def examples_by_schema() -> dict[str, tuple[Json, list[Json]]]:
    """The schema of each body and its examples, by the schema's title."""
    found: dict[str, tuple[Json, list[Json]]] = {}
    for _, media_type in media_types(CONTRACT):
        schema = media_type["schema"]
        _, values = found.setdefault(schema["title"], (schema, []))
        values += [each["value"] for each in media_type["examples"].values() if each["value"] not in values]
    return found


@st.composite
def near(draw: st.DrawFn, originals: list[Json]) -> Json:
    """One of the originals with up to three places replaced, removed, added or repeated."""
    document = copy.deepcopy(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(0, 3))):
        places = [(path, value) for path, value in walk(document) if path] or [((), document)]
        path, old = draw(st.sampled_from(places))
        if not path:
            return draw(json_values)
        *above, last = path
        parent: Any = document
        for part in above:
            parent = parent[part]
        _change(draw, parent, last, old)
    return document


def _change(draw: st.DrawFn, parent: Any, last: str | int, old: Json) -> None:
    match draw(st.sampled_from(["like", "like", "replace", "remove", "add", "add"])):
        case "like" if isinstance(old, str):
            parent[last] = draw(texts)
        case "like" if isinstance(old, int):
            parent[last] = draw(numbers)
        case "remove":
            del parent[last]
        case "add" if isinstance(parent, list):
            parent.append(copy.deepcopy(draw(st.sampled_from(parent))))
        case "add":
            parent[draw(names)] = draw(json_values)
        case _:
            parent[last] = draw(json_values)
