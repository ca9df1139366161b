"""The names that members of error documents have, and the parts that they play by these names alone."""

import functools
import re
from enum import Enum, auto

LONGEST_NAME = 100
"""No longer name is looked at; none of an error is as long."""

_PREFIXES = ("errors", "error", "err", "http", "fault", "exception", "problem", "api")
"""Words that say nothing in an error: `error_message` is a message."""


class Role(Enum):
    """The part of a member in an error document."""

    TEXT = auto()
    """A sentence about the error."""
    TITLE = auto()
    """The kind of the error, in words."""
    PHRASE = auto()
    """The reason phrase of the status."""
    CODE = auto()
    """The kind of the error, as a name for programs."""
    KIND = auto()
    """The kind of the document: an error."""
    STATUS = auto()
    RPC_STATUS = auto()
    """The name of the status in ``google.rpc.Code`` (AIP-193)."""
    RPC_CODE = auto()
    """Its number there."""
    RPC_TYPE = auto()
    """The type of a list of broken fields (``google.rpc.BadRequest``)."""
    TARGET = auto()
    """The path of the request."""
    TYPE_URI = auto()
    """The URI of the kind of a problem (RFC 9457 3.1.1)."""
    INSTANCE = auto()
    """The URI of the occurrence (RFC 9457 3.1.5)."""
    ID = auto()
    """The id of the error, or of the request."""
    SUCCESS = auto()
    FAILURE = auto()
    SEVERITY = auto()
    FIELD = auto()
    """The place of the error, as a name."""
    POINTER = auto()
    PARAMETER = auto()
    HEADER = auto()
    IN = auto()
    """The part of the request with the place: its body, query, path, or headers."""
    STEPS = auto()
    """The place of the error, as a list of names and indexes."""
    SOURCE = auto()
    """An object with the place of the error (JSON:API 1.1, "Error Objects")."""
    ERRORS = auto()
    """The errors, each by itself."""
    WRAPPER = auto()
    """An object with the error in it."""


_NAMES: dict[Role, str] = {
    Role.TEXT: """
        message messages msg msgs detail details description descriptions text texts info information
        explanation reason reasons cause usermessage displaymessage developermessage devmessage devmsg
        internalmessage debugmessage friendlymessage userfriendlymessage longmessage fullmessage
        localizedmessage localizeddescription messagetext textmessage messagebody diagnostics usermsg
        developererror usererror statusdetail""",
    Role.TITLE: """
        title summary shortmessage heading headline""",
    Role.PHRASE: "statustext statusmessage statusdescription reasonphrase statusreason",
    Role.CODE: "code key slug codename symbol errno subcode category type name identifier reasoncode",
    Role.STATUS: "status statuscode httpstatus responsecode responsestatus statuscodevalue",
    Role.INSTANCE: "instance",
    Role.ID: """
        id requestid traceid correlationid debugid transactionid incidentid logid eventid trackingid uuid
        guid reference ref logref requestref supportid""",
    Role.SUCCESS: "success ok succeeded successful issuccess issuccessful valid isvalid",
    Role.FAILURE: "iserror haserror haserrors failed failure isfailed isfailure",
    Role.SEVERITY: "severity level loglevel",
    Role.FIELD: """
        field fields fieldname param params paramname parametername property propertyname propertypath
        attribute attributes attributename target datapath fieldpath path argument argumentname arg input
        expression parameter""",
    Role.POINTER: "pointer jsonpointer jsonpath instancepath instancelocation",
    Role.HEADER: "header headername",
    Role.IN: "in locationtype paramtype parametertype sourcetype",
    Role.STEPS: "loc location locations",
    Role.SOURCE: "source",
    Role.ERRORS: """
        errors violations fieldviolations constraintviolations invalidparams invalidparameters invalidfields
        causes issues issue problems validationerrors validation validations fielderrors globalerrors
        inputerrors faults failures notifications exceptions errorlist errormessages suberrors innererrors
        schemaerrors parametererrors""",
    Role.WRAPPER: "error err fault exception problem response embedded body",
}

BY_NAME = {name: role for role, names in _NAMES.items() for name in names.split()}
"""The parts by the plain names of members."""

SENTENCES = frozenset(_NAMES[Role.TEXT].split()) - {"reason", "reasons", "cause", "info", "information"}
"""Names of a sentence, beside which `error` and `reason` are codes."""


@functools.lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Return a name in lower case, without separators and without the words that say nothing in an error.

    So `errorMessage`, `error_message`, `ERROR-MESSAGE` and `errormessage` are all `message`.
    """
    found = re.sub(r"[\W_]+", "", name[:LONGEST_NAME]).lower()
    while found not in BY_NAME:
        prefix = next((each for each in _PREFIXES if found.startswith(each) and len(found) > len(each)), None)
        if prefix is None:
            break
        found = found[len(prefix) :]
    return found
