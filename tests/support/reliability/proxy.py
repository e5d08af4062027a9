"""A TCP proxy between autostats and a database server, which can cut the connection or fall silent."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Fate = Literal["cut", "silent"]


class Proxy:
    """Passes on what both sides send, up to `limit` bytes from the server; then the `fate` happens."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.limit: int | None = None
        self.fate: Fate = "cut"
        # Bytes that the server has sent, and connections made.
        self.passed = 0
        self.connections = 0
        # How many connections to refuse at first.
        self.refused = 0
        self._is_closed = False
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def is_over(self) -> bool:
        return self.limit is not None and self.passed >= self.limit

    def close(self) -> None:
        self._is_closed = True
        # Only this frees a listening socket that another thread is waiting on.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Cut all connections."""
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._is_closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.connections <= self.refused or (self.is_over() and self.fate == "cut"):
                client.close()
                continue
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, sender: socket.socket, receiver: socket.socket, counts: bool) -> None:
        with suppress(OSError):
            while data := sender.recv(4096):
                if counts:
                    self.passed += len(data)
                if self.is_over():
                    if self.fate == "cut":
                        self.cut()
                        return
                    while not self._is_closed:
                        time.sleep(0.05)
                    return
                receiver.sendall(data)
        with suppress(OSError):
            receiver.shutdown(socket.SHUT_WR)


@contextmanager
def proxy_to(host: str, port: int) -> Iterator[Proxy]:
    """Start a proxy to a server, and close it with all its connections afterwards."""
    proxy = Proxy((host, port))
    try:
        yield proxy
    finally:
        proxy.close()
