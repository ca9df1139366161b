"""The modules of a folder, imported under a private package name: `sys.path` stays as it is.

Two folders may have modules of one name, and a folder that has changed is imported anew beside its last
state. A module of the folder may import its siblings relatively (``from ._pets import find``), by their own
names (``import _pets``) and below the folder's (``from handlers._pets import find``); the standard library
goes before all of them, so that a tag such as ``calendar`` is in nobody's way.
"""

import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import itertools
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from eqkit.errors import ContractError
from eqkit.printing import printable

_FOLDERS: dict[str, "HandlerModules"] = {}
_COUNT = itertools.count(1)

MAX_WORDS = 500
"""Up to how many characters of an error's text stand in the line about it."""


class ImportFailed(Exception):
    """A module that cannot be imported; the text is one line with file, line and error."""


class HandlerModules:
    """The modules of one folder."""

    def __init__(self, folder: Path) -> None:
        """Take a folder; raises ContractError if there is none."""
        if not folder.is_dir():
            raise ContractError(f"{folder}: there is no such folder of handlers")
        self._named, self.folder = folder, folder.resolve()
        self._package = f"_eqkit_handlers_{next(_COUNT)}"
        _FOLDERS[self._package] = self
        if _FINDER not in sys.meta_path:
            sys.meta_path.insert(0, _FINDER)  # it knows private names alone

    def names(self) -> list[str]:
        """Return the names of the modules in order; those that begin with ``_`` are left out."""
        files = [each.stem for each in self.folder.glob("*.py")]
        packages = [each.parent.name for each in self.folder.glob("*/__init__.py")]
        return sorted(each for each in {*files, *packages} if not each.startswith(("_", ".")))

    def load(self, name: str) -> ModuleType:
        """Import a module and return it; raises ImportFailed."""
        try:
            return importlib.import_module(f"{self._package}.{name}")
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise ImportFailed(self._described(error, name)) from error

    def is_loaded(self, name: str) -> bool:
        """Return whether a module was imported so far, by `load` or by a sibling."""
        return f"{self._package}.{name}" in sys.modules

    def close(self) -> None:
        """Forget the modules: functions of theirs that still run import nothing more from here."""
        _FOLDERS.pop(self._package, None)
        prefix = f"{self._package}."
        # A copy first: another thread may be importing right now.
        for name in [*sys.modules]:
            if name == self._package or name.startswith(prefix):
                del sys.modules[name]

    def place(self, file: str, line: int) -> str:
        """Return ``handlers/pets.py:12``, the folder as it was named."""
        path = Path(file)
        if path.is_relative_to(self.folder):
            path = self._named / path.relative_to(self.folder)
        return f"{path}:{line}"

    def file(self, name: str) -> Path:
        """Return the file of a module, the folder as it was named."""
        package = self._named / name / "__init__.py"
        return package if package.is_file() else self._named / f"{name}.py"

    def holds(self, file: str) -> bool:
        """Return whether a file is one of the folder."""
        return Path(file).is_relative_to(self.folder)

    def private_name(self, name: str) -> str | None:
        """Return the name under which a module of the folder that another one imports is known."""
        first, _, rest = name.partition(".")
        if first in sys.stdlib_module_names:
            return None
        if self._find(first) is not None or any((self.folder / first).glob("*.py")):
            return f"{self._package}.{name}"
        if first == self.folder.name:
            return f"{self._package}.{rest}" if rest else self._package
        return None

    def spec(self, name: str) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of a module by its private name."""
        path = name.split(".")[1:]
        at = self.folder.joinpath(*path)
        if (at / "__init__.py").is_file():
            return self._spec(name, at / "__init__.py", [str(at)])
        if not path or (at.is_dir() and not at.with_name(f"{at.name}.py").is_file()):
            folder = importlib.machinery.ModuleSpec(name, None, is_package=True)
            folder.submodule_search_locations = [str(at)]
            return folder if at.is_dir() else None
        file = at.with_name(f"{at.name}.py")
        return self._spec(name, file) if file.is_file() else None

    def _spec(
        self, name: str, file: Path, locations: list[str] | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        loader = _Loader(name, str(file), self)
        return importlib.util.spec_from_file_location(
            name, file, loader=loader, submodule_search_locations=locations
        )

    def _find(self, name: str) -> Path | None:
        found = [self.folder / f"{name}.py", self.folder / name / "__init__.py"]
        return next((each for each in found if each.is_file()), None)

    def _described(self, error: BaseException, name: str) -> str:
        """Return one line on an error of an import: the deepest place in the folder, and the error."""
        file, line = str(self._find(name) or self.folder), 1
        frames = [each for each in traceback.extract_tb(error.__traceback__) if self.holds(each.filename)]
        if isinstance(error, SyntaxError) and error.filename and self.holds(error.filename):
            file, line = error.filename, error.lineno or 1
        elif frames:
            file, line = frames[-1].filename, frames[-1].lineno or 1
        # The private name of the package means nothing to the author of the modules.
        text = _words(error).replace(self._package, self.folder.name)[:MAX_WORDS]
        kind = type(error).__name__
        return printable(
            f"{self.place(file, line)}: {kind}: {text}" if text else f"{self.place(file, line)}: {kind}"
        )


def _words(error: BaseException) -> str:
    """Return the text of an error of any class, one whose own ``__str__`` fails among them."""
    try:
        return error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception as failed:
        return f"its text cannot be made: {type(failed).__name__}"


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of handlers by their private names."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of a module; None for all other names."""
        modules = _FOLDERS.get(fullname.partition(".")[0])
        return None if modules is None else modules.spec(fullname)


_FINDER = _Finder()


class _Loader(importlib.machinery.SourceFileLoader):
    """Runs a module from its source, with an ``import`` that knows its siblings."""

    def __init__(self, name: str, path: str, modules: HandlerModules) -> None:
        super().__init__(name, path)
        self._modules = modules

    def get_code(self, fullname: str) -> CodeType:
        """Compile the source: a cache by seconds and size would miss an edit right after another."""
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        vars(module)["__builtins__"] = vars(builtins) | {"__import__": self._import}
        super().exec_module(module)

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - names of Python's own __import__
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        private = None if level else self._modules.private_name(name)
        if private is None:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        module = builtins.__import__(private, globals, locals, fromlist or (), 0)
        if fromlist:
            return module
        # ``import a.b`` binds ``a``: the first name behind that of the package, or the package itself.
        shown = len(private.split(".")) - len(name.split(".")) + 1
        return sys.modules[".".join(private.split(".")[:shown])]
