"""How names and strings are written in SQL."""


def literal(text: str) -> str:
    """Return `text` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return `name` as an identifier in standard SQL, DuckDB and PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


def backticked(name: str) -> str:
    """Return `name` as a MySQL identifier."""
    return "`" + name.replace("`", "``") + "`"
