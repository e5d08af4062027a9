"""The server's application in this process, at a fixed moment, and how to ask it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from autostats.dbt_setup.setup import Setup
from autostats.home import Home
from autostats.serve.app import application
from autostats.serve.report_store import opened
from autostats.serve.settings import ServeSettings
from autostats.serve.state import State

_KEEP = timedelta(hours=1)


@dataclass(frozen=True)
class Asked:
    """An application that answers while a request is made, and does nothing between."""

    client: httpx.AsyncClient
    runner: asyncio.Runner
    state: State

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.runner.run(self.client.get(path, headers=_names(headers)))

    def head(self, path: str, **headers: str) -> httpx.Response:
        return self.runner.run(self.client.head(path, headers=_names(headers)))


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def asked(root: Path, now: datetime) -> Iterator[Asked]:
    """Start the application of a home; it ends with the block."""
    settings = ServeSettings(token=None, origins=[], keep_reports=_KEEP)
    with opened(Home(root), now, _KEEP) as store, asyncio.Runner() as runner:
        app = application(Setup.resolve(root), store, settings, clock=lambda: now)
        life = app.router.lifespan_context(app)
        runner.run(life.__aenter__())
        transport = httpx.ASGITransport(app=app)
        client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
        try:
            yield Asked(client, runner, app.state.autostats)
        finally:
            runner.run(client.aclose())
            runner.run(life.__aexit__(None, None, None))
