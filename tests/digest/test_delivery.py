"""Mails and posts as they arrive, and what becomes of those that do not."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from autostats.digest import deliver
from support.homes import STRANGE_NAMES
from support.installed import Autostats
from support.marts import write_marts
from support.mornings import BEFORE, MORNING, Night, made
from support.receivers import Mailbox, WebReceiver, mailbox

Notify = Callable[..., None]


def mail_url(box: Mailbox, *more: str) -> str:
    options = "&".join(("from=autostats@facility.example", "retry=0", "wait=0", *more))
    return f"mailto://127.0.0.1:{box.port}/?{options}"


PIECES = {"div", "p", "h3", "ul", "li", "strong", "span", "br", "table", "caption", "tr", "th", "td"}
PAGE = {"html", "head", "meta", "title", "style", "body"}


def part(mail: EmailMessage, kind: str) -> str:
    found = [one for one in mail.walk() if one.get_content_type() == kind]
    assert len(found) == 1
    assert found[0].get_content_charset() == "utf-8"
    content: str = found[0].get_content()
    return content


class Tags(HTMLParser):
    """Collects the elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        allowed = {
            "style",
            "lang",
            "class",
            "align",
            "valign",
            "width",
            "cellspacing",
            "cellpadding",
            "scope",
        }
        metas = {"charset", "name", "content"}
        assert {name for name, _ in attributes} <= (metas if tag == "meta" else allowed)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_mail_has_html_and_text(
    autostats: Autostats, home: Path, night: Night, mail: Mailbox, notify: Notify
) -> None:
    night(BEFORE)
    notify(mail_url(mail, "to=team@facility.example,boss@facility.example"))
    ran = autostats("digest", "--notify", "--home", home)
    assert ran.code == 0
    subject = "WISH, GEM: 2 newly failing, 2 newly missing"
    assert ran.err == f"Sent to mailto://127.0.0.1:{mail.port}: {subject}\n"
    assert sorted(mail.recipients) == ["boss@facility.example", "team@facility.example"]
    for one in mail.mails:
        assert one["Subject"] == subject
        assert one["From"] == "autostats@facility.example"
        assert one.get_content_type() == "multipart/alternative"
        text = part(one, "text/plain").replace("\r\n", "\n")
        assert "Since Tue 2020-02-11:" in text
        assert "  2 newly missing:\n    102-103, Tue 2020-02-11\n" in text
        assert "  1 newly failing:\n    100, RB " in text
        assert re.search(r"^WISH +3 +2 +1 +66\.7%", text, re.MULTILINE)
        page = Tags(part(one, "text/html"))
        assert page.tags <= PIECES | PAGE
        assert "WISH" in page.text
    assert autostats("digest", "--notify", "--home", home).err == ""


def test_a_mail_names_the_facility(
    autostats: Autostats,
    home: Path,
    night: Night,
    mail: Mailbox,
    notify: Notify,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night(BEFORE)
    notify(mail_url(mail, "to=team@facility.example"))
    monkeypatch.setenv("AUTOSTATS_FACILITY_NAME", "A <Source>\nof neutrons and of many, many other particles")
    assert autostats("digest", "--notify", "--home", home).code == 0
    (one,) = mail.mails
    assert one["Subject"].startswith("A <Source> of neutrons and of many, man\u2026: WISH, GEM: 2 newly")
    page = Tags(part(one, "text/html"))
    assert page.tags <= PIECES | PAGE
    assert "A <Source> of neutrons and of many, many other particles" in page.text


@pytest.mark.slow
def test_a_mail_server_that_asks_for_a_password(
    autostats: Autostats, home: Path, night: Night, notify: Notify
) -> None:
    night(BEFORE)
    with mailbox("right") as box:
        for password, code in (("wrong", 6), ("right", 0)):
            notify(mail_url(box).replace("mailto://", f"mailto://me:{password}@"))
            assert autostats("digest", "--notify", "--home", home).code == code
        assert len(box.mails) == 1


def test_a_recipient_who_is_refused_for_a_moment(
    autostats: Autostats, home: Path, night: Night, mail: Mailbox, notify: Notify
) -> None:
    night(BEFORE)
    mail.refused = {"team@facility.example"}
    notify(mail_url(mail, "to=team@facility.example"))
    assert autostats("digest", "--notify", "--home", home).code == 6
    mail.refused = set()
    assert autostats("digest", "--notify", "--home", home).code == 0
    assert mail.recipients == ["team@facility.example"]


@pytest.mark.parametrize(
    ("schema", "form", "found"),
    [
        ("json", "html", "<strong>2 newly missing</strong><br>102-103, Tue 2020-02-11"),
        ("json", "text", "  2 newly missing:\n    102-103, Tue 2020-02-11\n"),
        ("form", "markdown", "- **2 newly missing**: 102-103"),
        ("xml", "markdown", "- **2 newly missing**: 102-103"),
    ],
)
def test_what_web_services_get(
    autostats: Autostats,
    home: Path,
    night: Night,
    web: WebReceiver,
    notify: Notify,
    schema: str,
    form: str,
    found: str,
) -> None:
    night(BEFORE)
    notify(f"{schema}://127.0.0.1:{web.port}/hook/?format={form}")
    assert autostats("digest", "--notify", "--home", home).code == 0
    [request] = web.requests
    body = {
        "json": lambda: json.loads(request)["message"],
        "form": lambda: parse_qs(request.decode())["message"][0],
        "xml": lambda: request.decode(),
    }[schema]()
    assert found in body


def test_it_is_tried_again(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    night(BEFORE)
    web.answer = 503

    def better() -> None:
        web.answer = 200 if len(web.requests) > 2 else 503

    web.on_request = better
    notify(f"json://127.0.0.1:{web.port}/?wait=0")
    assert autostats("digest", "--notify", "--home", home).code == 0
    assert len(web.requests) == 3


def test_a_redirection_is_no_delivery(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    night(BEFORE)
    web.answer = 302
    notify(f"json://127.0.0.1:{web.port}/?retry=0")
    assert autostats("digest", "--notify", "--home", home).code == 6
    assert web.paths == ["/"]


def test_a_service_that_never_answers(
    autostats: Autostats,
    home: Path,
    night: Night,
    web: WebReceiver,
    notify: Notify,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night(BEFORE)
    web.pause = 3
    monkeypatch.setattr(deliver, "LIMIT_SECONDS", 0.5)
    notify(f"json://127.0.0.1:{web.port}/?retry=0")
    started = time.monotonic()
    ran = autostats("digest", "--notify", "--home", home)
    assert ran.code == 6
    assert "it did not answer within 0.5 s" in ran.err
    assert time.monotonic() - started < 3


def test_an_apprise_that_breaks(
    autostats: Autostats, home: Path, night: Night, notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise import Apprise

    def broken(self: Apprise, **message: object) -> None:
        raise RuntimeError("json://me:MARK@127.0.0.1:1/")

    night(BEFORE)
    notify("json://me:MARK@127.0.0.1:1/")
    monkeypatch.setattr(Apprise, "notify", broken)
    ran = autostats("digest", "--notify", "--home", home)
    assert ran.code == 6
    assert "json://127.0.0.1:1 (it failed)" in ran.err
    log = (home / "logs" / "autostats.log").read_text(encoding="utf-8")
    assert "RuntimeError: json://me:***@127.0.0.1:1/" in log
    assert "MARK" not in ran.err + log


def test_an_optional_service_that_failed_is_told_next_time(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    night(BEFORE)
    web.answer = 500
    notify(f"json://127.0.0.1:{web.port}/?retry=0&optional=yes")
    assert autostats("digest", "--notify", "--home", home).code == 6
    web.answer = 200
    assert autostats("digest", "--notify", "--home", home).code == 0
    assert len(web.requests) == 2


@pytest.mark.parametrize(
    "name", [*STRANGE_NAMES, "@here <!channel>", "a\r\nBcc: all@facility.example", "`x` [y](z)"]
)
def test_names_are_data(
    autostats: Autostats, home: Path, mail: Mailbox, web: WebReceiver, notify: Notify, name: str
) -> None:
    write_marts(home / "autostats.duckdb", [made(1, 1, "e", -5, name), made(2, 4, "c", -4, name)], MORNING)
    notify(mail_url(mail), f"json://127.0.0.1:{web.port}/?format=markdown")
    assert autostats("digest", "--notify", "--home", home).code == 0
    [one] = mail.mails
    assert one["Bcc"] is None
    assert one["Subject"].startswith("Statistics are late; ")
    assert one["Subject"].endswith(": 1 newly failing, 2 newly missing")
    page = Tags(part(one, "text/html"))
    assert page.tags <= PIECES | PAGE
    assert len(one["Subject"]) < 120
    markdown = json.loads(web.requests[0])["message"]
    assert "<" not in markdown
    assert "@h" not in markdown
    assert "\x1b" not in markdown + part(one, "text/html") + part(one, "text/plain")
    assert "](" not in markdown
    dry = autostats("digest", "--dry-run", "--since", "2020-02-11", "--home", home)
    assert dry.code == 0
    assert "\x1b" not in dry.out


def test_links_in_each_form(
    autostats: Autostats,
    home: Path,
    night: Night,
    mail: Mailbox,
    web: WebReceiver,
    notify: Notify,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night(BEFORE)
    monkeypatch.setenv("AUTOSTATS_RUN_URL", "https://a.example/{instrument}/{run}?rb={rb}&job={job}")
    monkeypatch.setenv("AUTOSTATS_INSTRUMENT_URL", "https://a.example/@{instrument}")
    monkeypatch.setenv("AUTOSTATS_PAGE_URL", "https://stats.example")
    chat = f"json://127.0.0.1:{web.port}/"
    notify(mail_url(mail), f"{chat}?format=markdown", f"{chat}?format=html")
    assert autostats("digest", "--notify", "--home", home).code == 0
    run, instrument = "https://a.example/WISH/100?rb=1820461&job=3", "https://a.example/%40WISH"
    [one] = mail.mails
    html, text = part(one, "text/html"), part(one, "text/plain")
    escaped = run.replace("&", "&amp;")
    title = "&#34;D2O &lt;b&gt;25 °C&lt;/b&gt; @here&#34;"
    assert (
        f'<a href="{escaped}" rel="noopener noreferrer" class="link">100</a>, RB 1820461, {title}, 1 attempt'
        in html
    )
    assert html.count(f'<a href="{instrument}"') == 2, "in the table, and above its news"
    title = '"D2O <b>25 °C</b> @\u200bhere"'
    assert f"    100, RB 1820461, {title}, 1 attempt, started by auto, Tue 2020-02-11 19:15" in text
    assert f"\n      {run}" in text
    assert "The whole report: https://stats.example" in text
    assert ">102-103</a>" not in html, "missing runs have no RB number"
    markdown, chatty = (json.loads(request)["message"] for request in web.requests)
    assert f'<a href="{escaped}" rel="noopener noreferrer" class="link">100</a>, RB 1820461' in chatty
    assert "@\u200bhere" in chatty, "a service may look for whom to notify in any text"
    assert f"- **1 newly failing**: [100]({run})" in markdown
    assert f"**[WISH]({instrument})**" in markdown
    assert "- **2 newly missing**: 102-103" in markdown


def test_a_mail_of_many_instruments_stays_small(
    autostats: Autostats, home: Path, night: Night, mail: Mailbox, notify: Notify
) -> None:
    night([made(place, 2 * place, "e", -20 + place / 100, f"I{place:03}") for place in range(1, 200)])
    notify(mail_url(mail))
    assert autostats("digest", "--notify", "--home", home).code == 0
    [one] = mail.mails
    html = part(one, "text/html")
    assert len(html) < 32768, "programs cut longer ones"
    assert "159 more instruments, with fewer failures." in html
    assert "174 more instruments: " in html


@pytest.mark.slow
def test_the_report_comes_with_mails_and_nothing_else(
    autostats: Autostats, home: Path, night: Night, mail: Mailbox, web: WebReceiver, notify: Notify
) -> None:
    night(BEFORE)
    (home / "autostats.toml").write_text("[notify]\nattach_report = true\n", encoding="utf-8")
    notify(mail_url(mail), f"json://127.0.0.1:{web.port}/")
    ran = autostats("digest", "--notify", "--home", home)
    assert ran.code == 0, ran.err
    [one] = mail.mails
    [report] = list(one.iter_attachments())
    assert (report.get_filename(), report.get_content_type()) == ("report.html", "text/html")
    assert "<h1>All instruments</h1>" in report.get_content()
    assert json.loads(web.requests[0])["attachments"] == []
