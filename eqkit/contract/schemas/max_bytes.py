"""The keyword ``x-max-bytes``, for which JSON Schema has no word (ruling B3)."""

from eqkit.contract.document import Json


class MaxBytes:
    """The keyword ``x-max-bytes``: the longest UTF-8 form of a string."""

    def __init__(self, parent_schema: dict[str, Json], value: int, schema_path: list[str | int]) -> None:
        self._limit = value

    def validate(self, instance: Json) -> None:
        """Raise ValueError for a string that is too long."""
        if isinstance(instance, str) and len(instance) * 4 > self._limit < len(instance.encode()):
            raise ValueError(f"longer than {self._limit} bytes")
