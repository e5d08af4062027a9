"""Everything works under exactly the accounts of docs/databases.md, and the doctor sees what is amiss."""

from contextlib import closing
from pathlib import Path

import pytest
from support.accounts import PASSWORD, Account, account
from support.extent import some
from support.sources import SourceWriter

pytestmark = pytest.mark.slow


def _software(autostats: Account) -> list[str]:
    schema = "autostats" if autostats.target == "postgres" else f"{autostats.name}_statistics"
    with closing(autostats.source.connect()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"select distinct software from {schema}.fct_job_volume_daily order by software")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("target", some(["postgres", "mysql"], 1))
def test_every_command_with_the_documented_account(target: str, tmp_path: Path) -> None:
    with account(target, tmp_path) as autostats:
        with SourceWriter.open(autostats.source) as writer:
            writer.update_job(1, software="Mantid 6.2.0", reduction_host="reduce-01")
        place = autostats.source.database if target == "mysql" else "public"
        holder = f"'{autostats.name}'@'%'" if target == "mysql" else autostats.name
        software = f"select on {place}.reduction_viewer_software"
        autostats.administer(f"revoke {software} from {holder}")
        # The service holds locks on rows of its own: a run that wanted any would wait for them, and fail.
        with closing(autostats.source.connect()) as service, closing(service.cursor()) as cursor:
            cursor.execute("update reduction_viewer_reductionrun set run_version = 9")
            first = autostats("run", "--as-of", "2020-02-12 20:00")
            service.rollback()
        assert first.code == 0, first.err
        assert "9 jobs" in first.out
        assert _software(autostats) == ["unknown"]
        without = autostats("doctor", "--quiet")
        assert "the account cannot read reduction_viewer_software" in without.out
        assert "GRANT SELECT ON" in without.out
        assert "FAIL" not in without.out
        autostats.administer(f"grant {software} to {holder}")
        assert autostats("run", "--as-of", "2020-02-12 20:00").code == 0
        assert _software(autostats) == ["Mantid 6.2.0", "unknown"]
        report = autostats("report", "--from", "2020-02-11", "--to", "2020-02-12", "--format", "csv")
        assert report.code == 0, report.err
        assert report.out.splitlines()[1].startswith("WISH,9,5,2")
        missing = autostats("missing", "--check", "--format", "csv")
        assert missing.code == 1
        assert "WISH,102,102,1" in missing.out
        explained = autostats("explain", "WISH", "2020-02-11", "jobs_failed", "--format", "csv")
        assert explained.code == 0, explained.err
        verified = autostats("verify", "--from", "2020-02-11", "--to", "2020-02-12")
        assert verified.code == 0, verified.err
        days = ("--from", "2020-02-11", "--to", "2020-02-12")
        drawn = tmp_path / "drawn"
        drawn.mkdir()
        for more in (
            ("report", *days, "--all", "--format", "html", "--output", str(drawn / "report.html")),
            ("report", *days, "--compare", "previous", "--by", "hour", "--format", "json"),
            ("report", *days, "--format", "prometheus"),
            ("report", *days, "--plain"),
            ("plot", "exe-time", *days),
            ("plot", "missing", *days, "--output", str(drawn / "missing.svg")),
            ("digest", "--since", "2020-02-11"),
            ("docs", "--output", str(drawn / "docs.html")),
        ):
            ran = autostats(*more)
            assert ran.code == 0, (more, ran.err)
        assert len(list(drawn.iterdir())) == 3
        healthy = autostats("doctor", "--quiet")
        assert "rights" not in healthy.out
        assert "software" not in healthy.out
        assert "FAIL" not in healthy.out
        written = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
        assert not any(PASSWORD in file.read_text(errors="replace") for file in written)


@pytest.mark.parametrize("target", some(["postgres", "mysql"], 1, start=1))
def test_the_doctor_sees_too_much_and_too_little(target: str, tmp_path: Path) -> None:
    with account(target, tmp_path) as autostats:
        own = f"{autostats.name}_statistics"
        if target == "postgres":
            autostats.administer(
                f"grant insert on reduction_viewer_reductionrun to {autostats.name}", "drop schema autostats"
            )
        else:
            autostats.administer(
                f"grant insert on {autostats.source.database}.* to '{autostats.name}'@'%'",
                f"revoke drop on {own}.* from '{autostats.name}'@'%'",
            )
        sick = autostats("doctor", "--quiet")
        assert sick.code == 1
        assert "the account may INSERT the source" in sick.out
        assert "REVOKE INSERT, UPDATE, DELETE ON" in sick.out
        remedy = "CREATE SCHEMA" if target == "postgres" else "GRANT ALL ON"
        assert remedy in sick.out
        holder = f"'{autostats.name}'@'%'" if target == "mysql" else autostats.name
        place = autostats.source.database if target == "mysql" else "public"
        autostats.administer(f"revoke select on {place}.reduction_viewer_status from {holder}")
        blind = autostats("doctor", "--quiet")
        assert blind.code == 1
        assert "reduction_viewer_status" in blind.out
        assert "lacks the privilege SELECT on reduction_viewer_status" in blind.out
        assert "GRANT SELECT ON" in blind.out
        assert autostats("run").code == 2
        # A PostgreSQL for tests may trust whoever comes, and ask for no password.
        if target == "mysql":
            wrong = autostats("doctor", "--quiet", DBT_ENV_SECRET_AUTOSTATS_PASSWORD="not this")
            assert wrong.code == 1
            assert "not this" not in wrong.out + wrong.err
            assert autostats("run", DBT_ENV_SECRET_AUTOSTATS_PASSWORD="not this").code == 2
