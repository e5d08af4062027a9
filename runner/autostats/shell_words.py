"""What shells get to complete a word: one that they take as it is, with whatever is in it.

Typer's own classes leave blanks, quotes and brackets to the shell, which then sees several words.
"""

import os
import re

from typer._click.shell_completion import CompletionItem, add_completion_class, split_arg_string
from typer._completion_classes import BashComplete, FishComplete, ZshComplete, _sanitize_help_text

# Stands for the cursor, so that the word before it counts as begun even after a quoted blank.
_CURSOR = "\x01"
_SPECIAL_IN_BASH = re.compile(r"""([\s!"#$&'()*;<>?\[\\\]^`{|}~])""")
_SPECIAL_IN_DOUBLE_QUOTES = re.compile(r'(["$\\`])')
_SPECIAL_IN_ZSH = re.compile(r"[\x00-*;-?\[-^`{-\x7f]")


def _printable(items: list[CompletionItem]) -> list[CompletionItem]:
    """Return the items that a line of a shell can hold: a line break would end one."""
    return [item for item in items if str(item.value).isprintable()]


def _until_cursor() -> tuple[list[str], str]:
    """Return the words before the one at the cursor, and what there is of that: in zsh and fish."""
    *args, begun = split_arg_string(os.environ.get("_TYPER_COMPLETE_ARGS", "") + _CURSOR)
    return args[1:], begun.removesuffix(_CURSOR)


def _whole(items: list[CompletionItem], begun: str) -> list[CompletionItem]:
    """Return the items as whole words: those of `--last=7` begin with `--last=`."""
    option, sign, _ = begun.partition("=")
    before = option + sign if sign and option.startswith("-") else ""
    return [CompletionItem(f"{before}{item.value}", help=item.help) for item in _printable(items)]


class _Bash(BashComplete):
    """Bash inserts a word as it is printed, so it is quoted here, as far as the quote before it does not."""

    def get_completion_args(self) -> tuple[list[str], str]:
        args, begun = super().get_completion_args()
        # Bash makes three words of --last=7d.
        return [arg for arg in args if arg != "="], begun

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        return _printable(super().get_completions(args, incomplete))

    def format_completion(self, item: CompletionItem) -> str:
        words, place = os.environ["COMP_WORDS"].split("\n"), int(os.environ["COMP_CWORD"])
        return _in_bash(str(item.value), words[place][:1] if place < len(words) else "")


def _in_bash(word: str, quote: str) -> str:
    """Return a word for bash, inside `quote` if that is one."""
    if quote == "'":
        return word.replace("'", r"'\''")
    if quote == '"':
        return _SPECIAL_IN_DOUBLE_QUOTES.sub(r"\\\1", word)
    return _SPECIAL_IN_BASH.sub(r"\\\1", word)


class _Zsh(ZshComplete):
    """Zsh runs what is printed, and quotes what it inserts."""

    def get_completion_args(self) -> tuple[list[str], str]:
        return _until_cursor()

    def complete(self) -> str:
        args, begun = self.get_completion_args()
        found = [_in_zsh(item) for item in _whole(self.get_completions(args, begun), begun)]
        return f"local -a found; found=({' '.join(found)}); _describe value found" if found else "_files"


def _in_zsh(item: CompletionItem) -> str:
    """Return a value and its help as a word without blanks, because the shell's function splits at them."""
    parts = [str(item.value), *([_sanitize_help_text(item.help)] if item.help else [])]
    entry = ":".join(re.sub(r"([:\\])", r"\\\1", part) for part in parts)
    return "$'" + _SPECIAL_IN_ZSH.sub(lambda found: f"\\U{ord(found[0]):08x}", entry) + "'"


class _Fish(FishComplete):
    """Fish quotes what it inserts."""

    def get_completion_args(self) -> tuple[list[str], str]:
        return _until_cursor()

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        return _whole(super().get_completions(args, incomplete), incomplete)


def use() -> None:
    """Let these classes answer instead of Typer's."""
    for name, of_shell in {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}.items():
        add_completion_class(of_shell, name)
