"""No secret of a destination is seen anywhere, whether it is reached, fails, or cannot be understood."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from support.installed import run_command
from support.mornings import BEFORE, Night
from support.receivers import WebReceiver, mailbox

pytestmark = pytest.mark.slow

PASSWORD = "p4ss:@/?#'\"\\ MARK1"
TOKEN = "t0ken-MARK2"
HEADER = "h3ader-MARK3"
MARKS = ("MARK1", "p4ss", "MARK2", "t0ken", "MARK3", "h3ader")


def search(out: str, home: Path) -> None:
    for mark in MARKS:
        assert mark not in out, out
        for path in home.rglob("*"):
            if path.is_file():
                assert mark.encode() not in path.read_bytes(), path


def digest(home: Path, tmp_path: Path, url: str, *arguments: str) -> tuple[int, str]:
    ran = run_command(
        ("digest", "--notify", "--debug", *arguments, "--since", "2020-02-11", "--home", home),
        tmp_path / "nobody",
        {"AUTOSTATS_NOTIFY_URLS": url},
    )
    return ran.code, ran.out + ran.err


@pytest.mark.parametrize("answer", [200, 500])
def test_web(home: Path, night: Night, web: WebReceiver, tmp_path: Path, answer: int) -> None:
    night(BEFORE)
    web.answer = answer
    url = (
        f"json://me:{quote(PASSWORD, safe='')}@127.0.0.1:{web.port}/{TOKEN}/x"
        f"?+X-Key={HEADER}&-key={HEADER}&retry=0"
    )
    code, out = digest(home, tmp_path, url)
    assert code == (0 if answer == 200 else 6)
    assert f"json://127.0.0.1:{web.port}" in out
    assert len(web.requests) == 1
    search(out, home)
    assert " DEBUG apprise: " in (home / "logs" / "autostats.log").read_text(encoding="utf-8")
    assert digest(home, tmp_path, url, "--dry-run")[0] == 0


@pytest.mark.parametrize("right", [True, False])
def test_mail(home: Path, night: Night, tmp_path: Path, right: bool) -> None:
    night(BEFORE)
    with mailbox(PASSWORD if right else "another") as box:
        url = (
            f"mailto://me:{quote(PASSWORD, safe='')}@127.0.0.1:{box.port}/"
            f"?from=a@facility.example&+X-Key={HEADER}&retry=0"
        )
        code, out = digest(home, tmp_path, url)
        assert (code, len(box.mails)) == ((0, 1) if right else (6, 0))
    search(out, home)


@pytest.mark.parametrize(
    "url",
    [
        f"nosuch://me:{quote(PASSWORD, safe='')}@127.0.0.1/{TOKEN}",
        f"json://me:{quote(PASSWORD, safe='')}@:99999/{TOKEN}?+X-Key={HEADER}",
        f"slack://{TOKEN}/{TOKEN}/{TOKEN}",
        f"json://me:{PASSWORD}@127.0.0.1:1/{TOKEN}?retry=0",
        TOKEN,
        f"mailto://{TOKEN}",
    ],
)
def test_what_apprise_does_not_understand(home: Path, night: Night, tmp_path: Path, url: str) -> None:
    night(BEFORE)
    code, out = digest(home, tmp_path, url)
    assert code in {2, 6}
    search(out, home)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "a.conf",
            f"team=json://me:{quote(PASSWORD, safe='')}@127.0.0.1:{{port}}/{TOKEN}?+X-Key={HEADER}&retry=0\n",
        ),
        ("b.conf", f"this is {TOKEN}\n"),
        ("c.conf", f"nosuch://me:{quote(PASSWORD, safe='')}@127.0.0.1/{TOKEN}\n"),
        (
            "d.yml",
            "urls:\n  - json://127.0.0.1:{port}:\n      - user: me\n"
            f"        password: {TOKEN}\n        retry: 0\n        +X-Key: {HEADER}\n",
        ),
        ("e.yml", f"urls:\n  - nosuch://{TOKEN}:\n      - password: {TOKEN}\n"),
        ("f.yml", f"urls: [ {TOKEN}\n"),
    ],
)
@pytest.mark.parametrize("answer", [200, 401])
def test_configurations(
    home: Path, night: Night, web: WebReceiver, tmp_path: Path, name: str, content: str, answer: int
) -> None:
    night(BEFORE)
    web.answer = answer
    config = tmp_path / name
    config.write_text(content.format(port=web.port), encoding="utf-8")
    code, out = digest(home, tmp_path, "", "--config", str(config))
    understood = name in {"a.conf", "d.yml"}
    assert code == ((0 if answer == 200 else 6) if understood else 2), out
    assert len(web.requests) == understood
    search(out, home)
