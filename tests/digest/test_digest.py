"""What is told, to whom, and how often: the command with receivers that really listen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from autostats.installation import install_line
from support.installed import COMMAND, Autostats, bare_environment
from support.mornings import AFTER, BEFORE, Night, made
from support.receivers import WebReceiver, web_receiver

Notify = Callable[..., None]


def web_url(web: WebReceiver, form: str = "markdown") -> str:
    return f"json://127.0.0.1:{web.port}/?format={form}&retry=0&wait=0"


def told(web: WebReceiver) -> list[str]:
    """Return the titles of what has come, and forget it."""
    titles = [json.loads(request)["title"] for request in web.requests]
    web.requests.clear()
    return titles


def test_the_first_digest_tells_the_last_day(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    night(BEFORE)
    notify(web_url(web))
    ran = autostats("digest", "--notify", "--home", home)
    assert (ran.code, ran.out) == (0, "")
    body = json.loads(web.requests[0])
    assert body["title"] == "WISH, GEM: 2 newly failing, 2 newly missing"
    assert body["message"].splitlines() == [
        "Since Tue 2020-02-11: 2 newly failing, 2 newly missing.",
        "",
        "Tue 2020-02-11: 4 jobs, 2 passed, 2 failed, pass rate 50.0%, 2 runs missing.",
        "",
        "**WISH**",
        "",
        "- **1 newly failing**: 100",
        "- **2 newly missing**: 102-103",
        "",
        "**GEM**",
        "",
        "- **1 newly failing**: 50",
        "",
        r"*Statistics of 2020-02-12 05:15 \(Europe/London\).*",
    ]


def test_a_time_before_the_statistics_begin_is_said(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    night(BEFORE)
    ran = autostats("digest", "--since", "2019-01-01", "--home", home)
    sentence = "The statistics begin on 2019-02-02: earlier days of the period are not counted."
    assert sentence in ran.err
    assert sentence not in autostats("digest", "--since", "2019-02-02", "--home", home).err
    found = json.loads(autostats("digest", "--format", "json", "--home", home).out)
    assert found["recorded"] == {"first_day": "2019-02-02", "last_day": "2020-02-12"}
    notify(web_url(web))
    ran = autostats("digest", "--since", "2019-01-01", "--dry-run", "--home", home)
    assert sentence in ran.out


def test_each_thing_is_told_once(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    night(BEFORE)
    notify(web_url(web))
    autostats("digest", "--notify", "--home", home)
    told(web)
    again = autostats("digest", "--notify", "--home", home)
    assert (again.code, again.out, again.err) == (0, "", "")
    assert told(web) == []
    night(AFTER, 1)
    autostats("digest", "--notify", "--home", home)
    body = json.loads(web.requests[0])["message"]
    assert body.startswith("Since Wed 2020-02-12 05:15: ")
    assert told(web) == ["WISH: 2 newly failing, 1 newly missing, 1 resolved, 1 no longer missing"]
    for line in (
        "- **2 newly failing**: 105, 107",
        "- **1 newly missing**: 106",
        "- **1 resolved**: 100",
        "- **1 no longer missing**: 102",
    ):
        assert line in body
    assert autostats("digest", "--notify", "--home", home).err == ""
    # Failing again after it was resolved is news again.
    night([*AFTER, made(11, 100, "e", 26)], 2)
    autostats("digest", "--notify", "--home", home)
    assert told(web) == ["WISH: 1 newly failing"]


def test_what_shows_late_is_news_for_a_month(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    notify(web_url(web))
    night(BEFORE)
    autostats("digest", "--notify", "--home", home)
    told(web)
    late = [made(20, 49, "e", -24 * 29, "GEM"), made(21, 48, "e", -24 * 32, "GEM")]
    night([*BEFORE, *late], 1)
    autostats("digest", "--notify", "--home", home)
    assert "- **1 newly failing**: 49" in json.loads(web.requests[0])["message"]
    assert told(web) == ["GEM: 1 newly failing"]


@pytest.mark.parametrize(("hours", "titles"), [(-29.24, ["GEM: 1 no longer missing"]), (-29.26, [])])
def test_a_run_that_arrives_on_the_first_day_told_is_no_longer_missing(
    autostats: Autostats,
    home: Path,
    night: Night,
    web: WebReceiver,
    notify: Notify,
    hours: float,
    titles: list[str],
) -> None:
    """The first digest tells of the day that began 29 hours and a quarter before the first morning."""
    night([made(1, 1, "c", -80, "GEM"), made(2, 3, "c", -79, "GEM"), made(3, 2, "c", hours, "GEM")])
    notify(web_url(web))
    autostats("digest", "--notify", "--home", home)
    assert told(web) == titles


def test_a_destination_that_failed_gets_it_next_time_and_others_are_not_told_twice(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    with web_receiver() as other:
        notify(web_url(web), web_url(other, "html"))
        night(BEFORE)
        web.answer = 500
        ran = autostats("digest", "--notify", "--quiet", "--home", home)
        assert ran.code == 6
        assert f"json://127.0.0.1:{web.port} (Failed to send JSON POST notification: " in ran.err
        assert ran.err.startswith("error: 1 of 2 destinations did not accept the digest: ")
        assert "json://127.0.0.1:" not in ran.err.replace(f"json://127.0.0.1:{web.port}", "")
        assert len(told(web)) == len(told(other)) == 1
        night(AFTER, 1)
        web.answer = 200
        assert autostats("digest", "--notify", "--home", home).code == 0
        # The one hears all since the day before its first digest, which it did not get.
        assert told(web) == ["WISH, GEM: 3 newly failing, 2 newly missing, 1 resolved"]
        assert told(other) == ["WISH: 2 newly failing, 1 newly missing, 1 resolved, 1 no longer missing"]
        night([*AFTER, made(11, 110, "c", 26)], 2)
        other.answer = 404
        assert autostats("digest", "--notify", "--home", home).code == 6
        assert told(web) == ["WISH: 2 newly missing"]
        told(other)
        night([*AFTER, made(11, 110, "c", 26), made(12, 111, "e", 50)], 3)
        other.answer = 200
        assert autostats("digest", "--notify", "--home", home).code == 0
        assert told(web) == ["WISH: 1 newly failing"]
        assert told(other) == ["WISH: 1 newly failing, 2 newly missing"]


def test_late_and_back(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    notify(web_url(web))
    night(BEFORE)
    autostats("digest", "--notify", "--home", home)
    told(web)
    night(BEFORE, 0, hours=26)
    autostats("digest", "--notify", "--home", home)
    assert told(web) == []
    night(BEFORE, 0, hours=27)
    autostats("digest", "--notify", "--home", home)
    assert json.loads(web.requests[0])["message"].startswith(
        "**The statistics are late: from Wed 2020-02-12 05:15, 1d 03h ago. Has `autostats run` stopped?**"
    )
    assert told(web) == ["Statistics are late"]
    night(BEFORE, 0, hours=60)
    autostats("digest", "--notify", "--home", home)
    assert told(web) == []
    night(BEFORE, 3)
    autostats("digest", "--notify", "--home", home)
    assert told(web) == ["Statistics are up to date again"]
    autostats("digest", "--notify", "--home", home)
    assert told(web) == []
    night(BEFORE, 3, hours=48)
    autostats("digest", "--notify", "--home", home)
    assert told(web) == ["Statistics are late"]


def test_instruments_of_their_own_are_a_digest_of_their_own(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    notify(web_url(web))
    night(BEFORE)
    for _ in range(2):
        autostats("digest", "gem", "--notify", "--home", home)
    assert told(web) == ["GEM: 1 newly failing"]
    autostats("digest", "--notify", "--home", home)
    assert told(web) == ["WISH, GEM: 2 newly failing, 2 newly missing"]


def test_tags_of_the_configuration_choose(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, tmp_path: Path
) -> None:
    night(BEFORE)
    config = tmp_path / "apprise.conf"
    with web_receiver() as other:
        config.write_text(f"# ours\nteam={web_url(web)}\nboss={web_url(other)}\n", encoding="utf-8")
        assert autostats("digest", "--notify", "--config", config, "--tag", "boss", "--home", home).code == 0
        assert (len(told(web)), len(told(other))) == (0, 1)
        assert autostats("digest", "--notify", "--config", config, "--home", home).code == 0
        assert (len(told(web)), len(told(other))) == (1, 0)
        ran = autostats("digest", "--notify", "--config", config, "--tag", "nobody", "--home", home)
        assert (ran.code, "with the tag 'nobody'" in ran.err) == (2, True)


def test_a_dry_run_shows_all_and_remembers_nothing(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    night(BEFORE)
    notify(web_url(web), "mailto://user:secret@mail.example?to=team@facility.example")
    for arguments in (("--dry-run",), ("--notify", "--dry-run")):
        ran = autostats("digest", *arguments, "--home", home)
        assert ran.code == 0
        assert f"To: json://127.0.0.1:{web.port} (as markdown)\nSubject: WISH, GEM: 2 newly" in ran.out
        assert "To: mailto://mail.example (as html)\n" in ran.out
        assert "- **2 newly missing**: 102-103" in ran.out
        assert "<strong>2 newly missing</strong><br>102-103, Tue 2020-02-11" in ran.out
        assert "secret" not in ran.out + ran.err
    assert not (home / "digest.json").exists()
    assert web.requests == []
    shown = ran.out.partition("(as markdown)\n")[2].partition("To: ")[0]
    notify(web_url(web))
    autostats("digest", "--notify", "--home", home)
    sent = json.loads(web.requests[0])
    assert shown.strip() == f"Subject: {sent['title']}\n\n{sent['message']}".strip()
    assert "Nothing new." in autostats("digest", "--dry-run", "--home", home).out


def test_without_notify_it_prints_what_is_new_to_those_who_were_told_last(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    night(BEFORE)
    assert "2 newly failing, 2 newly missing" in autostats("digest", "--home", home).out
    failing = json.loads(autostats("digest", "--format", "json", "--home", home).out)["failing"]
    assert [(row["instrument"], row["run_number"]) for row in failing] == [("GEM", 50), ("WISH", 100)]
    assert not (home / "digest.json").exists()
    notify(web_url(web))
    autostats("digest", "--notify", "--home", home)
    ran = autostats("digest", "--home", home)
    assert (ran.code, ran.out, ran.err) == (0, "", "Nothing new since Wed 2020-02-12 05:15.\n")
    assert autostats("digest", "--quiet", "--home", home).err == ""
    night(AFTER, 1)
    memory = (home / "digest.json").read_bytes()
    out = autostats("digest", "--home", home).out
    assert "News since Wed 2020-02-12 05:15: 2 newly failing, 1 newly missing, 1 resolved" in out
    counted = autostats("digest", "--format", "csv", "--home", home).out
    assert counted == "instrument,newly_failing,newly_missing,resolved,no_longer_missing\nWISH,2,1,1,1\n"
    content = json.loads(autostats("digest", "--format", "json", "--home", home).out)
    assert [row["run_number"] for row in content["failing"]] == [105, 107]
    assert [row["first_run_number"] for row in content["found"]] == [102]
    assert "<h3" in autostats("digest", "--format", "html", "--home", home).out
    since = autostats("digest", "--since", "2020-02-11", "--home", home).out
    assert "News since Tue 2020-02-11: 3 newly failing, 2 newly missing" in since
    assert (home / "digest.json").read_bytes() == memory


def test_long_lists_are_cut_and_say_where_the_rest_is(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    failures = [made(place, 2 * place, "e", -20 + place / 100) for place in range(1, 200)]
    others = [made(1000 + place, 1, "e", -20, instrument=f"I{place:02}") for place in range(40)]
    night([*failures, *others])
    notify(web_url(web))
    autostats("digest", "--notify", "--home", home)
    body = json.loads(web.requests[0])["message"]
    assert "- **199 newly failing**: 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24 and 187 more" in body
    assert "(`autostats report WISH --unresolved`)" in body
    assert "16 more instruments: " in body
    out = autostats("digest", "WISH", "--since", "2020-02-11", "--home", home).out
    assert "189 more of WISH: `autostats report --unresolved` lists them." in out


def test_a_service_for_short_messages_gets_a_short_one(
    autostats: Autostats,
    home: Path,
    night: Night,
    monkeypatch: pytest.MonkeyPatch,
    web: WebReceiver,
    notify: Notify,
) -> None:
    from apprise.plugins.custom_json import NotifyJSON

    monkeypatch.setattr(NotifyJSON, "body_maxlen", 400)
    night([made(place, 2 * place, "e", -20 + place / 100, f"I{place:03}") for place in range(1, 200)])
    notify(web_url(web))
    autostats("digest", "--notify", "--home", home)
    body = json.loads(web.requests[0])["message"]
    assert "199 newly failing" in body
    assert len(body) < 400
    assert "197 more instruments: `autostats report --unresolved`" in body


def test_two_digests_at_once(
    autostats: Autostats,
    home: Path,
    night: Night,
    web: WebReceiver,
    notify: Notify,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from autostats.digest.memory import hold_memory
    from autostats.home import Home

    night(BEFORE)
    notify(web_url(web))
    monkeypatch.setenv("AUTOSTATS_WAIT", "0.2")
    with hold_memory(Home(home), 0):
        ran = autostats("digest", "--notify", "--home", home)
    assert ran.code == 5
    assert "Another digest is being sent" in ran.err
    assert web.requests == []


def test_killed_before_it_could_remember_it_tells_twice_rather_than_never(
    home: Path, night: Night, web: WebReceiver, tmp_path: Path
) -> None:
    night(BEFORE)
    command = [str(COMMAND), "digest", "--notify", "--since", "2020-02-11", "--home", str(home)]
    environment = bare_environment(tmp_path / "nobody", {"AUTOSTATS_NOTIFY_URLS": web_url(web)})
    running = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    web.on_request = lambda: os.kill(running.pid, signal.SIGKILL)
    assert running.wait(60) == -signal.SIGKILL
    assert len(told(web)) == 1
    assert not (home / "digest.json").exists()
    web.on_request = lambda: None
    assert subprocess.run(command, env=environment, check=False, timeout=60).returncode == 0
    assert len(told(web)) == 1
    assert (home / "digest.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--tag", "x"), "Add --notify or --dry-run."),
        (("--config", "x"), "Add --notify or --dry-run."),
        (("--notify", "--format", "md"), "Leave out --format"),
        (("--notify",), "AUTOSTATS_NOTIFY_URLS='mailto://user:password@"),
        (("--since", "never"), "--since 'never' is not a day."),
        (("--notify", "--config", "/no/such"), "The configuration /no/such cannot be read: No such file"),
        (("NOBODY",), "There is no instrument 'NOBODY'."),
    ],
)
def test_slips(
    autostats: Autostats, home: Path, night: Night, arguments: tuple[str, ...], words: str
) -> None:
    night(BEFORE)
    ran = autostats("digest", *arguments, "--home", home)
    assert ran.code == 2
    assert words in ran.err


def test_without_apprise(
    autostats: Autostats, home: Path, night: Night, notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    night(BEFORE)
    notify("json://127.0.0.1:1/")
    monkeypatch.setitem(sys.modules, "apprise", None)
    ran = autostats("digest", "--notify", "--home", home)
    assert ran.code == 2
    assert install_line("notify") in ran.err
    assert autostats("digest", "--home", home).code == 0
