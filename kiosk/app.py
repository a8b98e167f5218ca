"""The window of the kiosk: opens it, runs the flows on its event loop, and closes it cleanly."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.text_shaping import check_shaping
from kiosk.ui import Ui

if TYPE_CHECKING:
    from kiosk.pilot import PilotServer
    from kiosk.prompts.spoken_voice import SpokenVoice
    from kiosk.screens.kiosk_app import KioskApp
    from kiosk.screens.presenter import KivyUi

DEFAULT_SIZE_PX = (1280, 800)
PROMPT_DIR = Path.home() / ".cache" / "single-window" / "prompts"


def run_kiosk(
    main: Callable[[Ui], Awaitable[None]],
    *,
    pilot_socket: Path | None = None,
    size_px: tuple[int, int] = DEFAULT_SIZE_PX,
    language: str = "en",
    fullscreen: bool = False,
) -> None:
    """Open the window and run ``main`` on its loop until it returns, the window is closed, or SIGTERM comes.

    With ``SDL_VIDEODRIVER=offscreen`` no display is needed. What ``main`` raises is raised here, after the window
    is closed. Raises TextShapingUnavailable where text would be drawn broken.
    """
    check_shaping()
    from kiosk.screens import window

    window.configure(size_px, fullscreen=fullscreen)
    asyncio.run(_run(main, pilot_socket, language))


async def _run(main: Callable[[Ui], Awaitable[None]], pilot_socket: Path | None, language: str) -> None:
    """Window, flows and pilot side by side; the first of window and flows to end ends all."""
    from kiosk.screens import window
    from kiosk.screens.kiosk_app import KioskApp
    from kiosk.screens.presenter import KivyUi

    window.open_window()
    ui = KivyUi(language, _voice())
    app = KioskApp(ui.frame)
    stop = _stop_on_signals()
    ui.start_watching()
    pilot = await _start_pilot(ui, pilot_socket)
    tasks = [asyncio.create_task(job) for job in (app.async_run("asyncio"), _flows(main, ui), _until(stop))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(tasks, app)
        if pilot is not None:
            await pilot.close()
    if tasks[1].done() and not tasks[1].cancelled():
        tasks[1].result()  # raises what the flows raised


async def _flows(main: Callable[[Ui], Awaitable[None]], ui: KivyUi) -> None:
    await main(ui)


async def _until(event: asyncio.Event) -> None:
    await event.wait()


async def _end(tasks: list[asyncio.Task[None]], app: KioskApp) -> None:
    """Flows are cancelled first, so that devices are given back while the window still stands."""
    window_task, flows, waiting = tasks
    for task in (flows, waiting):
        task.cancel()
    await asyncio.gather(flows, waiting, return_exceptions=True)
    app.stop()
    await asyncio.gather(window_task, return_exceptions=True)


def _stop_on_signals() -> asyncio.Event:
    """Set when the process is asked to end. Installed after the window: SDL would swallow SIGTERM otherwise."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _start_pilot(ui: KivyUi, socket_path: Path | None) -> PilotServer | None:
    if socket_path is None:
        return None
    from kiosk.pilot import PilotServer
    from kiosk.screens.hands import Hands

    server = PilotServer(Hands(ui), socket_path)
    await server.start()
    return server


def _voice() -> SpokenVoice:
    from kiosk.prompts.sentence_maker import SentenceMaker
    from kiosk.prompts.spoken_voice import SpokenVoice
    from kiosk.screens.loudspeaker import Loudspeaker

    return SpokenVoice(SentenceMaker(PROMPT_DIR), Loudspeaker())
