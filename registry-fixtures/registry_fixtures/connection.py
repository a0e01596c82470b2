"""One HTTP/1.1 connection: requests off the wire, responses onto it."""

import os
import re
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer
from typing import TYPE_CHECKING

from urllib3 import HTTPHeaderDict

from registry_fixtures.messages import Body, Disconnect, Request, Response, read_target
from registry_fixtures.recording import Recorder, Recording
from registry_fixtures.routes import route

if TYPE_CHECKING:
    from registry_fixtures.server import Front

OWN_TRAFFIC = "Registry-Fixtures-Own-Traffic"
_LONGEST_LINE = 65536
_LENGTH = re.compile(r"[0-9]{1,18}")
_COPIED = 64 * 1024
_NO_LINGER = struct.pack("ii", 1, 0)
_WITHOUT_BODY = (204, 304)


class Connection(BaseHTTPRequestHandler):
    """Serves the requests of one connection, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(
        self, front: "Front", connection: socket.socket, address: object, server: BaseServer
    ) -> None:
        self.front = front
        super().__init__(connection, address, server)

    def handle_one_request(self) -> None:
        """Read one request, answer it, record both."""
        try:
            request = self._next_request()
        except OSError:
            request = None
        if request is None:
            self.close_connection = True
        else:
            self._exchange(request)

    def handle_expect_100(self) -> bool:
        """Put the interim response off until somebody wants to read the body."""
        return True

    def log_message(self, _format: str, *_args: object) -> None:
        """Say nothing: the recorder has it all."""

    def _next_request(self) -> Request | None:
        """Read a request's head; None when there is none, or it was refused as malformed."""
        self.raw_requestline = self.rfile.readline(_LONGEST_LINE + 1)
        if len(self.raw_requestline) > _LONGEST_LINE:
            self.requestline = self.request_version = self.command = ""
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
            return None
        if not self.raw_requestline or not self.parse_request():
            return None
        headers = HTTPHeaderDict(self.headers.items())
        body = self._body(headers)
        if body is None:
            self.send_error(HTTPStatus.BAD_REQUEST, "malformed Content-Length")
            return None
        path, query = read_target(self.path)
        return Request(
            method=self.command,
            target=self.path,
            path=path,
            query=query,
            headers=headers,
            body=body,
            route=route(path),
            scheme="https" if self.front.tls else "http",
            stopping=self.front.stopping,
        )

    def _body(self, headers: HTTPHeaderDict) -> Body | None:
        begin = self._continue if "Expect" in headers else _nothing
        if "chunked" in headers.get("Transfer-Encoding", "").lower():
            return Body(self.rfile, None, begin)
        declared = headers.get("Content-Length", "0")
        if not _LENGTH.fullmatch(declared):
            return None
        return Body(self.rfile, int(declared), begin)

    def _continue(self) -> None:
        self._write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _exchange(self, request: Request) -> None:
        own = self.front.is_own(request)
        recorder = Recorder() if own else self.front.recorder
        recording = recorder.start(request)
        try:
            if own:
                response = self.front.application(request)
            else:
                response = self.front.respond(request, recording)
            self._finish_reading(request)
            self._send(request, response, recording)
        except Disconnect as end:
            recording.finish()
            self._hang_up(reset=end.reset)
        finally:
            recording.finish()

    def _finish_reading(self, request: Request) -> None:
        """Read what the application left, or the next request would begin inside this one."""
        body = request.body
        if body.length == 0:
            return
        if "Expect" in request.headers and not body.begun:
            self.close_connection = True
            return
        for _ in body:
            pass

    def _send(self, request: Request, response: Response, recording: Recording) -> None:
        """Send a response; it is recorded before its last bytes are on their way."""
        recording.status = response.status
        recording.headers = response.headers
        body = response.body
        bodiless = request.method == "HEAD" or response.status in _WITHOUT_BODY
        chunked = self._frame(response, bodiless=bodiless)
        head = self._head(response)
        if bodiless or isinstance(body, bytes):
            content = body if isinstance(body, bytes) and not bodiless else b""
            recording.bytes_sent = len(content)
            self._settle(response, recording, bodiless=bodiless)
            self._write(head, content)
        else:
            self._stream(head, body, response, recording, chunked=chunked)

    def _frame(self, response: Response, *, bodiless: bool) -> bool:
        """Complete the headers that delimit the body; tell whether it goes out in chunks."""
        headers = response.headers
        if response.status in _WITHOUT_BODY or "Content-Length" in headers:
            return False
        if isinstance(response.body, bytes):
            headers["Content-Length"] = str(len(response.body))
            return False
        if bodiless:
            return False
        if self.request_version == "HTTP/1.0":
            self.close_connection = True
            return False
        headers["Transfer-Encoding"] = "chunked"
        return True

    def _head(self, response: Response) -> bytes:
        if self.close_connection:
            response.headers["Connection"] = "close"
        reason = HTTPStatus(response.status).phrase if response.status in _STATUSES else ""
        lines = [f"HTTP/1.1 {response.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in response.headers.iteritems()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _stream(
        self,
        head: bytes,
        body: Iterable[bytes],
        response: Response,
        recording: Recording,
        *,
        chunked: bool,
    ) -> None:
        """Send what comes as it comes, but hold the part that lets the client go on."""
        declared = response.headers.get("Content-Length", "")
        length = int(declared) if _LENGTH.fullmatch(declared) else None
        held = head
        try:
            for part in filter(None, body):
                recording.bytes_sent += len(part)
                framed = b"%x\r\n%b\r\n" % (len(part), part) if chunked else part
                if length is not None and recording.bytes_sent >= length:
                    self._write(held)
                    held = framed
                else:
                    self._write(held, framed)
                    held = b""
        except Disconnect:
            recording.finish()
            self._write(held)
            raise
        self._settle(response, recording, bodiless=False)
        self._write(held, b"0\r\n\r\n" if chunked else b"")

    def _settle(self, response: Response, recording: Recording, *, bodiless: bool) -> None:
        """Record, and give up a connection on which a lie about the length was told."""
        declared = response.headers.get("Content-Length")
        if not bodiless and declared is not None and declared != str(recording.bytes_sent):
            self.close_connection = True
        recording.finish()

    def _write(self, head: bytes, content: bytes = b"") -> None:
        try:
            if len(content) <= _COPIED:
                self.connection.sendall(head + content if content else head)
            else:
                self.connection.sendall(head)
                self.connection.sendall(content)
        except OSError as lost:
            raise Disconnect from lost

    def _hang_up(self, *, reset: bool) -> None:
        """End the connection, in order or by a TCP RST."""
        self.close_connection = True
        if reset:
            with suppress(OSError):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                # The reader keeps the socket open past its close(); the descriptor has no such tie.
                os.close(self.connection.detach())


_STATUSES = frozenset(HTTPStatus)


def _nothing() -> None:
    pass
