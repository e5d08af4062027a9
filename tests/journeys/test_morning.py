"""One morning: cron has run, a mail has come, and the stuck job in it leads to its run at the facility."""

import re
import shlex
import subprocess
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from autostats.warehouse import utc_now
from playwright.sync_api import Browser, Page
from support.browser import chromium
from support.installed import COMMAND, bare_environment
from support.receivers import Mailbox, mailbox, web_receiver
from support.sources import SourceWriter, genuine_era_c

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
STUCK_RUN = 70_421


def _write_source(folder: Path, now: datetime) -> Path:
    """Four weeks of ten good jobs a day, and one that has been processing since yesterday."""
    source = genuine_era_c(folder / "source.sqlite")
    with SourceWriter.open(source) as writer:
        run = STUCK_RUN - 10 * 28
        for day in range(28, 0, -1):
            for number in range(10):
                at = now - timedelta(days=day, minutes=-number * 20)
                done = at + timedelta(minutes=2)
                writer.add_job(created=at, started=at, finished=done, run_numbers=run, instrument="WISH")
                run += 1
        at = now - timedelta(hours=20)
        writer.add_job(created=at, started=at, run_numbers=STUCK_RUN, status="processing", instrument="WISH")
    return source


def _cron(environment: Path, folder: Path) -> list[str]:
    """Run the lines of the page on scheduling that belong to each day; return what cron would mail."""
    page = (ROOT / "docs" / "scheduling.md").read_text()
    said = []
    for line in re.findall(r"^\d+ \d+ \* \* \* +(set -a; .*)$", page, re.MULTILINE)[:2]:
        command = line.replace("/etc/autostats.env", shlex.quote(str(environment))).replace(
            "/opt/autostats/bin/autostats", shlex.quote(str(COMMAND))
        )
        done = subprocess.run(
            ["sh", "-c", command],
            env=bare_environment(folder / "nobody"),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout + done.stderr)
    return said


def _set_up(folder: Path, box: Mailbox, facility: int) -> Path:
    """Write the settings and the file of secrets, as the pages say; return the latter."""
    home = folder / "home"
    home.mkdir()
    (home / "autostats.toml").write_text(
        f'run_url = "http://127.0.0.1:{facility}/runs/{{instrument}}/{{run}}"\n'
        "[notify]\nattach_report = true\n"
    )
    secrets = folder / "autostats.env"
    secrets.write_text(
        f"AUTOSTATS_HOME='{home}'\n"
        f"AUTOSTATS_SOURCE_URL='sqlite:///{folder / 'source.sqlite'}'\n"
        f"AUTOSTATS_NOTIFY_URLS='mailto://127.0.0.1:{box.port}/?from=a@b.example&to=team@facility.example'\n"
    )
    return secrets


def _on_a_telephone(browser: Browser, file: Path, content: bytes) -> Page:
    file.write_bytes(content)
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    return page


def _html(mail: EmailMessage) -> bytes:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content()).encode()


def test_from_cron_to_the_run_that_is_stuck(tmp_path: Path) -> None:
    _write_source(tmp_path, utc_now())
    with mailbox() as box, web_receiver() as facility, chromium() as browser:
        secrets = _set_up(tmp_path, box, facility.port)
        assert _cron(secrets, tmp_path) == ["", ""]
        [mail] = box.mails
        [report] = [part for part in mail.iter_attachments() if part.get_content_type() == "text/html"]
        attached = report.get_content()
        pages = {
            "mail": _html(mail),
            "report": attached.encode() if isinstance(attached, str) else bytes(attached),
        }
        for name, content in pages.items():
            page = _on_a_telephone(browser, tmp_path / f"{name}.html", content)
            assert page.get_by_text(re.compile("needs? attention", re.IGNORECASE)).first.is_visible()
            assert page.get_by_text(re.compile(rf"\b{STUCK_RUN}\b")).first.is_visible(), name
            if name == "mail":
                continue
            link = page.get_by_role("link", name=re.compile(rf"\b{STUCK_RUN}\b")).first
            link.click()
            page.wait_for_url(f"http://127.0.0.1:{facility.port}/runs/WISH/{STUCK_RUN}")
        wanted = [path for path in facility.paths if path.startswith("/runs/")]
        assert wanted == [f"/runs/WISH/{STUCK_RUN}"]
