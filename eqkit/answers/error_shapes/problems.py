"""The error document of HTTP's own, for answers whose shape no contract declares."""

from urllib.parse import quote

from eqkit.answers.error_shapes.reports import Report, ReportedError
from eqkit.answers.error_shapes.status_texts import reason_phrase
from eqkit.contract.document import Json

PROBLEM = "application/problem+json"


def problem_document(report: Report) -> dict[str, Json]:
    """Return the problem details of a report (RFC 9457), with each error in the extension ``errors``.

    `type` is left out, which says ``about:blank``, so that the title is the reason phrase (RFC 9457 4.2.1).
    """
    return {
        "title": reason_phrase(report.status),
        "status": report.status,
        "detail": report.sentence if len(report.errors) == 1 else report.summarized().sentence,
        "errors": [problem_item(each) for each in report.errors],
    }


def problem_item(error: ReportedError) -> dict[str, Json]:
    """Return one error of a problem, with its place and code.

    A pointer is the fragment of a URI, as in the example of RFC 9457 3.
    """
    item: dict[str, Json] = {"detail": error.detail}
    if error.pointer is not None:
        item["pointer"] = fragment(error.pointer)
    elif error.parameter is not None:
        item["parameter"] = error.parameter
    elif error.header is not None:
        item["header"] = error.header
    return item | {"code": error.code.slug}


def fragment(pointer: str) -> str:
    """Return a JSON pointer as the fragment of a URI (RFC 6901 6)."""
    return "#" + quote(pointer, safe="/!$&'()*+,;=:@?~")
