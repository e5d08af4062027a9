"""The examples of docs/scheduling.md: what cron and systemd make of them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.dbt_project import select
from support.installed import COMMAND
from support.nights import PROJECT
from support.sources import SourceWriter, genuine_era_c, wish_fixture

pytestmark = pytest.mark.slow

DOCUMENT = PROJECT / "docs" / "scheduling.md"


def test_the_cron_lines(tmp_path: Path) -> None:
    with SourceWriter.open(genuine_era_c(tmp_path / "source.sqlite")) as writer:
        wish_fixture(writer)
    settings = tmp_path / "autostats.env"
    settings.write_text(
        f"AUTOSTATS_HOME='{tmp_path}/home'\nAUTOSTATS_SOURCE_URL='sqlite:///{tmp_path}/source.sqlite'\n"
        "AUTOSTATS_NOTIFY_URLS='json://127.0.0.1:1/'\n"
    )
    polls = tmp_path / "polls.csv"
    polls.write_text("instrument,status,timestamp_utc\nWISH,up,2020-02-11 09:00:00 UTC\n")
    daily, collectors = re.findall(r"```cron\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    for line in (collectors + daily).splitlines():
        fields = line.split(maxsplit=5)
        command = fields[5].replace("/etc/autostats.env", str(settings))
        command = command.replace("/var/lib/monitor/polls.csv", str(polls))
        command = command.replace("/opt/autostats/bin/autostats", str(COMMAND))
        assert str(COMMAND) in command
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            # What cron sets, and nothing else.
            env={"HOME": str(tmp_path), "LOGNAME": "nobody", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "home" / "autostats.duckdb").exists()
    assert select(tmp_path / "home", "select state from int_polls") == [{"state": "up"}]
    # The fixture's jobs are of 2020: no news, but all of them are known now.
    assert (tmp_path / "home" / "digest.json").exists()


def test_the_systemd_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    text = DOCUMENT.read_text(encoding="utf-8")
    units = []
    names = re.findall(r"`/etc/systemd/system/([\w.-]+)`", text)
    assert len(names) == 4
    for name in names:
        block = re.search(rf"/{name}`.*?```ini\n(.*?)```", text, re.DOTALL)
        assert block is not None
        units.append(tmp_path / name)
        units[-1].write_text(block[1].replace("/opt/autostats/bin/autostats", str(COMMAND)))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
