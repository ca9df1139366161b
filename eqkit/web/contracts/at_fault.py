"""Whose fault it is that the contract is broken, in the words of the journal and of the log."""

from enum import StrEnum


class AtFault(StrEnum):
    """The side that has broken the contract, or the contract itself."""

    REQUEST = "the request"
    DOCUMENT = "the document"
    HANDLER = "the answer of the handler"


def violation_text(at_fault: AtFault, sentence: str, place: object = None) -> str:
    """Return a violation as one sentence: whose it is, and the place of the broken rule in the contract."""
    return f"{at_fault}: {placed(sentence, place)}"


def placed(sentence: str, place: object = None) -> str:
    """Return a sentence with the place that it is about, if there is one."""
    return sentence if place is None else f"{sentence} ({place})"
