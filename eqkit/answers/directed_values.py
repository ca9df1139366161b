"""Values without the members that are for messages of the other direction."""

import copy

from eqkit.contract.document import Json, pointer_parts
from eqkit.contract.messages.contents import misdirected
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.contract.schemas.directions import Direction


def of_direction(schemas: DirectedSchemas, schema: str, value: Json) -> Json:
    """Return a value without the members that the schema at a pointer marks as the other side's.

    Those that are `writeOnly` should not be in a response, those that are `readOnly` not in a request
    (OpenAPI 3.0.4, "Schema Object"). The value is returned as it is if it has none of them, or if it is
    valid with them alone.
    """
    mark = "readOnly" if schemas.direction is Direction.REQUEST else "writeOnly"
    found = [pointer for pointer, _ in misdirected(schemas.shapes, schema, value, mark)]
    if not found:
        return value
    changed = copy.deepcopy(value)
    for pointer in found:
        *above, name = pointer_parts(pointer)
        holder = changed
        for part in above:
            holder = holder.get(part) if isinstance(holder, dict) else holder[int(part)]
            if holder is None:
                break
        if isinstance(holder, dict):
            holder.pop(name, None)
    is_lost = schemas.accepts(schema, value) and not schemas.accepts(schema, changed)
    return value if is_lost else changed
