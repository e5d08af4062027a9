"""How old the newest rows of tables are, in any database that SQLAlchemy speaks."""
