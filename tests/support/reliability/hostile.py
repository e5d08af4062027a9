"""Names that must do no harm, and marks in secrets that nobody must see."""

NAMES = (
    "[bold red]X[/]",
    "[/]",
    'O\'Neil "q"',
    "'; drop table fct_jobs; --",
    "100 % %s %(x)s {x} {{ x }}",
    "=cmd|'/c calc'!A1",
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    "über café",
    "🚀 beam",
    "../x",
    "/etc/passwd",
    " leading and trailing ",
    "tab\tnewline\nescape\x1b[31m",
    "<script>|`*_",
    "$(reboot) `reboot` \\n",
    "NULL",
    "n" * 80,
    "unknown",
)
# Each is part of a secret in tests/reliability/test_secrets.py.
MARKS = ("MARK1", "p4ss", "MARK2", "MARK3", "MARK4", "MARK5")
