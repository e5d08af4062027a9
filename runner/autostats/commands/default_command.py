"""A group of commands that is a command itself."""

from typing import Any

from typer.core import TyperGroup


class ListsByDefault(TyperGroup):
    """A group that is its command `list`, unless the first argument names another of its commands.

    Help, usage and completion are then those of that command, under the name of the group.
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._list = self.commands.pop("list")
        self._list.epilog = self.epilog

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> Any:
        """Return the context of the command that is meant."""
        if args and args[0] in self.commands:
            return super().make_context(info_name, args, *rest, **extra)
        return self._list.make_context(info_name, args, *rest, **extra)
