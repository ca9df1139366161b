"""The name of the sandbox that a call is about."""


def own_or(name: str | None, own: str | None) -> str:
    """Return the name of the sandbox that is meant; raises ValueError if there is none."""
    meant = own if name is None else name
    if meant is None:
        raise ValueError("name the sandbox: this client has no key of its own")
    return meant
