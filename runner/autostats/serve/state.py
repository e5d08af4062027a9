"""What the requests of one server share."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from fastapi import Request

from autostats.brand import NO_BRAND, Brand
from autostats.dbt_setup.setup import Setup
from autostats.links import NO_LINKS, Links
from autostats.published.query import Selection
from autostats.serve.builds import Builds
from autostats.serve.cache import Cache
from autostats.serve.pages import Pages
from autostats.serve.report_queue import ReportQueue
from autostats.serve.work import Work

_ANSWERS_BYTES = 32 * 2**20
_SELECTIONS_BYTES = 16 * 2**20
_BYTES_PER_SELECTION, _BYTES_PER_MARK = 500, 8


def _answers() -> "Cache[bytes]":
    return Cache(_ANSWERS_BYTES, len)


def _selections() -> "Cache[Selection]":
    return Cache(_SELECTIONS_BYTES, lambda kept: _BYTES_PER_SELECTION + _BYTES_PER_MARK * len(kept.marks))


@dataclass
class State:
    """The builds, the threads that read them, and what was answered last."""

    setup: Setup
    builds: Builds
    clock: Callable[[], datetime]
    has_token: bool = False
    origins: Sequence[str] = ()
    links: Links = NO_LINKS
    brand: Brand = NO_BRAND
    reports: ReportQueue | None = None
    work: Work = field(default_factory=Work)
    pages: Pages = field(default_factory=Pages)
    answers: "Cache[bytes]" = field(default_factory=_answers)
    selections: "Cache[Selection]" = field(default_factory=_selections)
    making_metrics: asyncio.Lock = field(default_factory=asyncio.Lock)
    metrics_failed_until: float = 0.0


def state_of(request: Request) -> State:
    """Return what the server of a request shares."""
    return cast("State", request.app.state.autostats)
