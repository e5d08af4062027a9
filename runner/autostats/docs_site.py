"""The docs site: dbt's own page with the project's description inside, as one file that asks for nothing."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autostats import lock, log
from autostats.daily import check_source, raise_failure, writing_to
from autostats.dbt_command import DbtCommand, invoke_dbt
from autostats.errors import ModelError
from autostats.home import Home
from autostats.preflight import check_adapter, check_home
from autostats.project import PROFILE, find_profiles_dir, find_project_dir, find_target, with_own_seeds
from autostats.server_target import find_server_target
from autostats.warehouse import Note, connect
from autostats.watchdog import never_stuck, progress_limit

# Each of them names a folder of the machine that built the page.
_PATHS = {"root_path", "build_path", "compiled_path"}
# The browser itself keeps the page from the network, whatever is in it.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:; font-src data:\">"
)
_CHARSET = '<meta charset="utf-8">'
_EDITS = {
    "<title>dbt Docs</title>": f"<title>{PROFILE}</title>",
    # Addresses that lead nowhere: of an icon, and of templates before they are filled in.
    '<link rel="shortcut icon" href="${require(\'./assets/favicons/favicon.ico\')}"/>': "",
    '<use xlink:href="{{ getIcon(': '<use ng-attr-href="{{ getIcon(',
}


@dataclass(frozen=True)
class SiteOptions:
    """What the site is built from; `wait` is for how many seconds to wait for a run or a reader."""

    target: str | None = None
    project_dir: Path | None = None
    profiles_dir: Path | None = None
    wait: float = 0.0
    debug: bool = False


def described(manifest: Mapping[str, Any], package: str = PROFILE) -> dict[str, Any]:
    """Return what the page shows of dbt's manifest, without folders and environment.

    Unit tests are left out, for the page would draw them between the tables, and so are others' macros.
    """
    kept = {name: _without_paths(part) for name, part in manifest.items()}
    kept["metadata"] |= {"env": {}, "user_id": None, "send_anonymous_usage_stats": False}
    kept["macros"] = {
        name: macro for name, macro in kept["macros"].items() if macro["package_name"] == package
    }
    kept["unit_tests"] = {}
    for relatives in ("parent_map", "child_map"):
        kept[relatives] = {
            name: [other for other in others if not other.startswith("unit_test.")]
            for name, others in kept[relatives].items()
            if not name.startswith("unit_test.")
        }
    return kept


def _without_paths(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_paths(inner) for key, inner in value.items() if key not in _PATHS}
    if isinstance(value, list):
        return [_without_paths(inner) for inner in value]
    return value


def page(index: str, manifest: Mapping[str, Any], catalog: Mapping[str, Any]) -> str:
    """Return dbt's page `index` with both documents in it, as `dbt docs generate --static` does.

    Raises ModelError when the page is not as dbt 1.7 and 1.11 write it.
    """
    inside = {
        _CHARSET: _CHARSET + _POLICY,
        '"MANIFEST.JSON INLINE DATA"': _in_script(described(manifest)),
        '"CATALOG.JSON INLINE DATA"': _in_script({**catalog, "metadata": {**catalog["metadata"], "env": {}}}),
    }
    if any(place not in index for place in inside):
        raise ModelError(
            "The page of this dbt is not the one that autostats knows.",
            "Install the dbt-core that autostats asks for.",
        )
    for before, after in (_EDITS | inside).items():
        index = index.replace(before, after)
    return index


def _in_script(value: Any) -> str:
    """Return JSON that no text in it can end the script of."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def build_site(home: Home, options: SiteOptions, note: Note) -> str:
    """Let dbt describe the project and the tables of the target, and return the page.

    Raises UsageError without statistics, LockedError while a run goes on, UnreachableError without the
    source, ModelError when dbt fails.
    """
    limit = progress_limit()
    named = (options.target, options.project_dir, options.profiles_dir)
    with never_stuck(limit):
        connect(home, options.target, note, options.wait, *named[1:]).__exit__(None, None, None)
        check_home(home)
        project_dir = find_project_dir(options.project_dir)
        with writing_to(home):
            profiles_dir = find_profiles_dir(home, project_dir, options.profiles_dir)
        target = find_target(profiles_dir, options.target)
        check_adapter(target.adapter)
        server = find_server_target(home, *named)
        check_source(server)
    with lock.hold(home, options.wait), never_stuck(limit, lambda: lock.forget_holder(home)) as progress:
        with writing_to(home):
            built = with_own_seeds(home, project_dir) if options.project_dir is None else project_dir
            logger = log.start(home, debug=options.debug)
        started = time.monotonic()
        os.environ["AUTOSTATS_HOME"] = str(home.root)
        call = DbtCommand(
            command="docs generate",
            project_dir=built,
            profiles_dir=profiles_dir,
            target_path=home.target,
            log_path=home.logs,
            target=target.name,
        )
        # What is read below is in our folder, whatever dbt would choose.
        environment = {name: value for name, value in os.environ.items() if name != "DBT_TARGET_PATH"}
        outcome = invoke_dbt(call, environment, logger, on_event=progress)
        if not outcome.succeeded:
            raise_failure(outcome, home.logs / log.FILE_NAME, server, comfort="")
        made = page(
            (home.target / "index.html").read_text(encoding="utf-8"),
            json.loads((home.target / "manifest.json").read_text(encoding="utf-8")),
            json.loads((home.target / "catalog.json").read_text(encoding="utf-8")),
        )
        logger.info("docs built in %.1f s", time.monotonic() - started)
    return made
