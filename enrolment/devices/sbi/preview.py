"""The scanner's live pictures (STREAM): single JPEGs for the screen, never for recognition: none is signed."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO

from enrolment.devices.ports import SensorGarbage, SensorSilent, SensorUnplugged
from enrolment.devices.sbi.vocabulary import LOOPBACK, Path, Verb

LARGEST_FRAME_BYTES = 1024 * 1024
LONGEST_LINE_BYTES = 1024
MOST_HEADER_LINES = 20
#: Three frames a second are the least ("Device Stream Response").
FRAME_TIMEOUT_S = 2.0
_MULTIPART = re.compile(r'multipart/x-mixed-replace\s*;\s*boundary="?([^";]+)"?', re.IGNORECASE)
_LENGTH = re.compile(rb"content-length\s*:\s*(\d{1,8})\s*$", re.IGNORECASE)
_JPEG_START, _JPEG_END = b"\xff\xd8", b"\xff\xd9"


def stream_preview(port: int, device_id: str, *, timeout_s: float = FRAME_TIMEOUT_S) -> Iterator[bytes]:
    """JPEG after JPEG, until the caller stops or the service ends the stream.

    Raises SensorUnplugged, SensorSilent when no frame comes in time, or SensorGarbage.
    """
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_s)
    question = json.dumps({"deviceId": device_id, "deviceSubId": "0"}).encode()
    with closing(connection):
        try:
            connection.request(Verb.STREAM, Path.STREAM, question, {"Content-Type": "application/json"})
            with connection.getresponse() as response:
                found = _MULTIPART.match(response.headers.get("Content-Type", ""))
                if response.status != http.client.OK or found is None:
                    raise SensorGarbage("the device service gives no stream")
                yield from read_frames(response, found[1].removeprefix("--").encode())
        except TimeoutError as error:
            raise SensorSilent("the device service sends no picture") from error
        except (OSError, http.client.HTTPException) as error:
            raise SensorUnplugged("the device service broke off") from error


def read_frames(stream: BinaryIO | http.client.HTTPResponse, boundary: bytes) -> Iterator[bytes]:
    """The JPEGs of a multipart stream whose parts tell their length; ends where it ends between two parts.

    Raises SensorGarbage for anything else.
    """
    while True:
        line = stream.readline(LONGEST_LINE_BYTES)
        if not line or line.strip() == b"--" + boundary + b"--":
            return
        if not line.strip():
            continue
        if line.strip() != b"--" + boundary:
            raise SensorGarbage("something else among the pictures")
        yield _read_part(stream)


def _read_part(stream: BinaryIO | http.client.HTTPResponse) -> bytes:
    size = 0
    for _ in range(MOST_HEADER_LINES):
        line = stream.readline(LONGEST_LINE_BYTES).rstrip(b"\r\n")
        if not line:
            break
        found = _LENGTH.match(line)
        size = int(found[1]) if found else size
    if not 0 < size <= LARGEST_FRAME_BYTES:
        raise SensorGarbage("a picture of no length, or too long")
    jpeg = stream.read(size)
    if len(jpeg) != size or not (jpeg.startswith(_JPEG_START) and jpeg.endswith(_JPEG_END)):
        raise SensorGarbage("not a whole picture")
    return jpeg
