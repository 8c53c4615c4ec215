"""All systems of the sandbox as processes on free loopback ports: start, introduce to each other, disturb, kill, stop.

    with Fleet(folder, seed=7, speed=600) as fleet:
        fleet.connect_crossdock("http://127.0.0.1:8080", {"oms": "key", ...})
        fleet.ask("shop", "POST", "/control/orders", {"count": 20})
        fleet.control("erp", error=0.05, timeout_after=0.02)
        fleet.kill("erp"); fleet.restart("erp")
        fleet.book("erp")["deeds"]

`fleet.json` in the folder says where everything is. Children end when their parent does.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from crossdock.sandbox.day.trade import draw_world, write_articles, write_master_data
from crossdock.sandbox.systems.catalog import SYSTEMS
from crossdock.sandbox.systems.faults import Faults

TALKS_TO: Final[dict[str, tuple[str, ...]]] = {
    "tms": ("carriers",),
    "carriers": ("tms",),
    "wms-a": ("carriers",),
    "wms-b": ("carriers",),
    "erp": ("bank",),
}
HOOKED: Final = ("tms", "wms-a", "erp", "carriers")
_ASK_SECONDS: Final = 30
_END_SECONDS: Final = 10
_FAULTS: Final = frozenset(Faults.__struct_fields__)


class Running(NamedTuple):
    """A system's process and port."""

    process: subprocess.Popen[bytes]
    port: int


class SystemSaidNo(RuntimeError):
    """A system refused what the fleet asked of it: the status and what it said."""


class Fleet:
    """The systems of one folder; a system that was killed goes on with its book, at its port."""

    def __init__(
        self, folder: Path, *, names: Iterable[str] = tuple(SYSTEMS), seed: int = 7, speed: float = 60.0
    ) -> None:
        self.folder = folder
        self.names = tuple(names)
        self.seed = seed
        self.speed = speed
        self.running: dict[str, Running] = {}
        secrets = Random(f"fleet/{seed}")
        self.tokens = {name: f"{name}-{secrets.getrandbits(96):024x}" for name in SYSTEMS}
        self.hook_secrets = {name: f"{secrets.getrandbits(128):032x}" for name in HOOKED}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start all systems and introduce them to each other; master data is written to `master-data/`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        master_data = self.folder / "master-data"
        master_data.mkdir(exist_ok=True)
        world = draw_world(Random(self.seed))
        write_master_data(world, master_data)
        write_articles(world, master_data, "oms")
        launched = {name: self._launch(name, 0) for name in self.names}
        try:
            for name, process in launched.items():
                self.running[name] = self._listening(name, process)
            for name in self.names:
                self._introduce(name)
        except BaseException:
            for process in launched.values():
                process.kill()
                process.wait(_END_SECONDS)
            raise
        self._write()

    def restart(self, name: str) -> None:
        """Start a system that was killed, or start it anew: same book, same port."""
        self.kill(name)
        port = self.running[name].port
        self.running[name] = self._listening(name, self._launch(name, port))
        self._write()

    def kill(self, name: str) -> None:
        """End a system at once, as a power cut would."""
        process = self.running[name].process
        process.kill()
        process.wait(_END_SECONDS)

    def stop(self) -> None:
        """End all systems; their books stay."""
        for running in self.running.values():
            running.process.terminate()
        for running in self.running.values():
            try:
                running.process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                running.process.kill()
                running.process.wait(_END_SECONDS)

    # -- what can be said to it ---------------------------------------------------------------------------------------

    def address(self, name: str) -> str:
        """Where a system is."""
        return f"http://127.0.0.1:{self.running[name].port}"

    def control(self, name: str, **wishes: Any) -> dict[str, Any]:  # noqa: ANN401  # as PUT /control takes them
        """Change a system at run time; names of faults need not stand under `faults`."""
        faults = {wish: value for wish, value in wishes.items() if wish in _FAULTS}
        others = {wish: value for wish, value in wishes.items() if wish not in _FAULTS}
        body = {**others, "faults": faults} if faults else others
        return dict(self.ask(name, "PUT", "/control", body))

    def book(self, name: str) -> dict[str, Any]:
        """Everything a system believes."""
        return dict(self.ask(name, "GET", "/control/book"))

    def run_at(self, speed: float) -> None:
        """Let all clocks run at another speed."""
        for name in self.running:
            self.control(name, speed=speed)

    def connect_crossdock(
        self, address: str, keys: dict[str, str], *, hooks: dict[str, str] | None = None, outbox: Path | None = None
    ) -> None:
        """Tell all systems where Crossdock is, with the key of each source and the address of each system's hook."""
        for name in self.running:
            wish: dict[str, Any] = {"crossdock": {"address": address, "keys": keys}}
            if hooks and name in hooks:
                wish["hooks"] = {"address": hooks[name], "secret": self.hook_secrets[name]}
            if outbox:
                wish["outbox"] = str(outbox)
            self.control(name, **wish)

    def ask(self, name: str, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Any:  # noqa: ANN401  # whatever JSON it answers
        """Ask a system something, with its token. Raises `SystemSaidNo`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.running[name].port, timeout=_ASK_SECONDS)
        try:
            told = {"Authorization": f"Bearer {self.tokens[name]}", **(headers or {})}
            connection.request(method, path, None if body is None else json.dumps(body), told)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            raise SystemSaidNo(f"{name} {method} {path}: {answer.status} {text[:500].decode(errors='replace')}")
        return json.loads(text)

    # -- processes ----------------------------------------------------------------------------------------------------

    def _launch(self, name: str, port: int) -> subprocess.Popen[bytes]:
        control = {"token": self.tokens[name]}
        program = [sys.executable, "-m", "crossdock.sandbox.systems", name, "--port", str(port)]
        options = ["--book", str(self.folder), "--seed", str(self.seed), "--speed", str(self.speed)]
        child = [*program, *options, "--control", json.dumps(control), "--parent", str(os.getpid())]
        with (self.folder / f"{name}.log").open("ab") as log:
            # A session of its own: Ctrl-C in a terminal is for whoever started the fleet.
            return subprocess.Popen(  # noqa: S603  # our own program
                child, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True
            )

    def _listening(self, name: str, process: subprocess.Popen[bytes]) -> Running:
        if process.stdout is None:
            raise RuntimeError(f"{name} has no output")
        with process.stdout as out:
            line = out.readline()
        if not line:
            raise RuntimeError(f"{name} did not start, see {self.folder / name}.log")
        return Running(process, int(json.loads(line)["port"]))

    def _introduce(self, name: str) -> None:
        known = [peer for peer in TALKS_TO.get(name, ()) if peer in self.running]
        peers = {peer: {"address": self.address(peer), "token": self.tokens[peer]} for peer in known}
        self.control(name, peers=peers)

    def _write(self) -> None:
        systems = {
            name: {
                "address": self.address(name),
                "token": self.tokens[name],
                "hook_secret": self.hook_secrets.get(name),
                "pid": running.process.pid,
            }
            for name, running in self.running.items()
        }
        text = json.dumps({"seed": self.seed, "speed": self.speed, "systems": systems}, indent=2)
        draft = self.folder / "fleet.json.tmp"
        draft.write_text(text + "\n", encoding="utf-8")
        draft.chmod(0o600)
        draft.rename(self.folder / "fleet.json")
