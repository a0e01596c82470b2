"""The HTTP/1.1 front end: connections, and a request's way past authentication and faults."""

import logging
import secrets
import socket
import socketserver
import ssl
import sys
import threading
import time
from contextlib import suppress

from registry_fixtures.auth import Anonymous, Auth
from registry_fixtures.connection import OWN_TRAFFIC, Connection
from registry_fixtures.faults import Faults
from registry_fixtures.messages import Application, Disconnect, Request, Response
from registry_fixtures.recording import Recorder, Recording
from registry_fixtures.tls import TLS

_STOP_SECONDS = 2.0
_Accepted = socket.socket | tuple[bytes, socket.socket]
_log = logging.getLogger(__name__)


class Front:
    """A server on this machine that records, authenticates and applies faults, for an application.

    Requests that carry `own_traffic` as headers are the fixtures' own: they go straight to the
    application, without a trace.

    Args:
        application: what answers.
        tls: speak TLS with this certificate.
        auth: who may do what.
        address: of this machine's, where it listens.
    """

    def __init__(
        self,
        application: Application,
        *,
        tls: TLS | None = None,
        auth: Auth | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        self.application = application
        self.address = address
        self.tls = tls
        self.auth: Auth = auth or Anonymous()
        self.recorder = Recorder()
        self.faults = Faults()
        self.stopping = threading.Event()
        self.own_traffic = {OWN_TRAFFIC: secrets.token_hex(16)}
        self._listener: _Listener | None = None

    @property
    def url(self) -> str:
        """Where it listens: `http://ADDRESS:PORT`.

        Raises:
            RuntimeError: it was not started.
        """
        if self._listener is None:
            raise RuntimeError("the server was not started")
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{self.address}:{self._listener.server_address[1]}"

    def start(self, port: int = 0) -> None:
        """Listen on a port, by default a free one, and answer from threads of its own."""
        self.stopping.clear()
        self._listener = _Listener(self, port)
        self._listener.start()

    def stop(self) -> None:
        """End every connection and stop listening."""
        if self._listener is not None:
            self.stopping.set()
            self._listener.stop()
            self._listener = None

    def is_own(self, request: Request) -> bool:
        """Tell whether the fixtures sent this request, and take their mark off it."""
        mark: str | None = request.headers.get(OWN_TRAFFIC)
        request.headers.discard(OWN_TRAFFIC)
        return mark == self.own_traffic[OWN_TRAFFIC]

    def respond(self, request: Request, recording: Recording) -> Response:
        """Answer a client's request.

        Raises:
            Disconnect: the connection is to end instead.
        """
        if refused := self.auth.admit(request):
            return refused
        application = self.auth if request.route.kind == "token" else self.application
        fault = self.faults.strike(request)
        if fault is None:
            return application(request)
        recording.fault = fault.action.description
        return fault.action.apply(request, application)


class _Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Accepts connections, and can end them all at once."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, front: Front, port: int) -> None:
        super().__init__((front.address, port), socketserver.BaseRequestHandler)
        self.front = front
        self._lock = threading.Lock()
        self._live: dict[threading.Thread, socket.socket] = {}
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def start(self) -> None:
        self._accepting.start()

    def stop(self) -> None:
        # Accepting blocks without a time limit; one more connection lets it look up.
        with suppress(OSError):
            socket.create_connection((self.front.address, self.server_address[1])).close()
        self._accepting.join()
        self.server_close()
        with self._lock:
            live = dict(self._live)
            for connection in live.values():
                with suppress(OSError):
                    # SSLSocket.shutdown would pull the TLS state from under its thread.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in live:
            thread.join(max(0, deadline - time.monotonic()))

    def _accept(self) -> None:
        while not self.front.stopping.is_set():
            self.handle_request()

    def process_request_thread(self, request: _Accepted, client_address: object) -> None:
        """Serve one connection, in a thread that `stop` knows about until it has ended."""
        assert isinstance(request, socket.socket)
        thread = threading.current_thread()
        with self._lock:
            self._live[thread] = request
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                del self._live[thread]

    def finish_request(self, request: _Accepted, client_address: object) -> None:
        """Serve one connection until it ends."""
        assert isinstance(request, socket.socket)
        connection = self._wrapped(request)
        with connection:
            # One that came while `stop` looked for those to end has to end by itself.
            if self.front.stopping.is_set():
                return
            if isinstance(connection, ssl.SSLSocket) and not self._shake_hands(connection):
                return
            with suppress(Disconnect):
                Connection(self.front, connection, client_address, self)

    def _wrapped(self, connection: socket.socket) -> socket.socket:
        tls = self.front.tls
        if tls is None:
            return connection
        wrapped = tls.context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        with self._lock:
            self._live[threading.current_thread()] = wrapped
        return wrapped

    def _shake_hands(self, connection: ssl.SSLSocket) -> bool:
        try:
            connection.do_handshake()
        except OSError as failed:
            reason = getattr(failed, "reason", None) or str(failed) or type(failed).__name__
            self.front.recorder.handshake_failed(reason)
            return False
        return True

    def handle_error(self, _request: object, _client_address: object) -> None:
        """Report a defect of the fixtures themselves; lost connections never come here."""
        _log.error("the registry fixture failed to answer", exc_info=sys.exception())
