"""What needs attention is at the top of a digest; only what is new makes one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from autostats.digest.bodies import as_html, as_markdown, as_text
from autostats.digest.memory import Stream, read_memory, write_memory
from autostats.digest.message import SIZES, compose
from autostats.digest.news import CurrentState, KnownState, all_known, changes, under_new_names
from autostats.queries.settings import Settings
from support.mornings import MORNING

SETTINGS = Settings(1, "0", "Europe/London", MORNING, MORNING)
DAY = date(2020, 2, 12)
NOTHING_KNOWN = KnownState(MORNING, MORNING, DAY, None, frozenset(), frozenset(), frozenset())


def need(instrument: str | None, subject: str, what: str, severity: str = "medium") -> dict[str, Any]:
    return {
        "instrument": instrument,
        "subject": subject,
        "severity": severity,
        "what": what,
        "evidence": "because <it> is",
        "since": MORNING,
    }


def state(*attention: dict[str, Any]) -> CurrentState:
    return CurrentState(
        SETTINGS, is_late=False, failing=[], resolved=[], missing={}, ignored=(), arrived={},
        attention=attention,
    )  # fmt: skip


DOWN = need("WISH", "outage", "down", "high")
SILENT = need("GEM", "silent", "no job on 3 days with beam")
STALE = need(None, "stale_table", "table lims.samples is stale")


def test_each_is_news_once() -> None:
    known = all_known(state(DOWN), NOTHING_KNOWN)
    assert not changes(state(DOWN), known)
    # More of the same is nothing new.
    assert not changes(state({**DOWN, "what": "down for 2 days"}), known)
    assert changes(state(DOWN, STALE), known)
    # It was over, and has come back.
    assert changes(state(DOWN), all_known(state(), known))


def test_what_is_new_stands_apart_from_what_was_told() -> None:
    news = changes(state(DOWN, SILENT, STALE), all_known(state(SILENT), NOTHING_KNOWN))
    message = compose(news, SETTINGS)
    assert [(group.title, len(group.notices)) for group in message.attention] == [
        ("Needs attention", 2),
        ("Still needs attention", 1),
    ]
    assert message.subject == "WISH: down and 1 more"
    text = as_text(message)
    assert text.startswith(
        "Needs attention\n  high: WISH: down (because <it> is)\n  table lims.samples is stale"
    )
    assert "Still needs attention\n  GEM: no job on 3 days with beam" in text
    assert "&lt;it&gt;" in as_html(message)
    assert "- high: WISH: down" in as_markdown(message)


def test_a_short_message_says_how_many_more() -> None:
    message = compose(changes(state(DOWN, SILENT, STALE), NOTHING_KNOWN), SETTINGS, SIZES[3])
    for body in (as_text(message), as_markdown(message), as_html(message)):
        assert "and 1 more" in body


def test_memory_and_names(tmp_path: Path) -> None:
    known = all_known(state(DOWN, STALE), NOTHING_KNOWN)
    stream = Stream("somebody", None, "")
    write_memory(tmp_path / "digest.json", {stream: known})
    assert read_memory(tmp_path / "digest.json") == {stream: known}
    renamed = under_new_names(known, {"WISH": "WISH-2"})
    assert not changes(state({**DOWN, "instrument": "WISH-2"}, STALE), renamed)
