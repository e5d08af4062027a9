"""Who may know whom among the modules of the runner, lazy imports and those for types included."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PACKAGE = TESTS.parent / "runner" / "autostats"
GROUND = {"errors", "text", "home", "files", "sql_text"}
# By room, the rooms that it must not know.
NEVER = {
    "source": {"warehouse", "queries", "sections", "render", "run", "dbt_setup"},
    "render": {"queries", "sections", "charts", "page", "run", "dbt_setup", "source"},
    "queries": {"sections", "render", "charts", "page", "run", "digest"},
    "published": {"sections", "charts", "page", "serve", "digest", "run"},
    "sections": {"charts", "page", "digest", "run"},
    "charts": {"sections", "page", "digest", "run"},
    "page": {"commands", "serve", "digest", "run"},
    "serve": {"commands", "digest", "run", "observations"},
    "run": {"commands", "sections", "charts", "page", "digest"},
    "observations": {"queries", "sections", "render", "charts", "page", "digest"},
    "availability": {"queries", "sections", "render", "charts", "page", "digest", "run"},
    "archive": {"queries", "sections", "render", "charts", "page", "digest", "run"},
    "verification": {"queries", "sections", "render", "charts", "run"},
}


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in PACKAGE.rglob("*.py")
    }


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules of ours that code imports anywhere, as `room.module`."""
    known = modules()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "autostats":
            base = node.module.removeprefix("autostats").removeprefix(".")
            for alias in node.names:
                name = f"{base}.{alias.name}".removeprefix(".")
                yield name if name in known else base


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    # The package itself has its version alone.
    return {name: {*imported(parsed(path))} - {"", name} for name, path in modules().items()}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_there_is_no_circle(graph: dict[str, set[str]]) -> None:
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")
    assert len(order) > 120


def room(name: str) -> str:
    return name.split(".")[0]


@pytest.mark.parametrize("name", sorted(GROUND))
def test_the_ground_knows_nobody(graph: dict[str, set[str]], name: str) -> None:
    assert graph[name] <= GROUND


@pytest.mark.parametrize("name", ["recount", "job", "settings", "cells"])
def test_the_recount_shares_nothing_with_what_it_checks(graph: dict[str, set[str]], name: str) -> None:
    known = {"verification.job", "verification.settings", "verification.cells"}
    assert graph[f"verification.{name}"] <= known


@pytest.mark.parametrize("of", sorted(NEVER))
def test_a_room_knows_no_other_that_stands_above_it(graph: dict[str, set[str]], of: str) -> None:
    known = {room(other) for name, others in graph.items() if room(name) == of for other in others}
    assert known
    assert known & NEVER[of] == set()


def reached(graph: dict[str, set[str]], names: set[str]) -> set[str]:
    """Return modules, those that they import, those that these import, and so on."""
    found: set[str] = set()
    ahead = set(names)
    while ahead:
        found |= ahead
        ahead = {other for one in ahead for other in graph.get(one, ())} - found
    return found


def test_no_command_opens_the_observations_with_two_libraries(graph: dict[str, set[str]]) -> None:
    """Python's SQLite and DuckDB's on one file in one process end in a crash."""
    python, duck = "observations.store", {"observations.attach", "dbt_setup.dbt_command"}
    by_function = {
        f"{name}.{function.name}": reached(graph, {*imported(function)})
        for name, path in modules().items()
        if room(name) == "commands"
        for function in parsed(path).body
        if isinstance(function, ast.FunctionDef)
    }
    assert any(python in found for found in by_function.values())
    assert any(duck & found for found in by_function.values())
    assert [name for name, found in by_function.items() if python in found and duck & found] == []
    at_once = {
        name: reached(graph, {*imported(ast.Module([n for n in parsed(path).body if _is_import(n)], []))})
        for name, path in modules().items()
        if room(name) == "commands"
    }
    assert [name for name, found in at_once.items() if python in found or duck & found] == []


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom)


def test_tests_share_only_what_is_in_support() -> None:
    """No test module imports another, or a `conftest.py`, and none uses relative imports."""
    suites = {path.name for path in TESTS.iterdir() if path.is_dir()} - {"support", "mutants"}
    found = {
        f"{path.relative_to(TESTS)}: {node.module}"
        for path in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.level or (node.module or "").split(".")[0] in suites | {"conftest", "tests"})
    }
    assert found == set()
