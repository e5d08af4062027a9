"""Writing files whole or not at all."""

import glob
import os
import time
from contextlib import suppress
from pathlib import Path

from autostats.errors import UsageError

# A draft exists for a moment; one this old (in seconds) was left by a process that was killed.
_LEFT_AFTER = 3600


def write_file(path: Path, content: bytes) -> None:
    """Write `path` as `replace_file` does. Raises UsageError when it cannot be written."""
    try:
        replace_file(path, content)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another `--output`."
        ) from error


def replace_file(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write `path` whole or not at all: a reader sees the old or the new file, even after a crash.

    Its permissions are `mode`, by default the ones that it has, or those of a new file. Raises OSError when
    it cannot be written.
    """
    if path.exists() and not path.is_file():
        # A pipe or a device (`--output /dev/stdout`) cannot be replaced, only written to.
        path.write_bytes(content)
        return
    import tempfile

    real = path.resolve()
    prefix, suffix = f".{real.name[:100]}.", ".part"
    _remove_left_drafts(real.parent, prefix, suffix)
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=prefix, suffix=suffix)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(_mode_of(real) if mode is None else mode)
        draft.replace(real)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _remove_left_drafts(folder: Path, prefix: str, suffix: str) -> None:
    for draft in folder.glob(f"{glob.escape(prefix)}*{suffix}"):
        with suppress(OSError):
            if draft.stat().st_mtime < time.time() - _LEFT_AFTER:
                draft.unlink()


def _mode_of(path: Path) -> int:
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
