"""Faults of SQL, planted in its text: in models and macros, and in the queries within Python modules."""

import ast
import re
from collections.abc import Iterator
from itertools import accumulate

from mutants.fault import Fault

# What is not code: SQL and Jinja comments, quoted text; and what only the slow suites run, the macros for
# database servers.
_QUIET = re.compile(
    r"\{%-? macro (?:mysql|postgres)__.*?endmacro|--[^\n]*|\{#.*?#\}|'[^'\n]*'|\"[^\"\n]*\"", re.DOTALL
)
# A word or an operator, and its replacements.
_SWAPS: tuple[tuple[str, str], ...] = (
    (r"<=", "<"),
    (r">=", ">"),
    (r"(?<![-<])>(?![=>])", ">="),
    (r"<(?![=>])", "<="),
    (r"(?<= )=(?= )", "!="),
    (r"==", "!="),
    (r"!=|<>", "="),
    (r"\band\b", "or"),
    (r"\bor\b", "and"),
    (r"\bmin(?=\()", "max"),
    (r"\bmax(?=\()", "min"),
    (r"\bleast(?=\()", "greatest"),
    (r"\bgreatest(?=\()", "least"),
    (r"\bfirst_value(?=\()", "last_value"),
    (r"\blast_value(?=\()", "first_value"),
    (r"\blag(?=\()", "lead"),
    (r"\blead(?=\()", "lag"),
    (r"(?<= )\+(?= )", "-"),
    (r"(?<= )-(?= )", "+"),
    (r"\bleft join\b", "inner join"),
    (r"\binner join\b", "left join"),
    (r"\banti join\b", "semi join"),
    (r" desc\b", ""),
    (r"\border by [\w.]+(?= *[,)\n])", r"\g<0> desc"),
    (r"\bdistinct ", ""),
    (r"\bunion all\b", "union"),
    (r"\bnot ", ""),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
    (r"\b0\.\d+", "0.25"),
)
_NUMBER = re.compile(r"(?<![\w.:])\d+(?![\w.])")
_BETWEEN = re.compile(r"\bbetween\b.*?\band\b", re.DOTALL)
_PARTITION = re.compile(r"\bpartition by ([\w.]+(?:, [\w.]+)+)")
# A condition on its own line, and the clauses that end a condition.
_CONDITION = re.compile(r"^[ \t]*and [^\n]*\n", re.MULTILINE)
_WHERE = re.compile(r"\bwhere\b")
_END = re.compile(r"\b(?:group by|order by|qualify|limit|having|union)\b|\{%-? *(?:if|else|elif|end)|;|\Z")
_COALESCE = re.compile(r"\bcoalesce\(")
_QUERY = re.compile(r"\bselect\b.*\bfrom\b|\bwhere\b|\border by\b|\bexists\b", re.DOTALL)


def sql_faults(path: str, source: str) -> list[Fault]:
    """Return the faults of an SQL file."""
    return _faults(path, source, 0, len(source))


def faults_of_queries(path: str, source: str) -> list[Fault]:
    """Return the faults of the queries in a Python module."""
    return [fault for start, end in _queries(source) for fault in _faults(path, source, start, end)]


def _queries(source: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each string that holds SQL."""
    lines = source.splitlines(keepends=True)
    begins = [0, *accumulate(map(len, lines))]

    def place(line: int, column: int) -> int:
        return begins[line - 1] + len(lines[line - 1].encode()[:column].decode())

    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop(0)
        is_text = isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        if not is_text:
            pending += ast.iter_child_nodes(node)
        elif id(node) not in docstrings and isinstance(node, ast.expr):
            start = place(node.lineno, node.col_offset)
            end = place(node.end_lineno or 0, node.end_col_offset or 0)
            quotes = re.match(r"\w*(\"\"\"|\"|')", source[start:end])
            if quotes is not None and _QUERY.search(source, start, end):
                yield start + quotes.end(), end - len(quotes[1])


def _faults(path: str, source: str, start: int, end: int) -> list[Fault]:
    sql = source[start:end]
    text = _QUIET.sub(lambda match: " " * len(match[0]), sql)
    changes = {
        *_swapped(text),
        *_numbers(text),
        *_partitions(text),
        *_dropped(text, sql),
        *_defaults(text, sql),
    }
    faults = [Fault(path, source, start + first, start + last, new) for first, last, new in sorted(changes)]
    return [fault for fault in faults if fault.planted != source]


Change = tuple[int, int, str]


def _swapped(text: str) -> Iterator[Change]:
    bounds = {match.end() for match in _BETWEEN.finditer(text)}
    for pattern, new in _SWAPS:
        for match in re.finditer(pattern, text):
            if match[0] != "and" or match.end() not in bounds:
                yield match.start(), match.end(), match.expand(new)


def _numbers(text: str) -> Iterator[Change]:
    for match in _NUMBER.finditer(text):
        yield match.start(), match.end(), str(int(match[0]) + 1)


def _partitions(text: str) -> Iterator[Change]:
    """Leave out each column of a partition."""
    for match in _PARTITION.finditer(text):
        columns = match[1].split(", ")
        for place in range(len(columns)):
            yield match.start(1), match.end(1), ", ".join(columns[:place] + columns[place + 1 :])


def _dropped(text: str, sql: str) -> Iterator[Change]:
    """Leave out each condition that has its own line, and each `where`."""
    for match in _CONDITION.finditer(text):
        if match[0].count("(") == match[0].count(")"):
            yield match.start(), match.end(), ""
    for match in _WHERE.finditer(text):
        end = match.end() + len(sql[match.end() : _end_of(text, match.end())].rstrip())
        if end > match.end():
            yield match.start(), end, "where 1 = 1"


def _end_of(text: str, start: int) -> int:
    """Return where the clause that continues at `start` ends."""
    depth, place = 0, start
    while place < len(text):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth < 0 or (depth == 0 and _END.match(text, place)):
            return place
        place += 1
    return place


def _defaults(text: str, sql: str) -> Iterator[Change]:
    """Replace each `coalesce` with its first value."""
    for match in _COALESCE.finditer(text):
        depth, comma = 0, 0
        for place in range(match.end(), len(text)):
            if depth == 0 and text[place] == "," and not comma:
                comma = place
            if depth == 0 and text[place] == ")":
                if comma:
                    yield match.start(), place + 1, sql[match.end() : comma]
                break
            depth += (text[place] == "(") - (text[place] == ")")
