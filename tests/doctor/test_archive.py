"""What doctor says about the archive: its file, what is registered of it, and whether it can be reached."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.installed import Autostats

pytestmark = pytest.mark.slow

Lines = Callable[[], list[tuple[str, str, str]]]


@pytest.fixture
def lines(autostats: Autostats, tmp_path: Path) -> Lines:
    """Return the name, the state and the detail of each line about the archive."""

    def examine() -> list[tuple[str, str, str]]:
        ran = autostats("doctor", "--home", tmp_path, "--format", "json")
        checks = [check for check in json.loads(ran.out) if check["name"].startswith("Archive ")]
        checks += [check for check in json.loads(ran.out) if check["name"] == "Archive"]
        return [(check["name"], check["state"], check["detail"]) for check in checks]

    return examine


def test_a_file_that_is_not_registered_and_one_that_is(
    lines: Lines, autostats: Autostats, tmp_path: Path
) -> None:
    assert lines() == []
    folder = tmp_path / "data 'ö"
    (folder / "WISH").mkdir(parents=True)
    file = tmp_path / "archive.yml"
    url = json.dumps(f"{folder}/{{instrument}}")
    file.write_text(f"locations:\n  - {{name: raw, url: {url}, instruments: [WISH]}}\n", encoding="utf-8")
    assert lines() == [("Archive", "WARN", f"{file} differs from what is registered")]
    assert autostats("archive", "register", "--home", tmp_path).code == 0
    assert lines() == [("Archive raw", "OK", "1 place can be listed")]
    (folder / "WISH").rmdir()
    assert lines() == [("Archive raw", "FAIL", f"{folder}/WISH is not there (unmounted?)")]
    file.write_text("locations: 3", encoding="utf-8")
    assert [(name, state) for name, state, _ in lines()] == [("Archive raw", "FAIL"), ("Archive", "FAIL")]
