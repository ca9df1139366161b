"""Two texts made one, so that the whole begins or ends with the second one.

They are joined where there is a joint, a character such as the dot of ``.pdf``: no text looks good that is
joined within a word.
"""

from collections.abc import Iterator


def begun_by(text: str, start: str) -> Iterator[str]:
    """Yield texts that begin with a start: where the two have a joint in common, and before all of a text."""
    for at, character in enumerate(start):
        if not character.isalnum() and start[at:] in text:
            yield start + text.partition(start[at:])[2]
            break
    if not start[-1:].isalnum():
        yield start + text


def ended_by(text: str, end: str) -> Iterator[str]:
    """Yield texts that end with an end: after all of a text, and where the two have a joint in common."""
    if end[:1].isalnum():
        return
    yield text + end
    for length in range(len(end), 0, -1):
        if end[:length] in text:
            yield text.rpartition(end[:length])[0] + end
            break


def written_over(text: str, part: str) -> Iterator[str]:
    """Yield texts as long as a text that begin or end with a part."""
    if len(part) <= len(text):
        yield part + text[len(part) :]
        yield text[: len(text) - len(part)] + part
