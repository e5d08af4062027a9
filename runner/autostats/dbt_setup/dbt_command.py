"""One dbt invocation: its arguments, built by a pure function, and a thin call of dbt in this process."""

import contextlib
import io
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autostats.configuration.value_types import Value
from autostats.text import counted

PROJECT = "autostats"
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
_HEADER_BEHIND = " - Runtime Error"
_HEADER = re.compile(r"^(\w+ )*Error( in .*)?$")
# How the macro record_tests ends a run; dbt then returns this instead of its results.
_FAILED_TESTS = re.compile(r"data tests failed: (.*?)\.(\s|$)")


@dataclass(frozen=True)
class DbtCommand:
    """What dbt should do. No secrets here: dbt writes its arguments and vars to its artifacts."""

    command: str
    project_dir: Path
    profiles_dir: Path
    target_path: Path
    log_path: Path
    target: str | None = None
    variables: Mapping[str, Value | None] = field(default_factory=dict)
    full_refresh: bool = False
    select: str = ""
    exclude: str = ""
    with_unit_tests: bool = False
    knows_unit_tests: bool = True


@dataclass(frozen=True)
class Failure:
    """A model, seed, test or hook that failed.

    Its kind, its name, the first sentence of the reason, and the dbt package that it belongs to.
    """

    kind: str
    name: str
    reason: str
    package: str = PROJECT


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended.

    `skipped` holds the package of each node that was not built because of another; `error` is what stopped
    the invocation before or between nodes, if anything did.
    """

    failures: tuple[Failure, ...] = ()
    skipped: tuple[str, ...] = ()
    error: BaseException | None = None
    # What `parse` has made of the project.
    manifest: Any = field(default=None, repr=False)

    @property
    def succeeded(self) -> bool:
        """Return whether every node was built and every test passed."""
        return not self.failures and not self.skipped and self.error is None

    @property
    def built(self) -> bool:
        """Return whether every model was built, whatever the results of the tests."""
        return self.error is None and all(failure.kind == "test" for failure in self.failures)

    def of_project(self) -> "Outcome":
        """Return how it ended for this project, without what failed in plug-ins alone."""
        return replace(
            self,
            failures=tuple(failure for failure in self.failures if failure.package == PROJECT),
            skipped=tuple(package for package in self.skipped if package == PROJECT),
        )


def dbt_arguments(call: DbtCommand, environment: Mapping[str, str]) -> list[str]:
    """Return dbt's command line for `call`.

    There is no flag for what a `DBT_` variable of `environment` sets, because flags take precedence. dbt's
    own console output is off, and so are its own log file (its events go to ours) and its usage statistics
    (no network).
    """
    arguments = call.command.split()
    arguments += ["--quiet", "--no-print", "--no-use-colors", "--no-send-anonymous-usage-stats"]
    settled = {
        "DBT_LOG_LEVEL": ["--log-level", "none"],
        "DBT_LOG_LEVEL_FILE": ["--log-level-file", "none"],
        "DBT_LOG_PATH": ["--log-path", str(call.log_path)],
        "DBT_TARGET_PATH": ["--target-path", str(call.target_path)],
    }
    if call.command == "build":
        # Nobody reads them, and writing them twice takes as long as ten tables.
        settled["DBT_WRITE_JSON"] = ["--no-write-json"]
    for variable, flags in settled.items():
        if variable not in environment:
            arguments += flags
    arguments += ["--project-dir", str(call.project_dir), "--profiles-dir", str(call.profiles_dir)]
    if call.target:
        arguments += ["--target", call.target]
    if call.variables:
        arguments += ["--vars", json.dumps(dict(call.variables), sort_keys=True)]
    if call.full_refresh:
        arguments.append("--full-refresh")
    if call.select:
        arguments += ["--select", call.select]
    if call.exclude:
        arguments += ["--exclude", call.exclude]
    # dbt-core 1.7, which dbt-mysql needs, does not know unit tests.
    if call.command in {"build", "test"} and not call.with_unit_tests and call.knows_unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    return arguments


def first_sentence(message: str) -> str:
    """Return the sentence of a dbt message that says what is wrong, without headers and file names."""
    lines = [line.strip() for line in message.splitlines()]
    telling = [
        line for line in lines if line and not _HEADER.match(line) and not line.startswith("compiled ")
    ]
    if len(telling) > 1 and telling[0].endswith(_HEADER_BEHIND):
        return f"{telling[0].removesuffix(_HEADER_BEHIND)}: {telling[1]}"
    return telling[0] if telling else " ".join(message.split())


def _failures(results: Any, rows: Mapping[str, int]) -> tuple[tuple[Failure, ...], tuple[str, ...]]:
    """Return the failed nodes in dbt's results, and the packages of those skipped because of them.

    `rows` holds the number of failing rows of each test.
    """
    failed: list[Failure] = []
    skipped: list[str] = []
    for result in getattr(results, "results", None) or []:
        status = str(result.status)
        node = getattr(result, "node", None)
        kind = str(getattr(node, "resource_type", "node"))
        name = str(getattr(node, "name", "?"))
        package = str(getattr(node, "package_name", PROJECT))
        # To dbt, a failing data test is a warning, so that it blocks nothing.
        if (kind, status) == ("test", "warn"):
            if "advice" not in getattr(node, "tags", ()):
                failed.append(_failed_test(name, rows, package))
        elif status in {"error", "fail", "runtime error", "partial success"}:
            failed.append(Failure(kind, name, first_sentence(result.message or status), package))
        elif status == "skipped":
            skipped.append(package)
    return tuple(failed), tuple(skipped)


def _failed_test(name: str, rows: Mapping[str, int], package: str) -> Failure:
    found = rows.get(name, 0)
    return Failure("test", name, counted(found, "row") if found else "it did not run", package)


def _listener(
    logger: logging.Logger,
    on_step: Callable[[int, int], None] | None,
    on_event: Callable[[], None] | None,
    rows: dict[str, int],
) -> Callable[[Any], None]:
    """Return the callback that writes dbt's events to the log and calls `on_step` for finished nodes.

    `on_step` takes how many of how many are finished. `rows` receives how many rows failed each data test.
    """
    finished = 0

    def listen(event: Any) -> None:
        nonlocal finished
        if on_event is not None:
            on_event()
        level = _LEVELS.get(str(event.info.level), logging.INFO)
        if logger.isEnabledFor(level) and event.info.msg:
            logger.log(level, "%s", event.info.msg)
        name = event.info.name
        if name == "LogTestResult":
            rows[event.data.name] = event.data.num_failures
        if on_step is not None and name.startswith("Log") and name.endswith("Result"):
            # Test events have another name for it.
            total = getattr(event.data, "total", 0) or getattr(event.data, "num_models", 0)
            if total:
                finished += 1
                on_step(finished, total)

    return listen


def _close_connections() -> None:
    """Close the DuckDB file, which the adapter would otherwise keep open until this process ends."""
    with contextlib.suppress(ImportError):
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        DuckDBConnectionManager.close_all_connections()


def invoke_dbt(
    call: DbtCommand,
    environment: Mapping[str, str],
    logger: logging.Logger,
    on_step: Callable[[int, int], None] | None = None,
    on_event: Callable[[], None] | None = None,
    manifest: Any = None,
) -> Outcome:
    """Run dbt in this process and return how it ended; `on_event` is called at each sign of life.

    With the `manifest` of an earlier parse, dbt does not read the project again. Raises KeyboardInterrupt
    when it is interrupted.
    """
    from dbt.cli.main import dbtRunner

    arguments = dbt_arguments(call, environment)
    logger.info("dbt %s", " ".join(arguments))
    rows: dict[str, int] = {}
    # Adapters sometimes print; stdout is for results.
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            runner = dbtRunner(manifest, [_listener(logger, on_step, on_event, rows)])
            answer = runner.invoke(arguments)
        finally:
            _close_connections()
    if printed.getvalue().strip():
        logger.info("%s", printed.getvalue().strip())
    if isinstance(answer.exception, KeyboardInterrupt):
        raise answer.exception
    error = answer.exception
    if error is not None and (failed := _FAILED_TESTS.search(" ".join(str(error).split()))):
        nodes = manifest.nodes.values() if manifest is not None else ()
        packages = {node.name: node.package_name for node in nodes}
        names = failed[1].split(", ")
        return Outcome(tuple(_failed_test(name, rows, packages.get(name, PROJECT)) for name in names))
    failures, skipped = _failures(answer.result, rows)
    if call.command == "parse" and answer.success:
        return Outcome(manifest=answer.result)
    if error is None and not answer.success and not failures:
        error = RuntimeError("dbt failed without saying why")
    return Outcome(failures, skipped, error)
