"""Which lines of a package were reached, by sys.settrace on a sample of the work: no other tool is needed."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Protocol

Lines = dict[str, set[int]]


class _Trace(Protocol):
    def __call__(self, frame: FrameType, event: str, argument: object) -> _Trace | None: ...


class LineCoverage:
    """Lines of the modules of one package; modules are named by their path inside it."""

    def __init__(self, package: str, reached: dict[str, list[int]] | None = None) -> None:
        folder = _folder_of(package)
        self._folder = folder
        self._prefix = str(folder)
        self._names: dict[str, str] = {}
        files = sorted(folder.rglob("*.py"))
        self.lines: Lines = {path.relative_to(folder).with_suffix("").as_posix(): _lines_in(path) for path in files}
        self.reached: Lines = {name: set(lines) for name, lines in (reached or {}).items()}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Everything run inside is watched; about ten times slower."""
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(before)

    def share(self, modules: Iterable[str] | None = None) -> tuple[int, int]:
        """Lines reached and lines there are, of those modules or of all."""
        names = self.lines.keys() if modules is None else self.lines.keys() & set(modules)
        reached = sum(len(self.reached.get(name, set()) & lines) for name, lines in self.lines.items() if name in names)
        return reached, sum(len(lines) for name, lines in self.lines.items() if name in names)

    def missed(self, module: str) -> list[int]:
        """Lines of that module that were not reached."""
        return sorted(self.lines[module] - self.reached.get(module, set()))

    def as_lists(self) -> dict[str, list[int]]:
        """For a file."""
        return {name: sorted(lines) for name, lines in sorted(self.reached.items())}

    def _enter(self, frame: FrameType, event: str, _argument: object) -> _Trace | None:
        file = frame.f_code.co_filename
        if not file.startswith(self._prefix):
            return None
        name = self._names.get(file)
        if name is None:
            name = self._names[file] = Path(file).relative_to(self._folder).with_suffix("").as_posix()
        seen = self.reached.setdefault(name, set())
        seen.add(frame.f_lineno)

        def line(inner: FrameType, _event: str, _inner_argument: object) -> _Trace:
            seen.add(inner.f_lineno)
            return line

        return line


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(package)
    return Path(next(iter(spec.submodule_search_locations)))


def _lines_in(path: Path) -> set[int]:
    """Lines inside functions: those that importing a module runs say nothing about a campaign."""
    found: set[int] = set()
    waiting = [(compile(path.read_text(encoding="utf-8"), str(path), "exec"), False)]
    while waiting:
        code, is_function = waiting.pop()
        if is_function:
            found |= {line for _, _, line in code.co_lines() if line is not None and line != code.co_firstlineno}
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                waiting.append((constant, bool(constant.co_flags & 0x02) and not _is_class(constant)))
    return found


def _is_class(code: CodeType) -> bool:
    return "__qualname__" in code.co_names and "__module__" in code.co_names
