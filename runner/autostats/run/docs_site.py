"""The docs site: dbt's own page with the project's description embedded, as one self-contained file."""

import json
import os
from collections.abc import Mapping
from email.utils import parseaddr
from html import escape
from importlib.resources import files
from typing import Any

from autostats.configuration.brand import facility_name, owner
from autostats.configuration.resolve import as_layer
from autostats.dbt_setup.locate import PROFILE
from autostats.dbt_setup.setup import Setup
from autostats.errors import ModelError
from autostats.run.failures import raise_failure
from autostats.run.locked import locked_run
from autostats.text import for_markdown
from autostats.time_limits import never_stuck, progress_limit
from autostats.warehouse import Note, connect

# Each of these names a folder of the machine that built the page.
_PATHS = {"root_path", "build_path", "compiled_path"}
# The browser itself keeps the page off the network, whatever it contains.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:; font-src data:\">"
)
_CHARSET = '<meta charset="utf-8">'
_TITLE = "<title>dbt Docs</title>"
_OVERVIEW = f"doc.{PROFILE}.__overview__"
_EDITS = {
    # Addresses that lead nowhere: of an icon, and of templates before they are filled in.
    '<link rel="shortcut icon" href="${require(\'./assets/favicons/favicon.ico\')}"/>': "",
    '<use xlink:href="{{ getIcon(': '<use ng-attr-href="{{ getIcon(',
}


def described(manifest: Mapping[str, Any], package: str = PROFILE) -> dict[str, Any]:
    """Return the parts of dbt's manifest that the page shows, without folders and environment.

    Unit tests are left out, because the page would draw them between the tables; so are macros of other
    packages.
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


def of_facility(
    manifest: Mapping[str, Any], facility_name: str | None, owner: str | None, package: str = PROFILE
) -> dict[str, Any]:
    """Return the manifest with the facility's name above the overview, and with the owner of our tables.

    An owner is `Team <address>`, or only a name. Those of plug-ins keep theirs.
    """
    kept = dict(manifest)
    overview = kept.get("docs", {}).get(_OVERVIEW)
    if facility_name and overview:
        text = f"**{for_markdown(facility_name)}**\n\n{overview['block_contents']}"
        kept["docs"] = kept["docs"] | {_OVERVIEW: overview | {"block_contents": text}}
    if owner:
        name, address = parseaddr(owner) if "<" in owner else (owner, "")
        told = {"name": name or owner, **({"email": address} if address else {})}
        for kind in ("groups", "exposures"):
            kept[kind] = {
                key: each | {"owner": told} if each["package_name"] == package else each
                for key, each in kept.get(kind, {}).items()
            }
    return kept


def page(
    index: str,
    manifest: Mapping[str, Any],
    catalog: Mapping[str, Any],
    facility_name: str | None = None,
    owner: str | None = None,
) -> str:
    """Return dbt's page `index` with both documents embedded, as `dbt docs generate --static` does.

    It also has dark colours, fits a phone, and names the facility and the owner of its tables. Raises
    ModelError when the page is not in the form that dbt 1.7 and 1.11 write.
    """
    inside = {
        _CHARSET: f"{_CHARSET}{_POLICY}<style>{_style()}</style>",
        '"MANIFEST.JSON INLINE DATA"': _in_script(described(of_facility(manifest, facility_name, owner))),
        '"CATALOG.JSON INLINE DATA"': _in_script({**catalog, "metadata": {**catalog["metadata"], "env": {}}}),
    }
    if any(place not in index for place in inside):
        raise ModelError(
            "This version of dbt makes a page that autostats does not know.",
            "Install the version of dbt-core that autostats requires.",
        )
    for before, after in (_EDITS | inside).items():
        index = index.replace(before, after)
    title = f"{facility_name}: {PROFILE}" if facility_name else PROFILE
    return index.replace(_TITLE, f"<title>{escape(title)}</title>")


def _style() -> str:
    return files("autostats").joinpath("run/docs_site.css").read_text(encoding="utf-8").strip()


def _in_script(value: Any) -> str:
    """Return JSON in which no string can end the enclosing script."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def build_site(setup: Setup, note: Note, wait: float, *, debug: bool = False) -> str:
    """Let dbt describe the project, its plug-ins and the tables of the target, and return the page.

    `wait` is how many seconds to wait for a run or a reader. Raises UsageError without statistics,
    LockedError during a run, UnreachableError without the source, ModelError when dbt fails.
    """
    with never_stuck(progress_limit()), connect(setup, note, wait) as warehouse:
        built = warehouse.rows("select * from dim_settings")[0]
    settings = setup.configuration.of_statistics(as_layer(built, "dim_settings"))
    with locked_run(setup, wait, debug=debug) as run:
        # What is read below is in our folder, whichever dbt would choose.
        environment = {name: value for name, value in os.environ.items() if name != "DBT_TARGET_PATH"}
        variables = settings.variables(setup.target.adapter)
        taken = run.take_in_plugins(variables)
        outcome = run.dbt("docs generate", variables, environment, manifest=taken.manifest)
        if not outcome.succeeded:
            raise_failure(outcome, setup, comfort="")
        folder = setup.home.target
        made = page(
            (folder / "index.html").read_text(encoding="utf-8"),
            json.loads((folder / "manifest.json").read_text(encoding="utf-8")),
            json.loads((folder / "catalog.json").read_text(encoding="utf-8")),
            facility_name(setup.configuration),
            owner(setup.configuration),
        )
        run.logger.info("docs built in %.1f s", run.seconds)
    return made
