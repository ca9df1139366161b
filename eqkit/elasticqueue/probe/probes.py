"""The rulings tried on any server over HTTP: those beyond a schema, and those that servers often break."""

import json
from datetime import datetime

from eqkit.contract.media_types import JSON_API
from eqkit.elasticqueue.probe.probing import PROBES, ProbeResponse, Server, expect, message, probes
from eqkit.timing.clock import WallClock

HOUR_MS = 3_600_000
BAD_WAITS = (-1, 1.5, True, "soon", 253_402_300_800_000, 10**30)
REFUSED: tuple[tuple[str, bytes, int, str | None], ...] = (
    ("no JSON", b"{", 400, None),
    ("bad UTF-8", b'{"data": "\xff"}', 400, None),
    ("a duplicate key", b'{"data": 1, "data": 2}', 400, None),
    ("no data", b"{}", 400, ""),
    ("an array where one message is wanted", b'{"data": []}', 400, "/data"),
    ("no type", b'{"data": {"attributes": {"body": "a"}}}', 400, "/data"),
    ("another type", b'{"data": {"type": "job", "attributes": {"body": "a"}}}', 409, "/data/type"),
    ("an id", b'{"data": {"type": "message", "id": "1", "attributes": {"body": "a"}}}', 403, "/data/id"),
    ("no body", b'{"data": {"type": "message", "attributes": {}}}', 400, "/data/attributes"),
    (
        "a body that is no string",
        b'{"data": {"type": "message", "attributes": {"body": 1}}}',
        400,
        "/data/attributes/body",
    ),
    (
        "an unknown attribute",
        b'{"data": {"type": "message", "attributes": {"body": "a", "wait_until": 1}}}',
        400,
        "/data/attributes/wait_until",
    ),
)
"""Requests to refuse: a name, the body, the status, and the pointer of the error."""


@probes("B12, D1, H1, H10, T2")
def enqueued_message_can_be_read(server: Server) -> None:
    """A message is accepted with its self link, and the link leads to it as it was sent."""
    answer = server.enqueue("read me")
    expect(answer.status == 202, f"a good message was answered {answer.status} instead of 202")
    link = str(answer.at("data", "links", "self"))
    for name in ("location", "content-location"):
        expect(answer.header(name) == link, f"{name} is {answer.header(name)!r}, and the self link {link!r}")
    identifier = answer.at("data", "id")
    expect(link.endswith(f"{server.messages}/{identifier}"), f"{link} is not the link of {identifier}")
    read = server.get(identifier)
    expect(read.status == 200, f"the message was accepted, and reading it answered {read.status}")
    expect(read.at("data", "id") == identifier, f"asked for {identifier}, answered {read.at('data', 'id')}")
    attributes = read.at("data", "attributes")
    expect(attributes == {"body": "read me"}, f"sent a body alone, and read {attributes}")


@probes("B1")
def bodies_are_kept_byte_for_byte(server: Server) -> None:
    """A body can be anything, and comes back as it was sent."""
    for body in ("", "NUL \x00, tab \t, é, 😀", " spaces and\r\nlines ", '{"json": true}'):
        read = server.get(server.accepted(body)).at("data", "attributes", "body")
        expect(read == body, f"sent {body!r}, and read {read!r}")


@probes("B11")
def ids_are_new_and_increase(server: Server) -> None:
    """No id is used twice, and later ones are larger."""
    ids = [int(server.accepted()) for _ in range(3)]
    expect(ids[0] < ids[1] < ids[2], f"the ids are {ids}")


@probes("B13, T5")
def bulk_keeps_order(server: Server) -> None:
    """A bulk answers one resource for each message, in their order, with contiguous ids."""
    bodies = ["first", "second", "third"]
    answer = server.bulk(*map(message, bodies))
    expect(answer.status == 202, f"a good bulk was answered {answer.status} instead of 202")
    ids = [int(answer.at("data", index, "id") or 0) for index in range(len(bodies))]
    expect(len(answer.at("data")) == len(bodies), f"{len(bodies)} messages gave {len(answer.at('data'))} ids")
    expect(ids == [ids[0], ids[0] + 1, ids[0] + 2], f"the ids of a bulk are {ids}")
    read = [server.get(identifier).at("data", "attributes", "body") for identifier in ids]
    expect(read == bodies, f"sent {bodies}, and read {read}")


@probes("B13")
def failing_bulk_leaves_nothing(server: Server) -> None:
    """If one message of a bulk is wrong, none is enqueued and no id is used."""
    before = int(server.accepted())
    wrong = server.bulk(message("leaked"), message("good", -1))
    expect(wrong.status == 400, f"a bulk with a wrong message was answered {wrong.status}")
    place = ("400", "/data/1/attributes/wait-until")
    expect(wrong.places == [place], f"the errors are {wrong.places}, and not {[place]}")
    for identifier in (before + 1, before + 2):
        leaked = server.get(identifier)
        expect(leaked.status == 404, f"the failing bulk has left message {identifier}")


@probes("B13")
def bulk_has_bounds(server: Server) -> None:
    """None at all and more than 1,000 messages are refused."""
    for count in (0, 1001):
        status = server.bulk(*[message("a")] * count).status
        expect(status == 400, f"a bulk of {count} messages was answered {status}")


@probes("B3")
def long_body_is_refused(server: Server) -> None:
    """More than 1 MiB of UTF-8 is a 413."""
    status = server.enqueue("é" * 524_289).status
    expect(status == 413, f"a body of 1 MiB and 2 bytes was answered {status}")


@probes("B2, B4, B5, B6, B8")
def rubbish_is_refused(server: Server) -> None:
    """Each wrong document has its status, and the error its place."""
    for name, body, status, place in REFUSED:
        answer = server.send("POST", server.messages, body)
        expect(answer.status == status, f"{name}: answered {answer.status} instead of {status}")
        found = [at for _, at in answer.places]
        expect(place is None or found == [place], f"{name}: the error is at {found}, and not at {place!r}")


@probes("B9")
def all_faults_are_reported(server: Server) -> None:
    """Several faults are one answer, in the order of the document."""
    answer = server.bulk({"type": "message", "attributes": {"body": 1, "wait-until": -1}}, message(2))
    wanted = ["/data/0/attributes/body", "/data/0/attributes/wait-until", "/data/1/attributes/body"]
    expect([at for _, at in answer.places] == wanted, f"the errors are at {answer.places}, not at {wanted}")


@probes("T8")
def bad_waits_are_refused(server: Server) -> None:
    """A wait-until that is no instant is a 400, and never "now" by overflow."""
    for value in BAD_WAITS:
        status = server.enqueue("a", value).status
        expect(status == 400, f"wait-until {json.dumps(value)} was answered {status} instead of 400")


@probes("T1, H1")
def future_message_is_delayed(server: Server) -> None:
    """A message is not due before its time, and says when that is."""
    due_ms = WallClock().now() + HOUR_MS
    read = server.get(server.accepted("later", due_ms))
    meta = read.at("data", "meta") or {}
    expect(meta.get("state") == "delayed", f"due in an hour, and it is {meta.get('state')}")
    for name in ("due-at", "wait-until-at"):
        expect(_ms(meta.get(name)) == due_ms, f"waits until {due_ms} ms, and {name} is {meta.get(name)}")
    shown = read.at("data", "attributes", "wait-until")
    expect(shown == due_ms, f"sent wait-until {due_ms}, and read {shown}")


@probes("D2")
def seconds_and_milliseconds_are_told_apart(server: Server) -> None:
    """An instant in seconds and the same in milliseconds are one."""
    seconds = (WallClock().now() + HOUR_MS) // 1000
    dues = [
        server.get(server.accepted("a", value)).at("data", "meta", "due-at")
        for value in (seconds, seconds * 1000)
    ]
    expect([_ms(due) for due in dues] == [seconds * 1000] * 2, f"{seconds} s as s and as ms are {dues}")


@probes("T2, T3")
def past_message_is_due_at_acceptance(server: Server) -> None:
    """A time in the past, 0 and none at all overtake nothing that was accepted before."""
    for value in (None, 0, 1_459_121_798_238):
        meta = server.get(server.accepted("a", value)).at("data", "meta") or {}
        accepted, due = meta.get("accepted-at"), meta.get("due-at")
        expect(accepted == due, f"wait-until {value}: accepted at {accepted}, due at {due}")


@probes("T1, T4")
def delivery_is_in_order_and_never_early(server: Server) -> None:
    """By the clock of a mock: nothing a millisecond before it is due, and then all of it in order."""
    server.key += "-clock"  # a sandbox of its own, for its clock will stand
    now = _ms(server.control("/clock/freeze", {}).at("clock", "now"))
    sent = [server.accepted(str(index), now + due) for index, due in enumerate((60_000, 30_000, 60_000))]
    server.control("/clock/advance", {"by-ms": 29_999})
    states = [server.get(identifier).at("data", "meta", "state") for identifier in sent]
    expect(states == ["delayed"] * 3, f"a millisecond before the first is due they are {states}")
    server.control("/clock/advance", {"by-ms": 30_001})
    delivered = server.control("/deliveries?limit=1000").at("deliveries") or []
    order = [str(each.get("id")) for each in delivered]
    wanted = [sent[1], sent[0], sent[2]]
    expect([each for each in order if each in sent] == wanted, f"delivered {order}, and not {wanted}")


@probes("D6, H3")
def key_is_required(server: Server) -> None:
    """Without a key and with a wrong one every operation is a 401."""
    requests = [("POST", "", {"data": message()}), ("POST", "/_bulk", {"data": [message()]}),
                ("GET", f"/{server.accepted()}", None)]  # fmt: skip
    for method, path, document in requests:
        for key in (None, "no-such-key", f"Bearer {server.key}"):
            status = server.send(method, server.messages + path, document, authorization=key).status
            shown = "no key" if key is None else f"the key {key.replace(server.key, '…')!r}"
            expect(status == 401, f"{method} with {shown} was answered {status} instead of 401")


@probes("D7, H4")
def key_is_never_repeated(server: Server) -> None:
    """No answer holds the key, in a header or in the document."""
    for answer in (server.enqueue(), server.enqueue(1), server.get("1")):
        text = f"{answer.exchange.response_headers} {answer.exchange.response_body!r}"
        expect(server.key not in text, "an answer repeats the key")


@probes("H5, H6")
def media_types_are_held_to(server: Server) -> None:
    """Another media type, or none, is a 415; an Accept that rules out JSON is a 406."""
    for name in ("application/json", f"{JSON_API}; charset=utf-8", f'{JSON_API}; ext="a:b"', None):
        status = server.enqueue("a", content_type=name).status
        expect(status == 415, f"Content-Type {name} was answered {status} instead of 415")
    for name, status in (("text/html", 406), (f"{JSON_API};q=0", 406), ("*/*", 202), (JSON_API, 202)):
        answered = server.enqueue("a", accept=name).status
        expect(answered == status, f"Accept {name} was answered {answered} instead of {status}")


@probes("H7, H9, H13")
def addresses_are_held_to(server: Server) -> None:
    """Unknown paths, methods, query parameters and bad queue names are refused, each in its way."""
    good = {"data": message()}
    tries: list[tuple[str, ProbeResponse, int]] = [
        ("an unknown path", server.send("GET", "/v1/nowhere"), 404),
        ("a trailing slash", server.send("POST", f"{server.messages}/", good), 404),
        ("DELETE", server.send("DELETE", server.messages), 405),
        ("an unknown query parameter", server.send("POST", f"{server.messages}?a=1", good), 400),
        ("a queue named _a", server.send("POST", "/v1/queues/_a/messages", good), 400),
        ("an unknown id", server.get("99999999999"), 404),
    ]
    for name, answer, status in tries:
        expect(answer.status == status, f"{name} was answered {answer.status} instead of {status}")


@probes("H1, H9")
def head_is_get_without_content(server: Server) -> None:
    """HEAD has the status and the headers of GET."""
    identifier = server.accepted()
    for each in (identifier, "99999999999"):
        got, head = server.get(each), server.get(each, "HEAD")
        expect(got.status == head.status, f"GET is answered {got.status}, and HEAD {head.status}")
        expect(got.header("vary") == head.header("vary"), "GET and HEAD have different headers")


@probes("H14")
def repeated_request_is_replayed(server: Server) -> None:
    """An Idempotency-Key makes one message of two requests, and refuses another request."""
    key = server.messages.rpartition("probe-")[2]
    first, again = (server.accepted("once", idempotency_key=key) for _ in range(2))
    expect(first == again, f"the same request gave {first} and then {again}")
    status = server.enqueue("twice", idempotency_key=key).status
    expect(status == 409, f"another request with the same Idempotency-Key was answered {status}, not 409")


@probes("H4")
def keys_are_isolated(server: Server) -> None:
    """A message of one key cannot be read with another."""
    identifier = server.accepted("mine")
    status = server.send("GET", f"{server.messages}/{identifier}", authorization=f"{server.key}-other").status
    expect(status in (401, 404), f"another key reads the message of the first: {status}")


def _ms(instant: object) -> int:
    try:
        return round(datetime.fromisoformat(str(instant)).timestamp() * 1000)
    except ValueError:
        return -1


ALL = tuple(PROBES)
"""Every probe of this file."""
