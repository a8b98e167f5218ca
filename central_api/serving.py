"""The registry as a process: one server on one address, which says in a file when it is ready."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.server import HANDLED_SIGNALS

from central_api.audit.anchors import write_anchors
from central_api.context import Registry

READY_FILE = "registry.json"
ANCHOR_EVERY_S = 60.0
_BACKLOG = 128


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn raises them again at its end, before the ready file is taken away."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in HANDLED_SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def serve(app: FastAPI, registry: Registry, listener: socket.socket) -> None:
    """Answers until it is interrupted. The ready file is there while, and only while, it does."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    asyncio.run(_serve(_Server(config), registry, listener))


async def _serve(server: uvicorn.Server, registry: Registry, listener: socket.socket) -> None:
    ready = registry.settings.home / READY_FILE
    async with _anchoring(registry), asyncio.TaskGroup() as tasks:
        announcement = tasks.create_task(_announce(server, ready, url_of(listener)))
        try:
            await server.serve(sockets=[listener])
        finally:
            announcement.cancel()
            ready.unlink(missing_ok=True)


async def _announce(server: uvicorn.Server, ready: Path, url: str) -> None:
    while not server.started:
        await asyncio.sleep(0.01)
    draft = ready.with_suffix(".new")
    draft.write_text(json.dumps({"url": url, "pid": os.getpid()}), encoding="utf-8")
    draft.replace(ready)


@contextlib.asynccontextmanager
async def _anchoring(registry: Registry) -> AsyncIterator[None]:
    """Signs the heads of the audit chains every minute, and once more at the end."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(ANCHOR_EVERY_S)
            await asyncio.to_thread(write_anchors, registry)

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.to_thread(write_anchors, registry)
