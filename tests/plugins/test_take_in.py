"""Which plug-ins a run takes in, if dbt cannot read some of them alone or together."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from autostats.dbt_setup.dbt_command import Failure, Outcome
from autostats.plugins.check import fault_of_models
from autostats.plugins.find import Plugin
from autostats.plugins.install import PACKAGES
from autostats.plugins.take_in import TakenIn, take_in
from autostats.run.failures import faults_of_plugins

STATISTIC = {"summary": "s", "bucket": "day", "time_column": "day", "measures": ["jobs"]}


@dataclass(frozen=True)
class Model:
    package_name: str
    meta: dict[str, Any] = field(default_factory=lambda: {"autostats": {"statistic": STATISTIC}})
    name: str = "model"
    resource_type: str = "model"
    database: str = "db"
    schema: str = "autostats"


@dataclass(frozen=True)
class Manifest:
    nodes: dict[str, Model]


def manifest(*models: Model) -> Manifest:
    return Manifest({str(place): model for place, model in enumerate((Model("autostats", {}), *models))})


class Dbt:
    """Reads the packages of a project, unless two of them do not go together, or one is wrong."""

    def __init__(
        self, project: Path, wrong: Sequence[str] = (), apart: Sequence[str] = (), *, names: bool = False
    ) -> None:
        self.project, self.wrong, self.apart, self.names = project, set(wrong), set(apart), names
        self.reads = 0

    def __call__(self) -> Outcome:
        self.reads += 1
        packages = {path.name for path in (self.project / PACKAGES).iterdir()}
        if packages & self.wrong or (self.apart and self.apart <= packages):
            named = min(packages & self.wrong) if self.names else "something"
            return Outcome(error=RuntimeError(f"Compilation Error\n  dbt_packages/{named}/models is wrong"))
        return Outcome(manifest=manifest(*map(Model, sorted(packages))))


def plugin(tmp_path: Path, name: str, error: str | None = None) -> Plugin:
    folder = tmp_path / "plugins" / name
    folder.mkdir(parents=True)
    (folder / "model.sql").write_text("select 1 as one")
    return Plugin(name, folder, error)


def names(taken: TakenIn) -> tuple[list[str], list[str]]:
    return [each.name for each in taken.plugins], [each.name for each in taken.broken]


def test_sound_ones_are_read_once(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    dbt = Dbt(project)
    taken = take_in([plugin(tmp_path, "a"), plugin(tmp_path, "b"), plugin(tmp_path, "c", "x")], project, dbt)
    assert names(taken) == (["a", "b"], ["c"])
    assert dbt.reads == 1
    assert (project / PACKAGES / "a" / "models" / "model.sql").is_file()


@pytest.mark.parametrize(
    ("wrong", "apart", "expected"),
    [
        (["b"], [], (["a", "c"], ["b"])),
        (["c"], [], (["a", "b"], ["c"])),
        (["a", "b", "c"], [], ([], ["a", "b", "c"])),
        ([], ["a", "c"], (["a", "b"], ["c"])),
    ],
)
def test_a_broken_one_stands_in_nobodys_way(
    tmp_path: Path, wrong: list[str], apart: list[str], expected: tuple[list[str], list[str]]
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    taken = take_in([plugin(tmp_path, name) for name in "abc"], project, Dbt(project, wrong, apart))
    assert names(taken) == expected
    # What dbt builds next are the sound ones alone.
    assert sorted(path.name for path in (project / PACKAGES).iterdir()) == expected[0]
    assert {model.package_name for model in taken.manifest.nodes.values()} == {"autostats", *expected[0]}
    assert all("is wrong" in (broken.error or "") for broken in taken.broken)


def test_one_that_builds_on_a_failed_one_has_failed(tmp_path: Path) -> None:
    outcome = Outcome((Failure("model", "m", "no column x", "a"),), skipped=("autostats", "a", "b"))
    assert faults_of_plugins(TakenIn(broken=[plugin(tmp_path, "c", "no YAML")]), outcome) == {
        "a": "model m failed: no column x",
        "b": "What it builds on failed.",
        "c": "no YAML",
    }


def test_a_file_that_cannot_be_copied(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    plugins = [plugin(tmp_path, name) for name in "ab"]
    (plugins[0].folder / ".#model.sql").symlink_to("somebody@computer.1234")
    os.mkfifo(plugins[1].folder / "pipe.sql")
    taken = take_in(plugins, project, Dbt(project))
    assert names(taken) == (["a"], ["b"])
    assert "It cannot be copied" in (taken.broken[0].error or "")


def test_one_that_dbt_names_is_left_out_at_once(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    dbt = Dbt(project, ["b", "d"], names=True)
    taken = take_in([plugin(tmp_path, name) for name in "abcde"], project, dbt)
    assert names(taken) == (["a", "c", "e"], ["b", "d"])
    assert dbt.reads == 3


@pytest.mark.parametrize(
    ("statistic", "said"),
    [
        ("jobs", "a statistic is not a mapping"),
        ({**STATISTIC, "colour": "red"}, "a statistic has no 'colour'; it has name, summary, "),
        ({key: STATISTIC[key] for key in STATISTIC if key != "summary"}, "lacks 'summary'"),
        ({**STATISTIC, "measures": "jobs"}, "'measures' is not a list of columns"),
        ({**STATISTIC, "measures": ["1; drop table x"]}, "'measures' is not a list of columns"),
        ({**STATISTIC, "summary": 5}, "'summary' is not a text"),
        ({**STATISTIC, "bucket": "fortnight"}, "there is no bucket 'fortnight'; there are second, 5s, "),
        ({**STATISTIC, "dimensions": ["limit"]}, "a dimension cannot be called 'limit'"),
        ({**STATISTIC, "chart": "pie"}, "there is no chart 'pie'"),
        ({**STATISTIC, "name": "Über jobs"}, "cannot be a statistic's name"),
    ],
)
def test_what_a_statistic_may_say(statistic: Any, said: str) -> None:
    fault = fault_of_models(manifest(Model("site", {"autostats": {"statistic": statistic}})), "site")
    assert fault is not None
    assert said in fault


def test_a_plugin_has_a_statistic_and_no_schema_of_its_own() -> None:
    assert fault_of_models(manifest(Model("site")), "site") is None
    assert "None of its models has" in (fault_of_models(manifest(Model("site", {})), "site") or "")
    other = fault_of_models(manifest(Model("site", schema="autostats_site")), "site")
    assert "is in a schema of its own (autostats_site)" in (other or "")
    listed = Model("site", {"autostats": {"statistic": [STATISTIC, {**STATISTIC, "bucket": "week"}]}})
    assert fault_of_models(manifest(listed), "site") is None
