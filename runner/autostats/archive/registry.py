"""What is registered of the archive: definitions that were read from files, in the observations."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from autostats.archive.definitions import Definitions, Entry, as_json, from_json
from autostats.dbt_setup.setup import Setup
from autostats.observations.store import looked_into, opened
from autostats.observations.tables import collections, registrations
from autostats.warehouse import utc_now

_COLLECTOR = "registration"
_KEEP = timedelta(days=36_525)


@dataclass(frozen=True)
class Change:
    """What an entry of a file is to what is registered: the values that differ, by key, old and new."""

    kind: str
    entry: Entry
    is_new: bool
    values: dict[str, tuple[Any, Any]]

    @property
    def state(self) -> str:
        """New, changed or unchanged."""
        return "new" if self.is_new else "changed" if self.values else "unchanged"


def registered(setup: Setup) -> Definitions:
    """Return what is registered: nothing without observations. Raises what `looked_into` raises."""
    if setup.server is None and not setup.home.observations.exists():
        return Definitions()
    asked = (
        select(registrations.c.kind, registrations.c.name, registrations.c.definition)
        .join(collections, collections.c.collection_id == registrations.c.collection_id)
        .where(collections.c.state == "complete")
        .order_by(registrations.c.collection_id)
    )
    with looked_into(setup) as (connection, tables):
        rows = connection.execute(asked).all() if registrations in tables else []
    return Definitions({(kind, name): from_json(kind, name, json.loads(said)) for kind, name, said in rows})


def changes(known: Definitions, given: Definitions) -> list[Change]:
    """Return what each entry of a file is to what is known."""
    found = []
    for kind, entry in given:
        before = known.entries.get((kind, entry.name))
        old, new = as_json(before) if before else {}, as_json(entry)
        values = {key: (old.get(key), new[key]) for key in new if old.get(key) != new[key]}
        found.append(Change(kind, entry, before is None, values))
    return found


def register(setup: Setup, found: Iterable[Change]) -> None:
    """Write down what is new or changed. Raises what `opened` and `Store.collecting` raise."""
    rows: Sequence[dict[str, str]] = [
        {"kind": each.kind, "name": each.entry.name, "definition": json.dumps(as_json(each.entry))}
        for each in found
        if each.state != "unchanged"
    ]
    if not rows:
        return
    with opened(setup) as store, store.collecting(_COLLECTOR, utc_now, [registrations], _KEEP) as collection:
        collection.append(registrations, rows)
