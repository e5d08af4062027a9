"""Create the genuine schema in one database; run as a program, as Django is configured once per process."""

from __future__ import annotations

import json
import sys
from typing import Any


def migrate(database: dict[str, Any], migration: str | None) -> None:
    """Run the migrations of `autoreduce-db`, up to `migration` or all of them, and Django's own for users."""
    if database["ENGINE"].endswith("mysql"):
        import pymysql  # type: ignore[import-untyped]

        # Django requires this version of mysqlclient, which PyMySQL stands in for.
        pymysql.version_info = (1, 4, 6, "final", 0)
        pymysql.install_as_MySQLdb()
    import django  # type: ignore[import-untyped]
    from django.conf import settings  # type: ignore[import-untyped]
    from django.core.management import call_command  # type: ignore[import-untyped]

    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "autoreduce_db.reduction_viewer",
            "autoreduce_db.instrument",
        ],
        DATABASES={"default": database},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", "auth", verbosity=0)
    if migration is None:
        call_command("migrate", verbosity=0)
    else:
        call_command("migrate", "reduction_viewer", migration, verbosity=0)


if __name__ == "__main__":
    migrate(json.loads(sys.argv[1]), sys.argv[2] or None)
