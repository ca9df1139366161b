"""Messages as a contract describes them: parameters, bodies, media types, security, and their violations."""
