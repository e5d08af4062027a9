"""The answers that were given last: a build never changes, so an answer of it stays right."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Cache(Generic[Kept]):
    """Keeps what was used last, up to a total size; for the thread of the event loop."""

    def __init__(self, most: int, size: Callable[[Kept], int]) -> None:
        self._most = most
        self._size = size
        self._kept: OrderedDict[object, Kept] = OrderedDict()
        self._used = 0

    def get(self, key: object) -> Kept | None:
        """Return what is kept under a key, or None."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: object, value: Kept) -> None:
        """Keep a value, unless it alone takes more than a tenth of the room."""
        if key in self._kept or self._size(value) > self._most // 10:
            return
        self._kept[key] = value
        self._used += self._size(value)
        while self._used > self._most:
            self._used -= self._size(self._kept.popitem(last=False)[1])
