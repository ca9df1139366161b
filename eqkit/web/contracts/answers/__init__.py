"""The answers of operations without a handler: examples, errors by their names, generated values."""
