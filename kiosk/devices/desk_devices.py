"""All devices of the desk, each in its process."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.devices.card_reader import RemoteCardReader
from kiosk.devices.failure import DeviceName
from kiosk.devices.remote_devices import (
    RemoteBiometrics,
    RemoteCamera,
    RemoteCardPrinter,
    RemoteFaces,
    RemoteFingerReader,
    RemoteReceiptPrinter,
)
from kiosk.devices.remote_gallery import RemoteGallery
from kiosk.devices.worker import Setting, Worker, WorkerPlan
from kiosk.settings import DeskPlan, FaceModelPlan, SensorKind

_SERVANTS = "kiosk.devices.servants"
_PCSC_SOCKET = "PCSCLITE_CSOCK_NAME"


@dataclass(frozen=True, slots=True)
class DeskDevices:
    """What the flows are handed, and the processes behind it."""

    holder_reader: RemoteCardReader
    officer_reader: RemoteCardReader
    finger_reader: RemoteFingerReader
    camera: RemoteCamera
    biometrics: RemoteBiometrics
    gallery: RemoteGallery
    receipt_printer: RemoteReceiptPrinter
    card_printer: RemoteCardPrinter
    workers: tuple[Worker, ...]
    #: None where the desk has no face model.
    faces: RemoteFaces | None = None

    def start(self) -> None:
        """Start every process, so that the first person does not wait for it."""
        for worker in self.workers:
            worker.start()

    def close(self) -> None:
        """End every process."""
        for reader in (self.holder_reader, self.officer_reader):
            reader.close()
        for worker in self.workers:
            worker.close()


def plan_workers(desk: DeskPlan) -> tuple[WorkerPlan, ...]:
    """One process for each device that every desk has."""
    pcsc = {_PCSC_SOCKET: desk.pcsc_socket} if desk.pcsc_socket else {}
    holder, officer = desk.reader_names
    printer: dict[str, Setting] = {"host": desk.receipt_printer_host, "port": desk.receipt_printer_port}
    biometrics: dict[str, Setting] = {"nfiq2_command": desk.nfiq2_command} if desk.nfiq2_command else {}
    return (
        WorkerPlan(DeviceName.CARD_READER, f"{_SERVANTS}.card_reader_servant:make", {"reader": holder}, pcsc),
        WorkerPlan(DeviceName.OFFICER_READER, f"{_SERVANTS}.card_reader_servant:make", {"reader": officer}, pcsc),
        plan_finger_worker(desk),
        WorkerPlan(DeviceName.CAMERA, f"{_SERVANTS}.camera_servant:make", {"source": desk.camera_url}),
        WorkerPlan(DeviceName.BIOMETRICS, f"{_SERVANTS}.biometrics_servant:make", biometrics),
        WorkerPlan(DeviceName.RECEIPT_PRINTER, f"{_SERVANTS}.receipt_printer_servant:make", printer),
        WorkerPlan(
            DeviceName.CARD_PRINTER, f"{_SERVANTS}.card_printer_servant:make", {"target": desk.card_printer_url}
        ),
    )


def plan_finger_worker(desk: DeskPlan) -> WorkerPlan:
    """The process of the finger sensor that this desk has."""
    if desk.sensor_kind is SensorKind.SBI:
        scanner: dict[str, Setting] = {
            "trust": desk.sensor_trust,
            "environment": desk.sensor_environment,
            "first_port": desk.sensor_first_port,
            "last_port": desk.sensor_last_port,
        }
        return WorkerPlan(DeviceName.FINGERPRINT, f"{_SERVANTS}.sbi_servant:make", scanner)
    sensor: dict[str, Setting] = {"port": desk.sensor_port, "baud": desk.sensor_baud}
    return WorkerPlan(DeviceName.FINGERPRINT, f"{_SERVANTS}.fingerprint_servant:make", sensor)


def plan_face_worker(model: FaceModelPlan) -> WorkerPlan:
    """The process of a face model, apart from that of the fingers: neither can hold up the other."""
    return WorkerPlan(DeviceName.FACES, f"{_SERVANTS}.face_servant:make", model.model_dump())


def make_devices(desk: DeskPlan) -> DeskDevices:
    """The devices of that desk; no process runs yet."""
    workers = tuple(Worker(plan) for plan in plan_workers(desk))
    holder, officer, finger, camera, biometrics, receipts, cards = workers
    faces = None if desk.face_model is None else Worker(plan_face_worker(desk.face_model))
    return DeskDevices(
        holder_reader=RemoteCardReader(holder),
        officer_reader=RemoteCardReader(officer),
        finger_reader=RemoteFingerReader(finger),
        camera=RemoteCamera(camera),
        biometrics=RemoteBiometrics(biometrics),
        gallery=RemoteGallery(biometrics),
        receipt_printer=RemoteReceiptPrinter(receipts),
        card_printer=RemoteCardPrinter(cards),
        workers=workers if faces is None else (*workers, faces),
        faces=None if faces is None or desk.face_model is None else RemoteFaces(faces, desk.face_model),
    )
