"""What the page of `autostats docs` has of the facility, and which pages of dbt it knows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from autostats.errors import ModelError
from autostats.run.docs_site import of_facility, page

CATALOG: dict[str, Any] = {"metadata": {"env": {}}, "nodes": {}}
INDEX = (
    '<html><head><meta charset="utf-8"><title>dbt Docs</title><script>"</head>"</script></head>'
    '<body><script>["MANIFEST.JSON INLINE DATA", "CATALOG.JSON INLINE DATA"]</script></body></html>'
)
OWNER = {"name": "Software team", "email": "software-team@facility.example"}


def manifest() -> dict[str, Any]:
    owned = {"ours": {"package_name": "autostats", "owner": OWNER}, "theirs": {"package_name": "plug"}}
    return {
        "metadata": {},
        "macros": {},
        "docs": {"doc.autostats.__overview__": {"block_contents": "# Overview"}},
        "groups": owned,
        "exposures": owned,
        "parent_map": {},
        "child_map": {},
    }


def test_the_facility_stands_above_the_overview() -> None:
    found = of_facility(manifest(), "A <Source>", None)
    assert found["docs"]["doc.autostats.__overview__"]["block_contents"] == (
        "**A &lt;Source&gt;**\n\n# Overview"
    )
    assert found["groups"] == manifest()["groups"]
    assert of_facility(manifest(), None, None) == manifest()
    assert of_facility({"docs": {}}, "A Source", None) == {"docs": {}}


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        ("Reduction team <reduction@a.example>", {"name": "Reduction team", "email": "reduction@a.example"}),
        ("Reduction team", {"name": "Reduction team"}),
        ("Group (data), building 5", {"name": "Group (data), building 5"}),
    ],
)
def test_our_tables_and_commands_have_the_owner(owner: str, told: dict[str, str]) -> None:
    found = of_facility(manifest(), None, owner)
    for kind in ("groups", "exposures"):
        assert found[kind]["ours"]["owner"] == told
        assert found[kind]["theirs"] == {"package_name": "plug"}


def test_the_page_is_in_the_name_of_the_facility() -> None:
    made = page(INDEX, manifest(), CATALOG, "R&D <Source>")
    assert re.findall("<title>(.*?)</title>", made) == ["R&amp;D &lt;Source&gt;: autostats"]
    assert made.count("<style>") == 1
    assert "<title>autostats</title>" in page(INDEX, manifest(), CATALOG)


def test_a_page_of_another_form_is_refused() -> None:
    with pytest.raises(ModelError, match="does not know"):
        page(INDEX.replace("MANIFEST", "OTHER"), manifest(), CATALOG)
