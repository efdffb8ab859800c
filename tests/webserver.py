"""A small real web server on loopback, for what asks other sites."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class WebServer:
    """``server["/page"] = html`` or an :class:`Answer`, or a function of the raw socket.

    ``server.asked`` lists what was asked; use it as a context manager.
    """

    def __init__(self, *, tls=None) -> None:
        self.pages: dict[str, Answer | Callable[[socket.socket], None]] = {}
        self.asked: list[Asked] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.answer(self)

            do_POST = do_HEAD = do_GET  # noqa: N815

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *args: None
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.netloc = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.netloc}"

    def __setitem__(self, path: str, page: str | bytes | Answer | Callable) -> None:
        if isinstance(page, str):
            page = page.encode()
        if isinstance(page, bytes):
            page = Answer(page, headers=[("Content-Type", "text/html; charset=utf-8")])
        self.pages[path] = page

    def __enter__(self) -> "WebServer":
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        return self

    def __exit__(self, *exc) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        self.asked.append(Asked(handler.command, handler.path, dict(handler.headers), body))
        page = self.pages.get(handler.path, Answer(status=404))
        if callable(page):
            page(handler.connection)
            handler.close_connection = True
            return
        handler.send_response(page.status)
        for name, value in page.headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(page.body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(page.body)
