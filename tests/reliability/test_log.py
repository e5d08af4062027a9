"""One log for the runner and dbt: a line an event, the run's id in each."""

import re

import pytest
from support.reliability.night import Night

_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?P<id>[0-9a-f]{8}) [A-Z]+ [\w.]+: \S")


@pytest.mark.slow
def test_a_run_writes_one_log(night: Night) -> None:
    home = night.folder / "morning"
    assert [path.name for path in (home / "logs").iterdir()] == ["autostats.log"]
    lines = (home / "logs" / "autostats.log").read_text(encoding="utf-8").splitlines()
    matches = [_LINE.match(line) for line in lines]
    assert all(matches), [line for line, match in zip(lines, matches, strict=True) if not match]
    assert len({match["id"] for match in matches if match}) == 1
    text = "\n".join(lines)
    expected = ("run of ", "dbt build", "START sql", "Completed successfully", "done in")
    assert all(words in text for words in expected)
