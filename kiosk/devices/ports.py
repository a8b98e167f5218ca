"""What the flows ask of the desk's devices. Every call ends by its deadline; each may raise DeviceFailed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.cards import CardProfile
from domain.errors import ProjectError
from domain.fingers import FingerPosition
from domain.verification import Verdict
from enrolment.devices.ports import CameraFrame, FingerImage
from kiosk.devices.failure import Health


@dataclass(frozen=True, slots=True)
class FingerReading:
    """A picture made into a template. ``template`` (ISO/IEC 19794-2) is empty when the quality (0–100) is 0."""

    template: bytes = field(repr=False)
    quality: int
    hint_keys: tuple[str, ...]
    #: The very picture was seen before on this desk: two touches of a living finger always differ.
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a probe looks like the best finger of a record.

    ``false_match_rate`` is the share of comparisons of different fingers that look at least so much alike, and
    ``compared`` how many fingers of the record were looked at.
    """

    position: FingerPosition
    false_match_rate: float
    compared: int = 1

    @property
    def evidence(self) -> int:
        """Ten times the negative decimal logarithm of the rate, 0–90 (FingerRecord.pair_evidence)."""
        return min(90, max(0, round(-10 * math.log10(max(self.false_match_rate, 1e-9)))))


@dataclass(frozen=True, slots=True)
class PortraitVerdict:
    """Named check and whether it passed; ``jpeg`` is the cropped portrait where one was asked for."""

    scores: dict[str, int]
    passed: dict[str, bool]
    hint_keys: tuple[str, ...]
    is_acceptable: bool
    has_face: bool
    jpeg: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class OtherFinger:
    """The sensor can tell fingers apart, and saw another one than it was asked for."""


class FingerReader(Protocol):
    async def wait_for_finger(self, *, timeout_s: float, expected: FingerPosition = FingerPosition.UNKNOWN) -> bool:
        """True when a finger lies on the window, any finger, False when the time is up.

        ``expected`` is told to sensors that can tell fingers apart.
        """
        ...

    async def wait_for_no_finger(self, *, timeout_s: float) -> bool: ...

    async def capture(self, expected: FingerPosition = FingerPosition.UNKNOWN) -> FingerImage | OtherFinger | None:
        """None when the finger was lifted too early; OtherFinger, and no picture, for one that was not expected."""
        ...

    async def check(self) -> Health: ...


@dataclass(frozen=True, slots=True)
class QrLook:
    """A frame of the camera, and the text of the code in it."""

    frame: CameraFrame
    text: str | None = field(repr=False)


class LiveCamera(Protocol):
    async def latest(self, *, after: int = -1) -> CameraFrame | None:
        """A frame newer than sequence ``after``; None when none came in time."""
        ...

    async def read_qr(self, *, after: int = -1) -> QrLook | None:
        """Such a frame, and the text of the QR code in it where one can be read."""
        ...

    async def check(self) -> Health: ...


class BiometricWork(Protocol):
    """Extraction and comparison, away from the process that draws."""

    async def extract(self, image: FingerImage, position: FingerPosition) -> FingerReading: ...

    async def match(self, probe: bytes, references: Sequence[bytes]) -> list[FingerPosition | None]:
        """For each record (one or more fingers) the finger that is the probe's, at the desk's false match rate."""
        ...

    async def likeness(self, probe: bytes, references: Sequence[bytes]) -> list[Likeness]:
        """For each record how much its likeliest finger looks like the probe: for decisions over a whole visit."""
        ...

    async def shrink_picture(self, frame: CameraFrame, *, max_bytes: int) -> bytes:
        """The whole frame as a JPEG of at most that size."""
        ...

    async def check_portrait(self, frame: CameraFrame) -> PortraitVerdict: ...

    async def crop_portrait(self, frame: CameraFrame, *, max_bytes: int) -> PortraitVerdict: ...

    async def check(self) -> Health: ...


@dataclass(frozen=True, slots=True)
class FaceModelCard:
    """Which face model a desk has, and what its programme states about it; in thousandths of the cosine."""

    name: str
    sha256: str
    threshold_thousandths: int
    one_in: int


@dataclass(frozen=True, slots=True)
class FaceAdvice:
    """What a model says of a living face and a photograph; a score only where two faces were compared."""

    verdict: Verdict
    score_thousandths: int | None = None
    #: Why it could not check: biometrics.face_matching.NotCompared.
    not_compared: str | None = None


class FaceWork(Protocol):
    """A face model in its process."""

    @property
    def model(self) -> FaceModelCard: ...

    async def compare(self, frame: CameraFrame, portrait: bytes) -> FaceAdvice:
        """The advice on the face before the camera and the photograph in a file (JPEG or PNG)."""
        ...

    async def check(self) -> Health: ...


@dataclass(frozen=True, slots=True)
class GalleryFind:
    """Somebody of the gallery who looks like the person searched for.

    ``matching`` fingers given match at a false match rate of one in ten thousand; the best pair looks so much alike
    as ``best_rate`` of all pairs of different fingers do.
    """

    subject: str
    matching: int
    best_rate: float


@dataclass(frozen=True, slots=True)
class GalleryAnswer:
    """``is_complete`` False: the time was over, the likeliest were compared and others were not."""

    finds: tuple[GalleryFind, ...]
    people: int
    is_complete: bool


class GalleryBroken(ProjectError):
    """The gallery on disk does not open: it must be filled anew, never searched in part."""

    code = "gallery.broken"
    message_key = "error.device"


class GalleryWork(Protocol):
    """The sealed gallery of the area, in the process that matches. Each may raise DeviceFailed or GalleryBroken."""

    async def open(self, directory: str, key: bytes) -> list[str]:
        """Everybody in it; an empty directory begins a new one. Opened before, it is opened anew."""
        ...

    async def put(self, people: Mapping[str, Sequence[bytes]]) -> None:
        """Holds these people with exactly these fingers (ISO/IEC 19794-2); on disk when it returns."""
        ...

    async def remove(self, subjects: Sequence[str]) -> None: ...

    async def search(self, fingers: Sequence[bytes], *, budget_s: float) -> GalleryAnswer: ...

    async def close(self) -> None:
        """Lets go of the directory."""
        ...


class ReceiptPrinter(Protocol):
    async def print_picture(self, png: bytes) -> None: ...

    async def check(self) -> Health: ...


class CardPrinter(Protocol):
    async def print_face(self, card_number: str, can: str, document: bytes, profile: CardProfile) -> None:
        """A PNG or PDF of the face, onto the card that lies in the holder's reader."""
        ...

    async def check(self) -> Health: ...
