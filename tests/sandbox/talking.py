"""How tests talk to systems of the sandbox, and a stand-in for Crossdock that only writes down what it is sent."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from crossdock.sandbox.systems.fleet import Fleet


class Answer(NamedTuple):
    """What a system answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Post(NamedTuple):
    """What the stand-in was sent."""

    path: str
    headers: dict[str, str]
    body: bytes

    def is_signed_with(self, secret: str) -> bool:
        """By our own reckoning, not by theirs."""
        signed = self.headers["x-sandbox-timestamp"].encode() + b"." + self.body
        right = "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(right, self.headers["x-sandbox-signature"])


class Recorder:
    """A tiny HTTP server: takes everything, keeps it, says 202."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                recorder.posts.append(Post(self.path, headers, body))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def messages(self, seen: int = 0) -> list[Post]:
        """What came to `/v1/messages`, each once."""
        once = {
            post.headers["idempotency-key"]: post for post in list(self.posts)[seen:] if post.path == "/v1/messages"
        }
        return list(once.values())

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Talk:
    """Plain requests to one system of a fleet, with nothing that repeats or believes."""

    def __init__(self, fleet: Fleet, name: str) -> None:
        self.fleet = fleet
        self.name = name

    def ask(self, method: str, path: str, body: object = None, *, seconds: float = 10, **headers: str) -> Answer:
        """One request on a connection of its own; `if_match` is the header `If-Match`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.fleet.running[self.name].port, timeout=seconds)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            token = {"Authorization": f"Bearer {self.fleet.tokens[self.name]}"}
            connection.request(method, path, None if body is None else json.dumps(body), {**token, **named})
            answer = connection.getresponse()
            return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def do(
        self, path: str, body: object, key: str, *, method: str = "POST", seconds: float = 10, **headers: str
    ) -> Answer:
        """A deed under a key."""
        return self.ask(method, path, body, seconds=seconds, idempotency_key=key, **headers)

    def wait(self, until: Callable[[], object], seconds: float = 20) -> None:
        """Look again and again until it is so."""
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, f"{self.name} did not get there"
            time.sleep(0.02)

    def deed(self, key: str) -> dict[str, Any] | None:
        """What the book says of a key."""
        return next((deed for deed in self.fleet.book(self.name)["deeds"] if deed["key"] == key), None)
