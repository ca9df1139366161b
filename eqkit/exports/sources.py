"""The sources of an export: a contract, or traffic that was recorded."""

from collections.abc import Iterable
from dataclasses import dataclass

from eqkit.contract.document import Json
from eqkit.contract.operations import Contract, Operation
from eqkit.exports.contract_exchanges import ContractExchanges
from eqkit.exports.exchanges import Exported, ExportedExchange, LeftOut
from eqkit.exports.recorded_exchanges import recorded_exchanges
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes


@dataclass(slots=True)
class Export:
    """The exchanges of a source; `left_out` are its other parts, to which a format adds."""

    contract: Contract
    exchanges: list[ExportedExchange]
    left_out: list[LeftOut]

    @property
    def title(self) -> str:
        """The title of the contract, or a word in its place."""
        return str(self.info.get("title") or "API")

    @property
    def info(self) -> dict[str, Json]:
        """The contract's facts about itself."""
        info = self.contract.document.data.get("info")
        return info if isinstance(info, dict) else {}

    def node(self, operation: Operation) -> dict[str, Json]:
        """Return an operation as it is written in the contract."""
        document = self.contract.document
        found = document.at(document.resolve_pointer(operation.pointer))
        return found if isinstance(found, dict) else {}

    def leave_out(self, exported: ExportedExchange, reason: str) -> None:
        """Name an exchange that a format has no place for."""
        operation = exported.operation
        self.left_out.append(LeftOut(f"{operation.method} {operation.path} {exported.title}", reason))

    def leave_out_many(self, count: int, reason: str) -> None:
        """Count answers that a format has no place for, all for one reason."""
        self.left_out.append(LeftOut(f"{count} answer{'' if count == 1 else 's'}", reason))


def of_contract(contract: Contract, server: str | None) -> Export:
    """Return the exchanges of a contract; `server` is the address of requests, if it is not its own."""
    return _collected(contract, ContractExchanges(contract, server).all())


def of_recordings(routes: Routes, recorded: Iterable[RecordedExchange]) -> Export:
    """Return the recorded exchanges that are for a contract."""
    return _collected(routes.contract, recorded_exchanges(routes, recorded))


def _collected(contract: Contract, found: Exported) -> Export:
    export = Export(contract, [], [])
    for each in found:
        if isinstance(each, LeftOut):
            export.left_out.append(each)
        else:
            export.exchanges.append(each)
    return export
