"""The failures of making a value: for now, for good, and the one that a caller sees."""


class CannotGenerate(Exception):
    """No valid value was made of a schema; the text is one sentence that says where and why."""


class Unfit(Exception):
    """A choice led to no value; another may.

    `location` is the schema at fault in the translation, `keyword` its keyword.
    """

    def __init__(self, location: str, keyword: str, denied: int | None = None) -> None:
        """Keep the place; `denied` is the identity of the schema that the value must not be valid by."""
        super().__init__(location, keyword)
        self.location = location
        self.keyword = keyword
        self.denied = denied


class OutOfBounds(Exception):
    """A value became too large, or took too many tries."""

    def __init__(self, location: str, keyword: str) -> None:
        """Keep the place where the bound was met."""
        super().__init__(location, keyword)
        self.location = location
        self.keyword = keyword
