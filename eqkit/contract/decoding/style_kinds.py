"""The styles that there are of parameters (OpenAPI 3.0.4 and 3.1.1, "Style Values")."""

from dataclasses import dataclass

DELIMITERS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|", "cookie": ","}
"""The separator of the items of an array that is one text, by style."""

DEFAULTS = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
"""The style of a parameter that names none, by its place."""

STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
"""The styles of each place (OpenAPI 3.0.4, "Style Values"; `cookie` since 3.2)."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a parameter is written."""

    name: str
    explode: bool

    def __str__(self) -> str:
        """Name it as a document does."""
        return f"{self.name}, explode: {str(self.explode).lower()}"
