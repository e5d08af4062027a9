"""The error for when the extra `serve` is not installed."""

from importlib.util import find_spec

from autostats.errors import UsageError


def check_extra() -> None:
    """Raise UsageError, which says what to install, when the extra is not installed."""
    if all(map(find_spec, ("fastapi", "uvicorn", "orjson"))):
        return
    from autostats.installation import install_line

    raise UsageError(
        "The server needs packages that are not installed.", f"Install them: {install_line('serve')}"
    )
