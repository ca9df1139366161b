"""Changes to data that others hold: containers on the way to a change are copied, and the rest is shared."""

from collections.abc import Sequence

from eqkit.contract.pointers import Json


def with_value(data: Json, path: Sequence[str], value: Json) -> Json:
    """Return data with the value at a path, whose containers have to be there, replaced."""
    if not path:
        return value
    name, *rest = path
    if isinstance(data, list):
        index = int(name)
        return [*data[:index], with_value(data[index], rest, value), *data[index + 1 :]]
    return {**data, name: with_value(data.get(name), rest, value)}
