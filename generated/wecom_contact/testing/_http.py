"""HTTP/1.1 over loopback: connections that stay open, and answers that may break.

The server is werkzeug's, with one thread for each connection. Its own request handler closes the connection after each
answer and builds a WSGI environment, which costs more than the call itself; so ours reads the request by hand.

Hand-written: edit codegen/surfaces/testing/_http.py.
"""

import logging
import socket
import threading
from http.client import responses
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from ._serve import Reply, Request, Serving

LOG = logging.getLogger("wecom_contact.testing")

MAX_HEAD = 64 * 1024
MAX_BODY = 256 * 1024 * 1024


class Malformed(Exception):
    """Not HTTP as we know it."""


class Handler(WSGIRequestHandler):
    """One connection."""

    serving: Serving
    connections: "set[socket.socket]"
    lock: threading.Lock

    def handle(self) -> None:
        """Answer requests until the client leaves."""
        connection = self.connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.lock:
            self.connections.add(connection)
        try:
            while self._one():
                pass
        except OSError:
            pass  # the client has gone, or the server stops
        finally:
            with self.lock:
                self.connections.discard(connection)

    def _one(self) -> bool:
        """Answer one request; False when the connection ends."""
        try:
            request = self._request()
        except Malformed as error:
            body = str(error).encode()
            self._send(Reply(body, 400, "text/plain"), keep=False)
            return False
        if request is None:
            return False
        try:
            reply = self.serving.answer(request)
        except Exception as error:
            # A mistake of ours, or of an `on_call`: say so, or the test only sees a lost connection.
            LOG.exception("%s %s", request.method, request.path)
            reply = Reply(f"the simulator failed: {error!r}".encode(), 500, "text/plain")
        if reply.cut:
            return False
        keep = self._keeps and not reply.truncated
        self._send(reply, keep)
        return keep

    def _request(self) -> Request | None:
        line = self.rfile.readline(MAX_HEAD)
        while line in (b"\r\n", b"\n"):
            line = self.rfile.readline(MAX_HEAD)
        if not line:
            return None
        words = line.decode("latin-1").split()
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise Malformed("no HTTP/1 request")
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(MAX_HEAD)) not in (b"\r\n", b"\n"):
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                raise Malformed("a header without a colon")
            headers[name.lower()] = value.strip()
        wish = headers.get("connection", "").lower()
        self._keeps = wish != "close" if words[2] == "HTTP/1.1" else wish == "keep-alive"
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunks()
        else:
            body = self._exactly(number(headers.get("content-length") or "0", 10))
        path, _, query = words[1].partition("?")
        if path.startswith("http://"):
            # A client that takes us for a proxy sends the whole address.
            path = "/" + path.partition("://")[2].partition("/")[2]
        return Request(words[0], path, query, headers, body, self.client_address[0])

    def _chunks(self) -> bytes:
        parts = []
        size = 0
        while (length := number(self.rfile.readline(MAX_HEAD).partition(b";")[0], 16)) > 0:
            size += length
            if size > MAX_BODY:
                raise Malformed("too large")
            parts.append(self._exactly(length))
            self.rfile.readline(MAX_HEAD)
        while self.rfile.readline(MAX_HEAD) not in (b"\r\n", b"\n", b""):
            pass
        return b"".join(parts)

    def _exactly(self, length: int) -> bytes:
        if length > MAX_BODY:
            raise Malformed("too large")
        body = self.rfile.read(length) if length else b""
        if len(body) < length:
            raise Malformed("the body broke off")
        return body

    def _send(self, reply: Reply, keep: bool) -> None:
        head = [
            f"HTTP/1.1 {reply.status} {responses.get(reply.status, '')}",
            f"Content-Type: {reply.content_type}",
            f"Content-Length: {len(reply.body)}",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
        ]
        if not keep:
            head.append("Connection: close")
        body = reply.body[: len(reply.body) // 2] if reply.truncated else reply.body
        # One write, or the kernel waits with the second until the first is acknowledged.
        self.wfile.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)


def number(text: str | bytes, base: int) -> int:
    """A length in a head."""
    try:
        value = int(text.strip(), base)
    except ValueError:
        raise Malformed("a length that is not a number") from None
    if value < 0:
        raise Malformed("a negative length")
    return value


def unused(environ: Any, start_response: Any) -> Any:
    """werkzeug wants a WSGI app; our handler never calls it."""
    raise RuntimeError("the handler answers by itself")


class Server:
    """A socket, and the thread that accepts connections on it."""

    def __init__(self, serving: Serving, host: str, port: int) -> None:
        connections: set[socket.socket] = set()
        self._connections = connections
        self._lock = threading.Lock()
        handler = type(
            "CorpHandler",
            (Handler,),
            {"serving": serving, "connections": connections, "lock": self._lock},
        )
        self._server: BaseWSGIServer = make_server(
            host, port, unused, threaded=True, request_handler=handler
        )
        self.host, self.port = host, self._server.server_port
        # werkzeug's own serve_forever prints and catches the keyboard; we only want its socket.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="wecom-simulator", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop accepting, and end the connections that are open."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        with self._lock:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it has just ended by itself
