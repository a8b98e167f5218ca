"""Live pictures of a scanner: taken whole, or refused."""

import contextlib
import io
import itertools
from datetime import UTC, datetime

import pytest
from PIL import Image

from enrolment.devices.ports import SensorError, SensorGarbage, SensorUnplugged
from enrolment.devices.sbi.preview import read_frames, stream_preview
from hardware_sim.sbi_device import SbiDeviceSim
from hardware_sim.sbi_device.credentials import make_credentials

JPEG = b"\xff\xd8picture\xff\xd9"
PART = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 11\r\n\r\n" + JPEG + b"\r\n"


def read(data):
    return list(read_frames(io.BytesIO(data), b"frame"))


def test_live_pictures_come_over_the_interfaces_own_verb_and_show_the_finger():
    with SbiDeviceSim(credentials=make_credentials(datetime.now(UTC))) as sim:
        stream = stream_preview(sim.port, "1")
        empty = Image.open(io.BytesIO(next(stream)))
        assert (empty.size, empty.getpixel((128, 144))) == ((256, 288), 255)
        sim.place(bytes(256 * 288))
        dark = (Image.open(io.BytesIO(jpeg)).getpixel((128, 144)) for jpeg in itertools.islice(stream, 5))
        assert min(dark) < 20
        sim.unplug()
        with contextlib.suppress(SensorError):  # what was on its way still comes, whole or cut
            list(stream)
        with pytest.raises(SensorUnplugged):
            next(stream_preview(sim.port, "1"))


def test_pictures_are_read_one_by_one_until_the_stream_ends():
    assert read(b"") == []
    assert read(PART + PART) == [JPEG, JPEG]
    assert read(PART + b"--frame--\r\n" + b"anything") == [JPEG]


def test_a_stream_cut_inside_a_part_is_refused_at_every_byte():
    for size in range(1, len(PART) - len(b"\r\n")):
        with pytest.raises(SensorGarbage):
            read(PART[:size])


@pytest.mark.parametrize(
    "spoilt",
    [
        b"<html>",
        PART.replace(b"frame", b"other"),
        PART.replace(b"11", b"0"),
        PART.replace(b"11", b"99999999"),
        PART.replace(b"11", b"10"),
        PART.replace(b"Content-Length: 11\r\n", b""),
        PART.replace(b"picture", b"pictur"),
        b"--frame\r\n" + b"X: y\r\n" * 40 + PART,
    ],
)
def test_what_is_no_stream_of_whole_pictures_is_refused(spoilt):
    with pytest.raises(SensorGarbage):
        read(spoilt)
