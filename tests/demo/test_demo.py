"""The demonstration: it shows the tool, can be repeated, and never touches real statistics."""

import shlex
import shutil
from pathlib import Path

import pytest
from support.installed import Autostats, Demo
from support.serving import serving


@pytest.mark.slow
def test_it_prints_the_report_to_stdout_and_all_else_to_stderr(demo: Demo) -> None:
    assert "WISH" in demo.ran.out
    assert "Total" in demo.ran.out
    assert "Explore it:" not in demo.ran.out
    assert "jobs on 10 instruments" in demo.ran.err
    assert "\x1b" not in demo.ran.out + demo.ran.err


@pytest.mark.slow
def test_the_commands_that_it_names_work(own_demo: Demo, autostats: Autostats) -> None:
    printed = own_demo.ran.err
    lines = printed[printed.index("Explore it:\n") :].splitlines()[1:]
    assert "AUTOSTATS_SOURCE_URL" not in printed
    commands = [shlex.split(line, comments=True) for line in lines]
    assert [words[1] for words in commands] == [
        *("report", "report", "report", "missing", "availability", "freshness", "archive", "explain"),
        *("stats", "run", "serve"),
    ]
    for command, *arguments in commands:
        assert Path(command).name == "autostats"
        home = arguments.index("--home") + 1
        assert arguments[home] == str(own_demo.built_in)
        arguments[home] = str(own_demo.home)
        if arguments[0] == "serve":
            with serving(own_demo.home) as server, server.client() as client:
                assert "jobs-1d" in {each["ident"] for each in client.get("/api/").json()}
            continue
        ran = autostats(*arguments)
        assert ran.code == 0, (arguments, ran.err)
        if arguments[0] == "run":
            assert "0 new jobs, 0 changed, 0 vanished" in ran.out
            assert "none changed" in ran.out


@pytest.mark.slow
def test_it_can_be_repeated_and_looks_at_no_profile_of_the_user(
    own_demo: Demo, autostats: Autostats, tmp_path: Path
) -> None:
    dbt = tmp_path / "nobody" / ".dbt"
    dbt.mkdir(parents=True)
    (dbt / "profiles.yml").write_text("autostats: {target: live, outputs: {live: {type: postgres}}}")
    options = ("--days", "20", "--jobs", "1500", "--quiet")
    ran = autostats("demo", "--dir", own_demo.home, *options, env={"DBT_TARGET": "live"})
    assert (ran.code, ran.err) == (0, "")
    assert "Total" in ran.out
    assert autostats("report", "--home", own_demo.home, "--by", "cycle").code == 0
    assert autostats("demo", "--target", "live").code == 2


@pytest.mark.slow
def test_it_refuses_a_folder_with_real_statistics(demo: Demo, autostats: Autostats, tmp_path: Path) -> None:
    shutil.copy(demo.home / "autostats.duckdb", tmp_path / "autostats.duckdb")
    ran = autostats("demo", "--dir", tmp_path)
    assert ran.code == 2
    assert "not a demo" in ran.err
    assert {path.name for path in tmp_path.iterdir()} == {"autostats.duckdb", "nobody"}
