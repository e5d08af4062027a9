"""A command in a real terminal: it owns the keyboard and a screen of a given size."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SECONDS = 30


@dataclass(frozen=True)
class Shown:
    """The exit code, and all that was written to the screen."""

    code: int
    text: str


def in_a_terminal(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    rows: int = 24,
    columns: int = 80,
    keys: Mapping[str, str] | None = None,
    has_keyboard: bool = True,
) -> Shown:
    """Run `command` in a new terminal; once a key of `keys` is shown, type the text that it maps to."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    # A screen that shows its input unchanged: no carriage returns added.
    modes = termios.tcgetattr(follower)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(follower, termios.TCSANOW, modes)

    def own_the_terminal() -> None:
        os.login_tty(follower)
        if not has_keyboard:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    waiting = dict(keys or {})
    shown = b""
    with subprocess.Popen(
        command, env=dict(environment), preexec_fn=own_the_terminal, pass_fds=[follower]
    ) as process:
        os.close(follower)
        while select.select([leader], [], [], _SECONDS)[0]:
            try:
                chunk = os.read(leader, 65536)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
            for text in [text for text in waiting if text.encode() in shown]:
                os.write(leader, waiting.pop(text).encode())
        else:
            process.kill()
            raise AssertionError(f"nothing for {_SECONDS} s after {shown[-500:]!r}")
    os.close(leader)
    return Shown(process.returncode, shown.decode())
