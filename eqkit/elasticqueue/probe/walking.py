"""The requests of the probes as traffic, to be sent to other servers again."""

from eqkit.contract.loading.source_map import ContractFile
from eqkit.elasticqueue.probe.probes import ALL
from eqkit.elasticqueue.probe.probing import OverHttp, RawResponse, probe
from eqkit.traffic.exchanges import Headers, RecordedExchange


def walk(file: ContractFile, server: str, key: str) -> list[RecordedExchange]:
    """Probe a server that need not keep the contract, and return each request with its answer.

    The list is empty where the server does not answer, or refuses the key.
    """
    asked: list[RecordedExchange] = []
    over_http = OverHttp(server)

    def transport(method: str, target: str, headers: Headers, body: bytes) -> RawResponse:
        status, answered, answer = over_http(method, target, headers, body)
        # Keys that are wrong on purpose would be replaced when they are sent again.
        authorization = dict(headers).get("authorization")
        if target.startswith("/v1/") and authorization == key and status != 401:
            name = f"#{len(asked) + 1} {method} {target.partition('?')[0]}"
            url = server + target
            asked.append(RecordedExchange(name, method, url, headers, body, status, answered, answer))
        return status, answered, answer

    try:
        run = probe(file, transport, key, server, ALL)
    finally:
        over_http.close()
    return asked if run.tested else []
