"""Bodies of a coding, media type or charset that a contract does not take: a 415 that names those it does."""

from collections.abc import Sequence

from eqkit.contract.decoding.charsets import is_known_charset
from eqkit.contract.messages.contents import CompiledContent
from eqkit.errors import Code, ErrorObject
from eqkit.web.messages.context import Headers, RequestContext
from eqkit.web.messages.header_fields import elements


def unsupported_content(context: RequestContext, content: CompiledContent) -> ErrorObject | None:
    """Return why the body of a request is not taken, by its headers alone; None if it may be.

    `content` has the media types of the contract; where it has none, any body is ignored.
    """
    if not content.media_types:
        return None
    coding = context.headers.get(b"content-encoding")
    codings = set(elements(coding.decode("latin-1").lower())) - {"identity"} if coding is not None else ()
    if codings:
        detail = f"The body is coded as {', '.join(sorted(codings))[:80]}; send it without Content-Encoding."
        return ErrorObject(Code.UNSUPPORTED_CONTENT_ENCODING, detail, header="Content-Encoding")
    sent = context.headers.get(b"content-type")
    sent_as = None if sent is None else sent.decode("latin-1")
    if content.find(sent_as) is None:
        found = "of no media type" if sent_as is None else sent_as[:80]
        detail = f"The body is {found}, and not {' or '.join(content.media_types)}."
        return ErrorObject(Code.UNSUPPORTED_MEDIA_TYPE, detail, header="Content-Type")
    if not is_known_charset(sent_as):
        detail = f"The charset of {str(sent_as)[:80]} is not known; send UTF-8."
        return ErrorObject(Code.UNSUPPORTED_MEDIA_TYPE, detail, header="Content-Type")
    return None


def supported(errors: Sequence[ErrorObject], method: str, content: CompiledContent) -> Headers:
    """Return the headers of a 415 that tell what is taken (RFC 9110 12.5.1 and 12.5.3, RFC 5789 3.1)."""
    codes = {each.code for each in errors}
    if Code.UNSUPPORTED_CONTENT_ENCODING in codes:
        return ((b"accept-encoding", b"identity"),)
    if Code.UNSUPPORTED_MEDIA_TYPE not in codes:
        return ()
    known = ", ".join(content.media_types).encode("latin-1", "replace")
    return ((b"accept", known), (b"accept-patch", known)) if method == "PATCH" else ((b"accept", known),)
