"""One HTTP/1.1 connection of the load generator: a socket, no more parsing than an honest answer needs."""

from __future__ import annotations

import re
import socket

from haechi.bench.errors import BadAnswer

HEAD_BYTES_MAX = 16 << 10
_CHUNK = 256 << 10
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]{1,12})\r\n", re.IGNORECASE)


class Connection:
    """Sends one request at a time and says when its answer is whole."""

    __slots__ = ("answer", "due_ns", "fd", "socket", "status", "unsent", "whole_bytes")

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.fd = self.socket.fileno()
        self.due_ns = 0
        self.unsent = b""
        self.answer = b""
        self.status = 0
        self.whole_bytes = 0

    def send(self, data: bytes) -> bool:
        """Send a request; False when the rest must wait until the socket takes more."""
        self.answer = b""
        self.whole_bytes = 0
        return self._push(data)

    def push(self) -> bool:
        """Send more of what is left."""
        return self._push(self.unsent)

    def _push(self, data: bytes) -> bool:
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        self.unsent = data[sent:] if sent < len(data) else b""
        return not self.unsent

    def receive(self) -> bool:
        """Take what came; True when the answer is whole. Raises ConnectionError when the line is cut."""
        try:
            data = self.socket.recv(_CHUNK)
        except BlockingIOError:
            return False
        if not data:
            raise ConnectionResetError("the server closed the connection")
        self.answer = self.answer + data if self.answer else data
        if not self.whole_bytes and not self._read_head():
            return False
        if len(self.answer) > self.whole_bytes:
            raise BadAnswer("the server sent more than one answer to one request")
        return len(self.answer) == self.whole_bytes

    def _read_head(self) -> bool:
        end = self.answer.find(b"\r\n\r\n")
        if end < 0:
            if len(self.answer) > HEAD_BYTES_MAX:
                raise BadAnswer("the answer's head has no end")
            return False
        length = _LENGTH.search(self.answer, 0, end + 2)
        if self.answer[:9] != b"HTTP/1.1 " or not self.answer[9:12].isdigit() or length is None:
            raise BadAnswer(f"not an HTTP/1.1 answer with a length: {self.answer[:60]!r}")
        self.status = int(self.answer[9:12])
        self.whole_bytes = end + 4 + int(length[1])
        return True

    def close(self) -> None:
        """Hang up."""
        self.socket.close()
