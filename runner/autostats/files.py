"""Files that are there whole or not at all."""

import os
from pathlib import Path

from autostats.errors import UsageError


def write_file(path: Path, content: bytes) -> None:
    """Write `path` whole or not at all: a reader sees the old or the new.

    Raises UsageError when it cannot be written.
    """
    try:
        _replace(path, content)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another `--output`."
        ) from error


def _replace(path: Path, content: bytes) -> None:
    if path.exists() and not path.is_file():
        # A pipe or a device (`--output /dev/stdout`) cannot be replaced, only written to.
        path.write_bytes(content)
        return
    import tempfile

    real = path.resolve()
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name[:100]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(content)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(real.stat().st_mode & 0o777 if real.exists() else 0o666 & ~umask)
        Path(name).replace(real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
