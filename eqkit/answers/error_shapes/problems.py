"""The error documents of standards, for answers whose shape no contract declares."""

from urllib.parse import quote

from eqkit.answers.error_shapes.reports import Report, ReportedError
from eqkit.answers.error_shapes.status_texts import title_of
from eqkit.contract.document import Json

PROBLEM = "application/problem+json"


def problem_document(report: Report) -> dict[str, Json]:
    """Return the problem details of a report (RFC 9457), with each error in the extension ``errors``.

    `type` is left out, which says ``about:blank``, so that the title is the reason phrase (RFC 9457 4.2.1).
    """
    return {
        "title": title_of(report.status),
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


def json_api_document(report: Report) -> dict[str, Json]:
    """Return the error document of JSON:API (1.1, "Error Objects")."""
    return {"errors": [_json_api_error(each) for each in report.errors]}


def _json_api_error(error: ReportedError) -> dict[str, Json]:
    places = {"pointer": error.pointer, "parameter": error.parameter, "header": error.header}
    source = {name: place for name, place in places.items() if place is not None}
    document = {
        "id": error.id,
        "status": str(error.status),
        "code": error.code.slug,
        "title": error.code.title,
        "detail": error.detail,
    }
    return document | ({"source": source} if source else {})
