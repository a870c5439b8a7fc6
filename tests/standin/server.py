"""An HTTPS forward proxy that answers for fal's hosts itself.

The client keeps its real addresses, sends ``CONNECT queue.fal.run:443`` to loopback, and gets a certificate of
a throw-away authority. So a process is turned to the stand-in by environment variables alone, nothing in the
client is patched, and any other host is refused: a leak fails loudly.
"""

import contextlib
import json
import re
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import trustme

from tests.standin.service import CDN, HOSTS, KEY, Answer, Call, Service

Action = Literal[
    *("status", "refuse", "drop_before", "drop_after", "delay", "hang"),
    *("truncate", "garbage", "short", "drip"),
]
_DRIPS = 20  # pieces of an answer that drips


@dataclass
class Fault:
    """Something that goes wrong with the next ``times`` calls that match.

    Attributes:
        match: a regular expression for the call's line, such as ``"POST queue.fal.run/fal-ai"``.
        action: "status" answers ``answer`` and does no work; "refuse", for a line of CONNECT, lets no connection
            come about; "drop_before" closes the connection and does no work; "drop_after" does the work and loses
            the answer; "delay" waits ``delay_s`` first; "hang" waits ``delay_s`` and then closes the connection
            without doing the work; "truncate" breaks off in the middle of the body; "garbage" does the work and
            answers bytes that mean nothing; "short" announces half of the body, which is all that comes of it;
            "drip" gives the body in pieces over ``delay_s``.
        skip: how many calls that match pass first.
    """

    match: str
    action: Action
    times: int = 1
    answer: Answer = field(default_factory=lambda: Answer(500, {"detail": "Internal Server Error"}))
    delay_s: float = 0.0
    skip: int = 0


class StandIn(Service):
    """The stand-in, to be used as a context manager.

    Attributes:
        journal: every call that came, in order, with those to refused hosts (method CONNECT).
        errors: exceptions of the stand-in itself; none, if all is well.
        keeps_alive: whether connections are used for more than one call.
    """

    def __init__(self, shape: str = "same", queue_polls: int = 2, run_polls: int = 4) -> None:
        super().__init__(shape, queue_polls, run_polls)
        self.journal: list[Call] = []
        self.errors: list[BaseException] = []
        self.faults: list[Fault] = []
        self.keeps_alive = True
        self.stopping = threading.Event()
        self._taking = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="standin-")
        self.ca_file = Path(self._folder.name) / "ca.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*HOSTS).configure_cert(self.tls)
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> "StandIn":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()
        self._folder.cleanup()

    def env(self, key: str = KEY) -> dict[str, str]:
        """Give all that a process needs to be served: for ``os.environ``, a subprocess or a kernel."""
        home = self.ca_file.parent  # holds no login
        proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        proxies = {
            "HTTPS_PROXY": proxy,
            "HTTP_PROXY": proxy,
            "ALL_PROXY": "",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        return {
            **proxies,
            **{name.lower(): value for name, value in proxies.items()},
            "SSL_CERT_FILE": str(self.ca_file),
            "FAL_KEY": key,
            "FAL_HOME_DIR": str(home),
        }

    def fail(self, match: str, action: Action, **details: Any) -> None:
        """Switch a ``Fault`` on."""
        self.faults.append(Fault(match, action, **details))

    def count(self, match: str) -> int:
        """Count the calls whose line matches a regular expression."""
        return sum(bool(re.search(match, call.line)) for call in self.journal)

    def take_fault(self, line: str) -> Fault | None:
        """Find the fault that is due for a call, and use it up once."""
        with self._taking:
            for fault in self.faults:
                if fault.times > 0 and re.search(fault.match, line):
                    if fault.skip > 0:
                        fault.skip -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them
    request_queue_size = 32

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def keep(self, connection: socket.socket) -> None:
        self._connections.add(connection)

    def forget(self, connection: socket.socket) -> None:
        self._connections.discard(connection)

    def hang_up(self) -> None:
        for connection in list(self._connections):
            _shut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):  # a client that goes away is no error
            self.standin.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    """One connection: a CONNECT, then TLS, then calls."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = (
        True  # headers and body are written apart; waiting for the first would cost 40 ms
    )
    server: _Server
    host = ""

    def setup(self) -> None:
        super().setup()
        self.server.keep(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.forget(self.connection)
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet; the journal tells more."""

    def do_CONNECT(self) -> None:
        host = self.path.rpartition(":")[0]
        if host not in HOSTS:
            self.server.standin.journal.append(Call("CONNECT", host, "", {}, {}, b""))
            self.send_error(403, f"the stand-in refuses {host}")
            return
        if self.server.standin.take_fault(f"CONNECT {host}"):
            self.send_error(502, "connection refused")
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        self.rfile.close()
        self.server.forget(self.connection)
        self.connection = self.server.standin.tls.wrap_socket(self.connection, server_side=True)
        self.server.keep(self.connection)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.host, self.close_connection = host, False

    def _answer_call(self) -> None:
        call = self._read_call()
        standin = self.server.standin
        standin.journal.append(call)
        if not self.host:
            self._send(Answer(403, {"detail": "the stand-in speaks TLS only"}))
            return
        fault = standin.take_fault(call.line)
        if fault:
            self._answer_badly(call, fault)
        else:
            self._send(standin.handle(call))

    def _answer_badly(self, call: Call, fault: Fault) -> None:
        standin, action = self.server.standin, fault.action
        if action in ("delay", "hang"):
            standin.stopping.wait(fault.delay_s)
        if action in ("drop_before", "hang"):
            self._drop()
            return
        answer = fault.answer if action == "status" else standin.handle(call)
        if action == "drop_after":
            self._drop()
        elif action == "garbage":
            self._send(Answer(200, b"\x00\xff this is no answer"))
        elif action == "short":
            body = self._body(answer)
            self._send(Answer(answer.status, body[: len(body) // 2], answer.headers))
        else:
            self._send(
                answer,
                truncated=action == "truncate",
                pause_s=fault.delay_s / _DRIPS if action == "drip" else 0.0,
            )

    do_GET = do_POST = do_PUT = _answer_call

    def _read_call(self) -> Call:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Call(
            self.command, self.host or parts.netloc, parts.path, dict(parse_qsl(parts.query)), headers, body
        )

    @staticmethod
    def _body(answer: Answer) -> bytes:
        return answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()

    def _send(self, answer: Answer, *, truncated: bool = False, pause_s: float = 0.0) -> None:
        body = self._body(answer)
        keeps = self.server.standin.keeps_alive and not (self.host == CDN and self.command != "GET")
        headers: Mapping[str, str] = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            # The client never closes its connection for uploads, so this side does.
            "Connection": "close" if not keeps else "",
            **answer.headers,
        }
        self.send_response(answer.status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        body = body[: len(body) // 2] if truncated else body
        step = max(1, len(body) // _DRIPS) if pause_s else len(body) or 1
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            self.server.standin.stopping.wait(pause_s)
        if truncated:
            self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        _shut(self.connection)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # where the other side was faster
        connection.shutdown(socket.SHUT_RDWR)
