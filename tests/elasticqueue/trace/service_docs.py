"""The docs of the service itself, which are no part of the project and stand beside some checkouts only."""

from pathlib import Path

_FILE = Path(__file__).parents[3] / "shared/slate/index.html.md"
SERVICE_DOCS = [_FILE] if _FILE.exists() else []
"""One file, or none."""

CONTRADICTIONS = [
    ("docs-template-words", 8),
    ("docs-template-words", 9),
    ("docs-missing-include", 12),
    ("docs-empty-section", 17),
    ("docs-empty-section", 19),
    ("docs-no-empty-line", 31),
    ("docs-unit", 36),
    ("docs-status-reason", 45),
    ("docs-body-forbidden", 45),
    ("docs-secret-echoed", 47),
    ("docs-link-base", 54),
    ("docs-link-queue", 54),
    ("docs-template-words", 66),
    ("docs-header-missing", 74),
    ("docs-unit", 84),
    ("docs-unit", 91),
    ("docs-status-reason", 101),
    ("docs-body-forbidden", 101),
    ("docs-header-missing", 101),
    ("docs-link-base", 110),
    ("docs-link-queue", 110),
    ("docs-duplicate-key", 112),
    ("docs-link-base", 115),
    ("docs-link-queue", 115),
    ("docs-template-words", 126),
]
"""The contradictions in the docs, by rule and line."""
