"""The biometrics process: pictures are decoded, fingers extracted and compared here, within a bound on memory."""

from __future__ import annotations

import resource
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

import biometrics
from biometrics.errors import ImageRefused, TemplateMalformed
from biometrics.extraction.pipeline import extract
from biometrics.images import MAX_PIXELS, GreyImage
from biometrics.iso19794 import decode_record, encode_record
from biometrics.matcher import compare
from biometrics.portrait import PortraitReport, check_portrait, crop_portrait, shrink_picture
from biometrics.replay import SeenPictures
from biometrics.template import MAX_QUALITY, Template
from biometrics.thresholds import FMR, decide, fmr_of
from domain.fingers import FingerPosition
from kiosk.devices.frames import Value
from kiosk.devices.servants import gallery_calls
from kiosk.devices.servants.gallery_calls import GalleryCalls
from kiosk.devices.servants.outside_nfiq2 import OutsideNfiq2
from kiosk.devices.servants.settings_reading import Settings, number
from kiosk.devices.serving import Call, MethodUnknown

#: No finger of a record is the probe's.
NO_MATCH = -1
_FMR_BY_NAME = {fmr.name: fmr for fmr in FMR}


class BiometricsServant:
    """Answers the calls of kiosk.devices.ports.BiometricWork and GalleryWork by their names."""

    def __init__(self, nfiq2: OutsideNfiq2 | None = None) -> None:
        self._seen = SeenPictures()
        self._nfiq2 = nfiq2
        self._gallery = GalleryCalls()

    def serve(self, method: str, args: Mapping[str, Value], _call: Call) -> Value:
        if method == "check":
            return True
        if method == "extract":
            return _extract(args, self._seen, self._nfiq2)
        if method == "match":
            return _match(args)
        if method == "likeness":
            return _likeness(args)
        if method == "shrink_picture":
            return shrink_picture(_colour_image(args), max_bytes=_integer(args, "max_bytes"))
        if method == "check_portrait":
            return _report(check_portrait(_colour_image(args)))
        if method == "crop_portrait":
            return _crop(args)
        if method.startswith(gallery_calls.PREFIX):
            return self._gallery.serve(method, args)
        raise MethodUnknown(method)

    def close(self) -> None:
        """Another process may open the gallery."""
        self._gallery.close()


def _extract(args: Mapping[str, Value], seen: SeenPictures, outside: OutsideNfiq2 | None) -> Value:
    width_px, height_px = _size(args)
    image: GreyImage = np.frombuffer(_bytes(args, "pixels"), dtype=np.uint8).reshape(height_px, width_px)
    position = FingerPosition(_integer(args, "position"))
    dpi = _integer(args, "dpi")
    found = extract(image, dpi=dpi, position=position)
    template = replace(found.template, nfiq2=_nfiq2(args, image, dpi, outside)) if found.quality else None
    return {
        "template": b"" if template is None else encode_record([template]),
        "quality": found.quality,
        "hints": [hint.hint_key for hint in found.hints],
        "minutiae": len(found.template.minutiae),
        "repeated": found.quality > 0 and seen.is_repeated(image),
    }


def _nfiq2(args: Mapping[str, Value], image: GreyImage, dpi: int, outside: OutsideNfiq2 | None) -> int | None:
    """What the sensor said, else the outside tool where one is set; our own quality never stands in for it."""
    told = args.get("nfiq2")
    if isinstance(told, int) and 0 <= told <= MAX_QUALITY:
        return told
    return None if outside is None else outside.measure(image, dpi)


def _match(args: Mapping[str, Value]) -> Value:
    """For each record the finger in it that is the probe's, at the false match rate asked for; NO_MATCH for none."""
    fmr = _FMR_BY_NAME[str(args.get("fmr"))]
    (probe, *_) = decode_record(_bytes(args, "probe"))
    records = args.get("references")
    if not isinstance(records, list):
        raise TemplateMalformed("no references")
    return [_best_finger(probe, decode_record(each), fmr) for each in records if isinstance(each, bytes)]


def _best_finger(probe: Template, views: Sequence[Template], fmr: FMR) -> int:
    score, best = max(((compare(probe, view), view) for view in views), key=lambda pair: pair[0])
    return int(best.position) if decide(score, fmr=fmr) else NO_MATCH


def _likeness(args: Mapping[str, Value]) -> Value:
    """For each record its likeliest finger, and how often different fingers look so much alike."""
    (probe, *_) = decode_record(_bytes(args, "probe"))
    records = args.get("references")
    if not isinstance(records, list):
        raise TemplateMalformed("no references")
    return [_likeliest(probe, decode_record(each)) for each in records if isinstance(each, bytes)]


def _likeliest(probe: Template, views: Sequence[Template]) -> Value:
    score, best = max(((compare(probe, view), view) for view in views), key=lambda pair: pair[0])
    return {"position": int(best.position), "fmr": fmr_of(score), "compared": len(views)}


def _report(report: PortraitReport) -> Value:
    checks: list[Value] = [
        {"name": c.name, "score": c.score, "passed": c.passed, "hint_key": c.hint_key} for c in report.checks
    ]
    return {"checks": checks, "acceptable": report.acceptable, "has_face": report.face_box is not None}


def _crop(args: Mapping[str, Value]) -> Value:
    image = _colour_image(args)
    report = check_portrait(image)
    answer = _report(report)
    assert isinstance(answer, dict)
    jpeg = crop_portrait(image, report, max_bytes=_integer(args, "max_bytes")) if report.face_box else b""
    return {**answer, "jpeg": jpeg}


def _colour_image(args: Mapping[str, Value]) -> GreyImage:
    width_px, height_px = _size(args)
    pixels = np.frombuffer(_bytes(args, "rgb"), dtype=np.uint8)
    if pixels.size != width_px * height_px * 3:
        raise ImageRefused("the pixels do not fill the picture")
    return pixels.reshape(height_px, width_px, 3)


def _size(args: Mapping[str, Value]) -> tuple[int, int]:
    width_px, height_px = _integer(args, "width"), _integer(args, "height")
    if width_px < 1 or height_px < 1 or width_px * height_px > MAX_PIXELS:
        raise ImageRefused("more pixels than allowed")
    return width_px, height_px


def _integer(args: Mapping[str, Value], name: str) -> int:
    value = args.get(name)
    if not isinstance(value, int):
        raise ImageRefused(f"{name} is missing")
    return value


def _bytes(args: Mapping[str, Value], name: str) -> bytes:
    value = args.get(name)
    if not isinstance(value, bytes):
        raise ImageRefused(f"{name} is missing")
    return value


def make(settings: Settings) -> BiometricsServant:
    """Warmed up, and never using more memory than ``memory_mb`` beyond what the libraries need."""
    biometrics.warm_up()
    limit = number(settings, "memory_mb", 4096) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    command = str(settings.get("nfiq2_command", ""))
    return BiometricsServant(OutsideNfiq2(command) if command else None)
