"""The rows of `dim_catalogue` and `dim_statistics` without dbt: their macros, applied to the models' YAML."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def _docs(models: Path) -> dict[str, str]:
    """Return the doc blocks by name."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in models.rglob("*.md"))
    return dict(re.findall(r"{% docs (\w+) %}\n(.*?)\n{% enddocs %}", text, re.DOTALL))


def _nodes(models: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the parts of each model that the macro uses, in the form of dbt's `graph`."""
    from autostats.yaml_file import parsed

    docs = _docs(models)
    for path in models.rglob("*.yml"):
        for model in parsed(path.read_text(encoding="utf-8")).get("models", ()):
            columns = {
                column["name"]: {
                    "meta": {},
                    "constraints": [],
                    **column,
                    "description": re.sub(
                        r"{{ doc\('(\w+)'\) }}", lambda found: docs[str(found[1])], column["description"]
                    ),
                }
                for column in model["columns"]
            }
            yield (
                model["name"],
                {
                    "resource_type": "model",
                    "package_name": "autostats",
                    "name": model["name"],
                    "alias": model["name"],
                    "access": model.get("access", "protected"),
                    "meta": model.get("meta", {}),
                    "columns": columns,
                },
            )


def declared_columns(project: Path) -> list[dict[str, Any]]:
    """Return the result of the macro `public_columns` for the dbt project in the folder `project`."""
    return _returned("public_columns", project)


def declared_statistics(project: Path) -> list[dict[str, Any]]:
    """Return the result of the macro `declared_statistics` for the dbt project in the folder `project`."""
    return _returned("declared_statistics", project)


def _returned(name: str, project: Path) -> list[dict[str, Any]]:
    from jinja2 import Environment

    found: list[dict[str, Any]] = []
    environment = Environment(extensions=["jinja2.ext.do"])
    environment.globals |= {"graph": {"nodes": dict(_nodes(project / "models"))}, "return": found.extend}
    macro = (project / "macros" / "catalogue.sql").read_text(encoding="utf-8")
    getattr(environment.from_string(macro).module, name)()
    return found
