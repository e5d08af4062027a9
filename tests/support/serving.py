"""`autostats serve` as a process of its own, and how to ask it."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from support.installed import COMMAND, bare_environment

_STARTED = re.compile(r" at (http://\S+) until")


@dataclass(frozen=True)
class Server:
    """A server that answers at `url`, and its process."""

    url: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def opened(self) -> list[str]:
        """Return what the server has open now: files by their paths, sockets as `socket:[inode]`."""
        opened = []
        for path in Path(f"/proc/{self.process.pid}/fd").iterdir():
            # What is closed meanwhile is not open.
            with suppress(FileNotFoundError):
                opened.append(str(path.readlink()))
        return opened

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def serving(
    home: Path, *options: str, env: Mapping[str, str] | None = None, command: Path = COMMAND
) -> Iterator[Server]:
    """Run the server until the end of the block, on any port that is free."""
    process = subprocess.Popen(
        [str(command), "serve", "--home", str(home), "--port", "0", *options],
        env=bare_environment(home / "nobody", env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        started = _STARTED.search(line)
        assert started is not None, line + process.stderr.read()
        yield Server(started[1], process)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)
        assert process.stderr is not None
        process.stderr.close()


def pages(client: httpx.Client, path: str) -> Iterator[httpx.Response]:
    """Yield the answers at a path and at each `next` that follows."""
    following: str | None = path
    while following is not None:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        yield answer
        following = answer.links.get("next", {}).get("url")
