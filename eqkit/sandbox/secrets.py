"""What is secret by its name, and what stands in its place wherever it would be shown."""

import re

REDACTED = "[redacted]"
SECRET = re.compile(r"auth|key|token|secret|passw|signature|cookie|session", re.IGNORECASE)
"""Found in the name of a header or parameter whose value nobody is to read."""
