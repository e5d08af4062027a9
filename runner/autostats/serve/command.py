"""Commands of autostats in processes of their own, which cost the server neither memory nor patience."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from autostats.dbt_setup.setup import Setup
from autostats.errors import AutostatsError
from autostats.log import redact

COMMAND_SECONDS = 300.0
_MOST_ERROR = 2000
# The token is for the server alone, and the others change what a command prints.
_NOT_LENT = ("AUTOSTATS_TOKEN", "AUTOSTATS_PLAIN", "AUTOSTATS_PAGER")


class CommandFailed(AutostatsError):
    """A command ended with an error, whose sentence this has."""


def options_of(setup: Setup) -> list[str]:
    """Return the options that let a command work with the same statistics."""
    target = [f"--target={setup.target_option}"] if setup.target_option else []
    return ["--quiet", f"--home={setup.home.root}", *target]


async def run_autostats(arguments: Sequence[str], root: Path, limit: float = COMMAND_SECONDS) -> None:
    """Run `autostats` with arguments to its end.

    The process ends at the latest with the task that runs it, or after `limit` seconds. Raises CommandFailed,
    whose sentence does not name `root`.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "autostats", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if name not in _NOT_LENT},
        cwd=root,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limit):
            _, said = await process.communicate()
    except TimeoutError:
        raise CommandFailed(
            f"The report took longer than {limit:g} s.", "Ask for fewer days or instruments."
        ) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode:
        raise _failure(said.decode("utf-8", "replace")[-_MOST_ERROR:], root)


def _failure(said: str, root: Path) -> CommandFailed:
    lines = redact(said).replace(str(root), "AUTOSTATS_HOME").splitlines()
    begins = next((place for place, line in enumerate(lines) if line.startswith("error: ")), None)
    if begins is None:
        return CommandFailed("The command was ended before it was done.", "Ask again.")
    remedy = lines[begins + 1].strip() if len(lines) > begins + 1 else ""
    return CommandFailed(lines[begins].removeprefix("error: "), remedy)
