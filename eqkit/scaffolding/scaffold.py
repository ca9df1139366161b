"""A project for the handlers of a contract: planned as a whole, then written, and no line is changed."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract
from eqkit.contract.signatures import Signature, Signatures
from eqkit.errors import StartupError
from eqkit.scaffolding.modules import ExistingModule
from eqkit.scaffolding.project_files import HANDLERS, TESTS, Unwritable, conftest, makefile
from eqkit.scaffolding.sent_requests import SentRequests
from eqkit.scaffolding.stubs import Stubs
from eqkit.scaffolding.texts import docstring
from eqkit.scaffolding.trials import Trials


@dataclass(slots=True)
class Plan:
    """All that a scaffold does to a folder.

    `new` files are written, `extended` ones are written with more at their ends. `added` has a line for each
    function that an older module gets; `remarks` are worth knowing, and `notes` are left to do by hand.
    """

    new: dict[Path, bytes] = field(default_factory=dict)
    extended: dict[Path, bytes] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.new or self.extended)

    def write(self) -> None:
        """Write all files; raises StartupError for one that cannot be written."""
        for file, content in (self.new | self.extended).items():
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                if file in self.new:
                    with file.open("xb") as stream:
                        stream.write(content)
                else:
                    _replace(file, content)
            except OSError as error:
                raise StartupError(f"{file}: {error.strerror}") from error


def _replace(file: Path, content: bytes) -> None:
    """Write a file in one go, with its permissions: nobody finds half of it."""
    real = file.resolve()
    beside = real.with_name(f".{real.name}.eqkit")
    beside.write_bytes(content)
    beside.chmod(real.stat().st_mode)
    beside.replace(real)


class Scaffold:
    """Plans the project of one contract."""

    def __init__(self, contract: Contract, title: str, where: str, into: Path, *, is_address: bool) -> None:
        """Take the contract and the place that it was read from, an address or a file, and the folder."""
        self._contract, self._title, self._into = contract, title, into
        self._where = where if is_address else _from_folder(where, into)
        self._is_address = is_address
        self._compiled = CompiledContract(contract.document)
        self._signatures = Signatures(contract)
        self._stubs = Stubs(self._compiled)
        self._trials = Trials(SentRequests(contract.document, self._compiled))

    def plan(self) -> Plan:
        """Return what is to be written and said; raises StartupError for a module that is no Python."""
        plan = Plan()
        plan.remarks += self._signatures.collisions
        for name, signatures in self._signatures.modules.items():
            added = self._handlers(plan, name, signatures)
            if added:
                self._tests(plan, name, added)
        plan.notes += self._modules_without()
        if not (self._into / HANDLERS / "__init__.py").exists():
            text = docstring("Handlers of a contract: tag = module, operationId = function.", (), "")
            plan.new[self._into / HANDLERS / "__init__.py"] = text.encode()
        self._project(plan)
        return plan

    def _handlers(self, plan: Plan, name: str, signatures: tuple[Signature, ...]) -> list[Signature]:
        """Plan the functions of one module, and return those that are new."""
        file = self._file(name)
        if not file.exists():
            plan.new[file] = self._stubs.module(name, signatures).encode()
            return list(signatures)
        module = ExistingModule(file)
        missing = [each for each in signatures if each.function not in module.names]
        content = self._extended(plan, module, [self._stubs.function(each) for each in missing])
        plan.notes += ExistingModule(file, content).notes(signatures)  # with the lines that it will have
        if content is None:
            return []
        plan.extended[file] = content
        plan.added += [f"{file}: {each.function}" for each in missing]
        return missing

    def _tests(self, plan: Plan, name: str, signatures: list[Signature]) -> None:
        file = self._into / TESTS / f"test_{name}.py"
        if not file.exists():
            title = f"The handlers of {name}.py answer as the contract says."
            plan.new[file] = self._trials.module(title, signatures).encode()
            return
        module = ExistingModule(file)
        missing = [each for each in signatures if f"test_{each.function}" not in module.names]
        content = self._extended(plan, module, [self._trials.function(each) for each in missing])
        if content is not None:
            plan.extended[file] = content

    def _extended(self, plan: Plan, module: ExistingModule, functions: list[str]) -> bytes | None:
        """Return a module with more functions; None, with a note, where they have no place in it."""
        if not functions:
            return None
        conflicts = module.conflicts(functions)
        if conflicts:
            names = ", ".join(conflicts)
            plan.notes.append(f"{module.file}: nothing is added, since {names} is something else here")
            return None
        try:
            return module.extended(functions)
        except UnicodeError as error:
            plan.notes.append(f"{module.file}: nothing is added: its encoding lacks a character: {error}")
            return None

    def _modules_without(self) -> Iterator[str]:
        """Yield a line for each module with functions whose tag is gone."""
        known = self._signatures.modules
        for file in sorted((self._into / HANDLERS).glob("*.py")):
            if file.stem not in known and not file.name.startswith(("_", "test_", "conftest")):
                yield from ExistingModule(file).notes(())

    def _project(self, plan: Plan) -> None:
        """Plan the Makefile and the fixture, where there are none."""
        fixture = self._into / TESTS / "conftest.py"
        if not fixture.exists():
            plan.new[fixture] = conftest(self._where, is_address=self._is_address).encode()
        file = self._into / "Makefile"
        if not file.exists():
            try:
                plan.new[file] = makefile(self._title, self._where).encode()
            except Unwritable:
                plan.notes.append(f"{file}: not written: make cannot hold the name of the contract")

    def _file(self, name: str) -> Path:
        """Return the file of a module, which may be a package of the user's own."""
        package = self._into / HANDLERS / name / "__init__.py"
        return package if package.exists() else self._into / HANDLERS / f"{name}.py"


def _from_folder(where: str, into: Path) -> str:
    """Return the path of a file from a folder, with slashes."""
    file = Path(where).absolute()
    try:
        path = Path(os.path.relpath(file, into.absolute())).as_posix()
    except ValueError:  # another drive of Windows
        return file.as_posix()
    return f"./{path}" if path.startswith("-") else path  # which a command would take for an option
