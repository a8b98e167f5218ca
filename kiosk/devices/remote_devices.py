"""The desk's devices as coroutines over their processes."""

from __future__ import annotations

from collections.abc import Sequence

from domain.cards import CardProfile
from domain.fingers import FingerPosition
from domain.sensors import SensorIdentity
from domain.verification import Verdict
from enrolment.devices.ports import CameraFrame, FingerImage
from kiosk.devices.failure import DeviceFailed, FailureReason, Health, WorkerAnswer
from kiosk.devices.frames import Value
from kiosk.devices.ports import (
    FaceAdvice,
    FaceModelCard,
    FingerReading,
    Likeness,
    OtherFinger,
    PortraitVerdict,
    QrLook,
)
from kiosk.devices.worker import Worker
from kiosk.settings import FaceModelPlan

_CHECK_S = 6.0
#: A picture takes 7 s at 57,600 baud and is read twice, or three times when the two differ.
_CAPTURE_S = 40.0
_FRAME_S = 2.5
#: A frame, and a look for a code in it at two sizes.
_QR_S = 10.0
_BIOMETRIC_S = 8.0
_FACE_S = 5.0
_NOT_CHECKED = Verdict.COULD_NOT_CHECK.value
_CHECKED = frozenset({Verdict.VERIFIED.value, Verdict.FAILED.value})
_PRINT_S = 15.0
_POSITIONS = frozenset(int(position) for position in FingerPosition)
#: On top of a wait that the device itself ends.
_MARGIN_S = 3.0
#: One in ten thousand comparisons of different fingers is taken for a match (name of biometrics.thresholds.FMR).
DESK_FMR = "ONE_IN_10_000"


class RemoteDevice:
    """What all have: a process and a health."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    @property
    def health(self) -> Health:
        return self._worker.health

    async def check(self) -> Health:
        """Ask the device now; never raises."""
        try:
            await self._worker.call("check", deadline_s=_CHECK_S)
        except (DeviceFailed, WorkerAnswer):
            return self._worker.health
        return self._worker.health

    def _refused(self) -> DeviceFailed:
        self._worker.health = Health(self._worker.device, is_working=False, reason=FailureReason.GARBAGE)
        return DeviceFailed(self._worker.device, FailureReason.GARBAGE)

    async def _call(self, method: str, args: dict[str, Value], deadline_s: float) -> Value:
        """Like the worker's, with an error that the driver named made into DeviceFailed."""
        try:
            return await self._worker.call(method, args, deadline_s=deadline_s)
        except WorkerAnswer as error:
            raise DeviceFailed(self._worker.device, FailureReason.REFUSED) from error


class RemoteFingerReader(RemoteDevice):
    """kiosk.devices.ports.FingerReader over its process."""

    async def wait_for_finger(self, *, timeout_s: float, expected: FingerPosition = FingerPosition.UNKNOWN) -> bool:
        return await self._wait("wait_for_finger", timeout_s, {"expected": int(expected)})

    async def wait_for_no_finger(self, *, timeout_s: float) -> bool:
        return await self._wait("wait_for_no_finger", timeout_s, {})

    async def capture(self, expected: FingerPosition = FingerPosition.UNKNOWN) -> FingerImage | OtherFinger | None:
        answer = await self._call("capture", {"expected": int(expected)}, _CAPTURE_S)
        if answer is None:
            return None
        match answer:
            case {"other_finger": True}:
                return OtherFinger()
            case {"pixels": bytes(pixels), "width": int(width), "height": int(height), "dpi": int(dpi), **rest}:
                nfiq2, sensor = rest.get("nfiq2"), _sensor(rest.get("sensor"))
                return FingerImage(pixels, width, height, dpi, nfiq2 if isinstance(nfiq2, int) else None, sensor)
        raise self._refused()

    async def _wait(self, method: str, timeout_s: float, args: dict[str, Value]) -> bool:
        # The process itself stops at the shorter deadline it is told; the margin is for the line.
        answer = await self._call(method, {"timeout_s": timeout_s, **args}, timeout_s + _MARGIN_S)
        return answer is True


class RemoteCamera(RemoteDevice):
    """kiosk.devices.ports.LiveCamera over its process."""

    async def latest(self, *, after: int = -1) -> CameraFrame | None:
        answer = await self._call("latest", {"after": after, "max_age_s": 1.0, "timeout_s": _FRAME_S}, _FRAME_S * 2)
        if answer is None:
            return None
        match answer:
            case {"rgb": bytes(rgb), "width": int(width), "height": int(height), "sequence": int(sequence)}:
                return CameraFrame(rgb, width, height, sequence)
        raise self._refused()

    async def read_qr(self, *, after: int = -1) -> QrLook | None:
        answer = await self._call("read_qr", {"after": after, "max_age_s": 1.0, "timeout_s": _FRAME_S}, _QR_S)
        if answer is None:
            return None
        match answer:
            case {"rgb": bytes(rgb), "width": int(width), "height": int(height), "sequence": int(number), "qr": text}:
                return QrLook(CameraFrame(rgb, width, height, number), text if isinstance(text, str) else None)
        raise self._refused()


class RemoteBiometrics(RemoteDevice):
    """kiosk.devices.ports.BiometricWork over its process."""

    async def extract(self, image: FingerImage, position: FingerPosition) -> FingerReading:
        args: dict[str, Value] = {
            "pixels": image.pixels,
            "width": image.width_px,
            "height": image.height_px,
            "dpi": image.dpi,
            "position": int(position),
            "nfiq2": image.nfiq2,
        }
        answer = await self._call("extract", args, _BIOMETRIC_S)
        match answer:
            case {"template": bytes(template), "quality": int(quality), "hints": list(hints), **rest}:
                is_repeated = rest.get("repeated") is True
                return FingerReading(template, quality, tuple(str(hint) for hint in hints), is_repeated)
        raise self._refused()

    async def match(self, probe: bytes, references: Sequence[bytes]) -> list[FingerPosition | None]:
        args: dict[str, Value] = {"probe": probe, "references": list(references), "fmr": DESK_FMR}
        answer = await self._call("match", args, _BIOMETRIC_S)
        if not isinstance(answer, list) or len(answer) != len(references):
            raise self._refused()
        return [FingerPosition(each) if isinstance(each, int) and each in _POSITIONS else None for each in answer]

    async def likeness(self, probe: bytes, references: Sequence[bytes]) -> list[Likeness]:
        args: dict[str, Value] = {"probe": probe, "references": list(references)}
        answer = await self._call("likeness", args, _BIOMETRIC_S)
        if not isinstance(answer, list) or len(answer) != len(references):
            raise self._refused()
        return [self._likeness(each) for each in answer]

    def _likeness(self, answer: Value) -> Likeness:
        match answer:
            case {"position": int(position), "fmr": float(rate), "compared": int(compared)} if position in _POSITIONS:
                return Likeness(FingerPosition(position), rate, compared)
        raise self._refused()

    async def shrink_picture(self, frame: CameraFrame, *, max_bytes: int) -> bytes:
        answer = await self._call("shrink_picture", {**_frame_args(frame), "max_bytes": max_bytes}, _BIOMETRIC_S)
        if not isinstance(answer, bytes):
            raise self._refused()
        return answer

    async def check_portrait(self, frame: CameraFrame) -> PortraitVerdict:
        return self._verdict(await self._call("check_portrait", _frame_args(frame), _BIOMETRIC_S))

    async def crop_portrait(self, frame: CameraFrame, *, max_bytes: int) -> PortraitVerdict:
        args = {**_frame_args(frame), "max_bytes": max_bytes}
        return self._verdict(await self._call("crop_portrait", args, _BIOMETRIC_S))

    def _verdict(self, answer: Value) -> PortraitVerdict:
        if not isinstance(answer, dict) or not isinstance(answer.get("checks"), list):
            raise self._refused()
        checks = answer["checks"]
        assert isinstance(checks, list)
        rows = [check for check in checks if isinstance(check, dict)]
        jpeg, score_of = answer.get("jpeg"), _score
        return PortraitVerdict(
            scores={str(row.get("name")): score_of(row) for row in rows},
            passed={str(row.get("name")): row.get("passed") is True for row in rows},
            hint_keys=tuple(str(row.get("hint_key")) for row in rows if row.get("passed") is not True),
            is_acceptable=answer.get("acceptable") is True,
            has_face=answer.get("has_face") is True,
            jpeg=jpeg if isinstance(jpeg, bytes) else b"",
        )


def _sensor(answer: object) -> SensorIdentity | None:
    """Who took the picture; None where the driver does not say it in a way that we understand."""
    try:
        return None if answer is None else SensorIdentity.model_validate(answer)
    except ValueError:
        return None


def _score(row: dict[str, Value]) -> int:
    score = row.get("score")
    return score if isinstance(score, int) else 0


def _frame_args(frame: CameraFrame) -> dict[str, Value]:
    return {"rgb": frame.rgb, "width": frame.width_px, "height": frame.height_px}


class RemoteFaces(RemoteDevice):
    """kiosk.devices.ports.FaceWork over its process."""

    def __init__(self, worker: Worker, plan: FaceModelPlan) -> None:
        super().__init__(worker)
        self._model = FaceModelCard(
            plan.name, plan.recogniser_sha256.lower(), round(plan.threshold * 1000), plan.one_in
        )

    @property
    def model(self) -> FaceModelCard:
        return self._model

    async def compare(self, frame: CameraFrame, portrait: bytes) -> FaceAdvice:
        answer = await self._call("compare", {**_frame_args(frame), "portrait": portrait}, _FACE_S)
        match answer:
            case {"verdict": str(verdict), "score": None, "not_compared": str(why)} if verdict == _NOT_CHECKED:
                return FaceAdvice(Verdict.COULD_NOT_CHECK, None, why)
            case {"verdict": str(verdict), "score": int(score), **_rest} if verdict in _CHECKED:
                return FaceAdvice(Verdict(verdict), score)
        raise self._refused()


class RemoteReceiptPrinter(RemoteDevice):
    """kiosk.devices.ports.ReceiptPrinter over its process."""

    async def print_picture(self, png: bytes) -> None:
        await self._call("print", {"png": png}, _PRINT_S)


class RemoteCardPrinter(RemoteDevice):
    """kiosk.devices.ports.CardPrinter over its process."""

    async def print_face(self, card_number: str, can: str, document: bytes, profile: CardProfile) -> None:
        job: dict[str, Value] = {"number": card_number, "can": can, "document": document, "profile": str(profile)}
        await self._call("print", job, _PRINT_S)
