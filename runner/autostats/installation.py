"""How this autostats was installed, and so which commands add an extra or upgrade it."""

import json
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

# Not `autostats`: that is another package on PyPI.
DISTRIBUTION = "autoreduction-stats"
# The extra that cannot share an environment with the others: dbt-mysql needs an older dbt-core.
_APART = "mysql"


@dataclass(frozen=True)
class _Origin:
    """What was installed: a path or a URL, or neither if it came from a package index."""

    path: Path | None = None
    url: str = ""
    is_editable: bool = False

    def words(self, extras: Iterable[str] = ()) -> str:
        """Return the arguments that install it with `extras`."""
        names = ",".join(sorted(extras))
        chosen = f"[{names}]" if names else ""
        if self.path is not None:
            quoted = shlex.quote(f"{self.path}{chosen}")
            return f"-e {quoted}" if self.is_editable else quoted
        return shlex.quote(f"{DISTRIBUTION}{chosen}{f' @ {self.url}' if self.url else ''}")


@dataclass(frozen=True)
class _Installer:
    """The tool that made this environment: its commands, and whether it rebuilds it each time."""

    install: str
    upgrade: str
    starts_from_scratch: bool = False


def install_line(extra: str = "") -> str:
    """Return the command that reinstalls this autostats with its present extras and `extra`."""
    origin, installer = _origin(), _installer()
    if extra == _APART:
        folder = f"autostats-{extra}"
        made = f"{shlex.quote(sys.executable)} -m venv {folder}"
        return f"{made} && {folder}/bin/python -m pip install {origin.words([extra])}"
    extras = {extra} if extra else set()
    if installer.starts_from_scratch:
        extras |= _present_extras()
    return f"{installer.install} {origin.words(extras)}"


def upgrade_advice() -> str:
    """Return the sentence that says how to install a newer version."""
    origin = _origin()
    if origin.path is None:
        installer = _installer()
        what = DISTRIBUTION if installer.starts_from_scratch else origin.words()
        return f"Upgrade this one: `{installer.upgrade} {what}`."
    if origin.path.suffix == ".whl":
        return f"Install a newer wheel than {origin.path}, as in `{install_line()}`."
    return f"Bring {origin.path} up to date, then: `{install_line()}`."


def adapter_line(adapter: str) -> str:
    """Return the command that installs dbt's `adapter`, as one of our extras if there is one."""
    if adapter in _extras():
        return install_line(adapter)
    return f"{shlex.quote(sys.executable)} -m pip install dbt-{adapter}"


def _origin() -> _Origin:
    """Return the origin in PEP 610's `direct_url.json`; the checkout if autostats is not installed."""
    try:
        told = metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        checkout = Path(__file__).parents[2]
        return _Origin(checkout, is_editable=True) if (checkout / "pyproject.toml").is_file() else _Origin()
    if told is None:
        return _Origin()
    direct: dict[str, Any] = json.loads(told)
    url = urlsplit(direct["url"])
    if url.scheme == "file" and "vcs_info" not in direct:
        is_editable = bool(direct.get("dir_info", {}).get("editable"))
        return _Origin(Path(url2pathname(url.path)), is_editable=is_editable)
    vcs = direct.get("vcs_info")
    if vcs is None:
        return _Origin(url=direct["url"])
    revision = vcs.get("requested_revision")
    return _Origin(url=f"{vcs['vcs']}+{direct['url']}{f'@{revision}' if revision else ''}")


def _installer() -> _Installer:
    prefix, python = Path(sys.prefix), shlex.quote(sys.executable)
    if (prefix / "uv-receipt.toml").is_file():
        return _Installer("uv tool install --force", "uv tool upgrade", starts_from_scratch=True)
    if (prefix / "pipx_metadata.json").is_file():
        return _Installer("pipx install --force", "pipx upgrade", starts_from_scratch=True)
    # Only uv creates environments without pip.
    command = f"uv pip install --python {python}" if find_spec("pip") is None else f"{python} -m pip install"
    return _Installer(command, f"{command} --upgrade")


def _extras() -> list[str]:
    try:
        return metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or []
    except metadata.PackageNotFoundError:
        return []


def _present_extras() -> set[str]:
    """Return the extras whose packages are all installed."""
    from packaging.requirements import Requirement

    lines = map(Requirement, metadata.requires(DISTRIBUTION) or [])
    own = [line for line in lines if line.marker is not None and not line.marker.evaluate({"extra": ""})]
    return {
        extra
        for extra in _extras()
        if all(
            is_installed(line.name) for line in own if line.marker and line.marker.evaluate({"extra": extra})
        )
    }


def is_installed(name: str) -> bool:
    """Return whether a package is installed."""
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
