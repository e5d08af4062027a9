"""What is written in two places is the same in both."""

import re
from importlib import metadata
from pathlib import Path

import autostats
import pytest
from autostats.dbt_setup.locate import find_project_dir
from autostats.installation import DISTRIBUTION
from autostats.schema_version import SCHEMA_VERSION
from packaging.requirements import Requirement

PROJECT = find_project_dir(None, {})
ROOT = Path(__file__).parents[1]
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-mysql.lock"]
EXTRAS = ("", "charts", "freshness", "notify")


def test_the_models_stamp_the_version_that_the_commands_expect() -> None:
    macro = (PROJECT / "macros" / "settings.sql").read_text()
    returned = dict(re.findall(r"macro (\w+)\(\) %}\n    {{ return\('?([^')]+)'?\) }}", macro))
    assert returned["schema_version"] == str(SCHEMA_VERSION)
    assert returned["autostats_version"] == autostats.__version__
    assert metadata.version(DISTRIBUTION) == autostats.__version__


@pytest.mark.parametrize("requirement", metadata.requires(DISTRIBUTION) or [])
def test_the_lock_holds_what_the_package_requires(requirement: str) -> None:
    wanted = Requirement(requirement)
    for lock, engine in zip(LOCKS, ("postgres", "mysql"), strict=True):
        marker = wanted.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*EXTRAS, engine)):
            locked = re.findall(rf"^{re.escape(wanted.name)}==(\S+)", lock.read_text(), re.MULTILINE)
            assert locked, lock.name
            assert all(version in wanted.specifier for version in locked), lock.name


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_the_lock_names_no_host(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    # No option that could name one either.
    assert set(re.findall(r"(?<![\w-])--[a-z-]+", text)) == {"--hash"}
