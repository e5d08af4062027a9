"""Append looks of the freshness collector, from JSON on standard input, to the observations of a target."""

import json
import sys
from datetime import datetime, timedelta

from autostats.dbt_setup.setup import Setup
from autostats.observations.store import opened
from autostats.observations.tables import collections, table_checks
from sqlalchemy import Engine, delete, insert, select


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _declare(engine: Engine, number: int, state: str) -> None:
    """Change what became of a look; the documented account may insert and delete, but not update."""
    is_this = collections.c.collection_id == number
    with engine.begin() as connection:
        row = connection.execute(select(collections).where(is_this)).mappings().one()
        connection.execute(delete(collections).where(is_this))
        connection.execute(insert(collections).values({**row, "state": state}))


def main() -> None:
    """Write them."""
    given = json.load(sys.stdin)
    times = ("_last_update", "_query_timestamp")
    with opened(Setup.resolve(None, sys.argv[1])) as store:
        for look in given["looks"]:
            rows = [row | {name: _moment(row[name]) for name in times} for row in look["rows"]]
            with store.collecting(
                "freshness", lambda: datetime(2020, 1, 1), [table_checks], timedelta(days=90)
            ) as collection:
                collection.append(table_checks, rows)
            _declare(store.engine, collection.collection_id, look["state"])
        looks = [row[0] for row in store.rows(select(collections.c.collection_id).order_by("collection_id"))]
        for number in given["completed"]:
            _declare(store.engine, looks[number - 1], "complete")


if __name__ == "__main__":
    main()
