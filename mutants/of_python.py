"""Faults of Python modules: the mutations of mutmut, wherever they can change what is counted.

mutmut's own run leaves out methods with a decorator, and so each property, and code outside functions: hence
this module. Strings, annotations and error messages are left out.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper
from mutmut.mutation.mutators import mutation_operators, operator_string

from mutants.fault import Fault

Mutation = tuple[type[cst.CSTNode], Callable[[Any], Iterable[cst.CSTNode]]]
_OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any"}


def _opposite(node: cst.Name) -> Iterator[cst.Name]:
    if node.value in _OPPOSITES:
        yield node.with_changes(value=_OPPOSITES[node.value])


_MUTATIONS: list[Mutation] = [
    *(mutation for mutation in mutation_operators if mutation[1] is not operator_string),
    (cst.Name, _opposite),
]


def python_faults(path: str, source: str) -> list[Fault]:
    """Return the faults of a Python module."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    finder = _Finder(path, source)
    wrapper.visit(finder)
    return sorted(
        {fault.planted: fault for fault in finder.faults}.values(),
        key=lambda fault: (fault.start, fault.text),
    )


class _Finder(cst.CSTVisitor):
    """Walks a module and collects its faults."""

    METADATA_DEPENDENCIES = (ByteSpanPositionProvider,)

    def __init__(self, path: str, source: str) -> None:
        super().__init__()
        self.faults: list[Fault] = []
        self._path = path
        self._source = source
        self._bytes = source.encode()

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Raise | cst.Import | cst.ImportFrom | cst.Decorator):
            return False
        for kind, mutate in _MUTATIONS:
            if isinstance(node, kind):
                self.faults += self._planted(node, mutate(node))
        return True

    def _planted(self, node: cst.CSTNode, mutated: Iterable[cst.CSTNode]) -> Iterator[Fault]:
        span = self.get_metadata(ByteSpanPositionProvider, node)
        start = len(self._bytes[: span.start].decode())
        end = start + len(self._bytes[span.start : span.start + span.length].decode())
        for new in mutated:
            text = cst.Module([]).code_for_node(new).strip()
            if text != self._source[start:end]:
                yield Fault(self._path, self._source, start, end, text)
