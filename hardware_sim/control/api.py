"""The endpoints of the control API."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from fastapi import FastAPI, Request
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from domain.errors import ProjectError
from hardware_sim.card.faults import FaultKind
from hardware_sim.card_box import CardNotInBox
from hardware_sim.control.messages import (
    CardState,
    CopyCard,
    DeskState,
    InsertCard,
    OrderCardFault,
    PersonState,
    PlaceFinger,
    SetFault,
    SetRoad,
    ShowFace,
)
from hardware_sim.control.state import card_state, card_states, desk_state, people_states
from hardware_sim.desk.devices import Device, NoSuchFault, device_switches
from hardware_sim.desk.readers import NoCardInReader
from hardware_sim.desk.simulated_desk import SimulatedDesk
from hardware_sim.faces import draw_portrait
from hardware_sim.fingers.finger import WINDOW_HEIGHT_PX, WINDOW_WIDTH_PX, NoSuchFinger
from hardware_sim.people import Part, get_person

BENCH_PAGE = Path(__file__).parent.parent / "bench_page"
NOT_FOUND = (CardNotInBox, NoSuchFinger, NoSuchFault)
PORTRAIT_WIDTH_PX = 240
PORTRAIT_CROP = slice(150, 810)
NO_STORE = {"Cache-Control": "no-store"}

Reader = Annotated[int, PathParameter(ge=0, le=1)]


def make_app(desk: SimulatedDesk, control_url: str) -> FastAPI:
    """The control API of a running desk. What changes the desk is done one thing at a time."""
    app = FastAPI(title=f"Simulated desk {desk.name}", docs_url=None, redoc_url=None)
    app.add_exception_handler(ProjectError, _tell_error)
    changing = threading.Lock()
    _add_looking(app, desk, control_url)
    _add_cards(app, desk, changing)
    _add_person(app, desk, changing)
    _add_devices(app, desk, changing)
    _add_printed(app, desk)
    app.mount("/", StaticFiles(directory=BENCH_PAGE, html=True))
    return app


async def _tell_error(_: Request, error: Exception) -> JSONResponse:
    code = error.code if isinstance(error, ProjectError) else "simulator.failed"
    return JSONResponse({"code": code, "detail": str(error)}, 404 if isinstance(error, NOT_FOUND) else 409)


def _add_looking(app: FastAPI, desk: SimulatedDesk, control_url: str) -> None:
    @app.get("/state")
    def state() -> DeskState:
        return desk_state(desk, control_url)

    @app.get("/people")
    def people() -> list[PersonState]:
        return people_states(desk, datetime.now(UTC).date())

    @app.get("/cards")
    def cards() -> list[CardState]:
        return card_states(desk)

    @app.get("/camera.jpg")
    def camera_picture() -> Response:
        return Response(desk.camera.jpeg(0), media_type="image/jpeg", headers=NO_STORE)

    @app.get("/finger.png")
    def finger_picture() -> Response:
        pixels = desk.hand.picture
        if pixels is None:
            return Response(status_code=404)
        return Response(_finger_png(pixels), media_type="image/png", headers=NO_STORE)

    @app.get("/people/{part}.jpg")
    def portrait(part: Part) -> Response:
        return Response(_portrait_jpeg(part), media_type="image/jpeg")


def _add_cards(app: FastAPI, desk: SimulatedDesk, changing: threading.Lock) -> None:
    @app.post("/readers/{reader}/insert")
    def insert(reader: Reader, wanted: InsertCard) -> CardState | None:
        with changing:
            serial = desk.readers.insert(reader, wanted.card)
        return next((card for card in card_states(desk) if card.serial == serial), None)

    @app.post("/readers/{reader}/remove", status_code=204)
    def remove(reader: Reader) -> None:
        with changing:
            desk.readers.remove(reader)

    @app.post("/readers/{reader}/fault", status_code=204)
    def card_fault(reader: Reader, wanted: OrderCardFault) -> None:
        if wanted.kind not in FaultKind.__members__:
            raise NoSuchFault(f"cards have no fault {wanted.kind}", fault=wanted.kind)
        with changing:
            desk.readers.order_fault(reader, FaultKind[wanted.kind], wanted.in_commands)

    @app.post("/readers/{reader}/clear-faults", status_code=204)
    def clear_card_faults(reader: Reader) -> None:
        card = desk.readers.card_in(reader)
        if card is None:
            raise NoCardInReader(f"There is no card in reader {reader}", reader=reader)
        card.faults.clear()

    @app.post("/cards/blank", status_code=201)
    def new_blank() -> CardState:
        serial = desk.readers.box.new_blank()
        return CardState(serial=serial, number=None, can=None, kind="blank")

    @app.post("/cards/copy", status_code=201)
    def copy(wanted: CopyCard) -> CardState:
        return card_state(desk.readers.box.copy_without_keys(wanted.number))


def _add_person(app: FastAPI, desk: SimulatedDesk, changing: threading.Lock) -> None:
    @app.post("/finger/place", status_code=204)
    def place(wanted: PlaceFinger) -> None:
        with changing:
            desk.hand.place(
                wanted.person,
                wanted.position,
                wanted.condition,
                impression=wanted.impression,
                lift_after_s=wanted.lift_after_s,
            )

    @app.post("/finger/lift", status_code=204)
    def lift() -> None:
        with changing:
            desk.hand.lift()

    @app.post("/camera/show", status_code=204)
    def show(wanted: ShowFace) -> None:
        with changing:
            desk.show_face(wanted.person)


def _add_devices(app: FastAPI, desk: SimulatedDesk, changing: threading.Lock) -> None:
    switches = device_switches(desk)

    @app.post("/devices/{device}/unplug", status_code=204)
    def unplug(device: Device) -> None:
        with changing:
            switches[device].unplug()

    @app.post("/devices/{device}/replug", status_code=204)
    def replug(device: Device) -> None:
        with changing:
            switches[device].plug()

    @app.post("/devices/{device}/fault", status_code=204)
    def fault(device: Device, wanted: SetFault) -> None:
        switches[device].set_fault(wanted.fault, wanted.uses)

    @app.post("/road", status_code=204)
    def road(wanted: SetRoad) -> None:
        if wanted.latency_s is not None:
            desk.network.latency_s = wanted.latency_s
        if wanted.late_s is not None:
            desk.network.late_s = wanted.late_s
        if wanted.bytes_per_s is not None:
            desk.network.bytes_per_s = wanted.bytes_per_s or None

    @app.post("/all-well", status_code=204)
    def all_well() -> None:
        with changing:
            for switch in switches.values():
                if not switch.is_plugged():
                    switch.plug()
                if switch.faults is not None:
                    switch.faults.clear()
            desk.network.latency_s, desk.network.bytes_per_s = 0.0, None


def _add_printed(app: FastAPI, desk: SimulatedDesk) -> None:
    @app.get("/receipts/{name}.png")
    def receipt(name: str) -> Response:
        return _file(desk.receipt_printer.receipts(), f"{name}.png")

    @app.get("/card-faces/{name}")
    def card_face(name: str) -> Response:
        return _file(desk.card_printer.faces(), name)


def _file(printed: list[Path], name: str) -> Response:
    """One of the printed files; a name that is none of them is never looked up."""
    path = next((path for path in printed if path.name == name), None)
    return Response(status_code=404) if path is None else FileResponse(path)


def _finger_png(pixels: bytes) -> bytes:
    grey = np.frombuffer(pixels, np.uint8).reshape(WINDOW_HEIGHT_PX, WINDOW_WIDTH_PX)
    return cv2.imencode(".png", grey)[1].tobytes()


@lru_cache(maxsize=32)
def _portrait_jpeg(part: Part) -> bytes:
    drawn = draw_portrait(get_person(part).face)[:, PORTRAIT_CROP]
    height = round(PORTRAIT_WIDTH_PX * drawn.shape[0] / drawn.shape[1])
    small = cv2.resize(drawn, (PORTRAIT_WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))[1].tobytes()
