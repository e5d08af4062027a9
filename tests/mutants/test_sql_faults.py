"""The tool that plants faults of SQL: on a project of one query, whose faults are known."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from mutants.of_sql import faults_of_queries, sql_faults
from mutants.trial import Outcome, Workshop

QUERY = """-- max(day) = 1 and a comment is no code
select max(number) as newest from runs
where number >= 1
    and state = 'a and b'
"""
TEST = """
from pathlib import Path
import duckdb

def test_the_query():
    runs = "with runs as (from (values (1, 'a and b'), (2, 'a and b'), (3, 'c')) as runs (number, state))"
    assert duckdb.sql(runs + Path("query.sql").read_text()).fetchall() == [(2,)]
"""


def changes(text: str) -> set[tuple[str, str]]:
    return {(fault.before, fault.after) for fault in sql_faults("query.sql", text)}


def test_which_faults_a_query_has() -> None:
    assert changes(QUERY) == {
        ("select max(number) as newest from runs", "select min(number) as newest from runs"),
        ("where number >= 1", "where number > 1"),
        ("where number >= 1", "where number >= 2"),
        ("where number >= 1 and state = 'a and b'", "where 1 = 1"),
        ("and state = 'a and b'", "or state = 'a and b'"),
        ("and state = 'a and b'", "and state != 'a and b'"),
        ("and state = 'a and b'", ""),
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x between a and b or y", "x between a and b and y"),
        ("partition by a, b order by c)", "partition by b order by c)"),
        ("partition by a, b order by c)", "partition by a, b order by c desc)"),
        ("order by c desc limit 3", "order by c limit 3"),
        ("coalesce(f(a, b), 'none')", "f(a, b)"),
        ("a left join b", "a inner join b"),
        ("not is_deleted", "is_deleted"),
        ("percentile_disc(0.95)", "percentile_disc(0.25)"),
        ("lead(day) over", "lag(day) over"),
    ],
)
def test_kinds_of_faults(before: str, after: str) -> None:
    assert (before, after) in changes(before)


def test_queries_within_python() -> None:
    source = '''"""Select from where."""
_NAME = "from here and there"
_QUERY = """
select 1 from "é" where a < ?
"""


def rows(chosen: str) -> str:
    """Return what is where."""
    return f"select 1 from b where {chosen} and c = 2"
'''
    assert {fault.after for fault in faults_of_queries("module.py", source)} >= {
        'select 1 from "é" where a <= ?',
        'return f"select 1 from b where {chosen} or c = 2"',
    }
    assert {fault.line for fault in faults_of_queries("module.py", source)} == {4, 10}


@pytest.mark.slow
def test_a_fault_that_a_test_finds_and_one_that_none_can_find(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "query.sql").write_text(QUERY, encoding="utf-8")
    (project / "test_query.py").write_text(TEST, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    workshop = Workshop(tmp_path / "copy", project)
    assert workshop.try_tests(["test_query.py"], 60)[0] is Outcome.SURVIVED
    outcomes = {
        fault.after: workshop.try_tests(["test_query.py"], 60, fault)[0]
        for fault in sql_faults("query.sql", QUERY)
        if fault.after in ("select min(number) as newest from runs", "where number > 1")
    }
    assert outcomes == {
        "select min(number) as newest from runs": Outcome.KILLED,
        # The newest is 2, whether 1 counts or not.
        "where number > 1": Outcome.SURVIVED,
    }
    assert (tmp_path / "copy" / "query.sql").read_text(encoding="utf-8") == QUERY
