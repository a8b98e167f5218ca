import struct

import pytest

from hardware_sim.fingerprint_sensor.frames import BROADCAST_ADDRESS, Frame, FrameType
from hardware_sim.fingerprint_sensor.instructions import Confirmation, Instruction
from hardware_sim.fingerprint_sensor.module import Module
from hardware_sim.fingerprint_sensor.picture import PICTURE_BYTES

PICTURE = bytes(range(256)) * (PICTURE_BYTES // 256)


def ask(module, instruction, arguments=b"", address=BROADCAST_ADDRESS):
    return module.answer(Frame(address, FrameType.COMMAND, bytes([instruction]) + arguments))


def code(answer):
    assert answer[0].type is FrameType.ACK
    return answer[0].payload[0]


@pytest.fixture
def module():
    return Module(lambda: PICTURE)


class OneSoulMatcher:
    """Takes every finger for the same one: what the buffers do is all that is tried here."""

    def characteristics(self, packed_image):
        return packed_image[:256]

    def combine(self, first, second):
        return first + second

    def score(self, first, second, security_level):
        return 90 if first[:8] == second[:8] else None


def test_a_picture_is_taken_and_sent_in_packets_of_the_size_asked_for(module):
    assert code(ask(module, Instruction.READ_IMAGE)) == Confirmation.OK
    for size_code, size in enumerate((32, 64, 128, 256)):
        ask(module, Instruction.SET_PARAMETER, bytes([6, size_code]))
        acknowledgement, *data = ask(module, Instruction.IMAGE_TO_HOST)
        assert code([acknowledgement]) == Confirmation.OK
        assert {len(frame.payload) for frame in data} == {size}
        assert [frame.type for frame in data[:-1]] == [FrameType.DATA] * (len(data) - 1)
        assert data[-1].type is FrameType.END_OF_DATA
        assert b"".join(frame.payload for frame in data) == PICTURE


def test_an_empty_window_is_no_finger_and_has_no_picture():
    empty = Module(lambda: Confirmation.NO_FINGER)
    assert code(ask(empty, Instruction.READ_IMAGE)) == Confirmation.NO_FINGER
    assert code(ask(empty, Instruction.IMAGE_TO_HOST)) == Confirmation.IMAGE_UPLOAD_FAILED
    assert code(ask(empty, Instruction.CONVERT_IMAGE, b"\x01")) == Confirmation.NO_IMAGE


def test_without_a_matcher_recognition_says_that_it_is_not_available(module):
    ask(module, Instruction.READ_IMAGE)
    for instruction, arguments in (
        (Instruction.CONVERT_IMAGE, b"\x01"),
        (Instruction.CREATE_TEMPLATE, b""),
        (Instruction.COMPARE_CHARACTERISTICS, b""),
        (Instruction.SEARCH, b"\x01\0\0\x03\xe8"),
    ):
        assert code(ask(module, instruction, arguments)) == Confirmation.UNSUPPORTED


def test_templates_are_made_kept_found_and_deleted():
    module = Module(lambda: PICTURE, matcher=OneSoulMatcher())
    ask(module, Instruction.READ_IMAGE)
    for buffer in (b"\x01", b"\x02"):
        assert code(ask(module, Instruction.CONVERT_IMAGE, buffer)) == Confirmation.OK
    assert code(ask(module, Instruction.CREATE_TEMPLATE)) == Confirmation.OK
    assert code(ask(module, Instruction.STORE_TEMPLATE, b"\x01\x01\x05")) == Confirmation.OK
    assert ask(module, Instruction.TEMPLATE_COUNT)[0].payload == b"\0\0\x01"
    index = ask(module, Instruction.TEMPLATE_INDEX, b"\x01")[0].payload[1:]
    assert index == b"\x20" + bytes(31)  # 0x105 = page 1, bit 5
    found = ask(module, Instruction.SEARCH, b"\x01\0\0\x03\xe8")[0].payload
    assert found == struct.pack(">BHH", Confirmation.OK, 0x105, 90)
    assert code(ask(module, Instruction.DELETE_TEMPLATES, b"\x01\x05\0\x01")) == Confirmation.OK
    assert code(ask(module, Instruction.LOAD_TEMPLATE, b"\x01\x01\x05")) == Confirmation.LOAD_FAILED
    assert code(ask(module, Instruction.SEARCH, b"\x01\0\0\x03\xe8")) == Confirmation.NOT_FOUND


def test_features_go_up_and_come_back_down(module):
    features = bytes(range(256)) * 2
    assert code(ask(module, Instruction.CHARACTERISTICS_TO_HOST, b"\x01")) == Confirmation.CHARACTERISTICS_UPLOAD_FAILED
    assert code(ask(module, Instruction.CHARACTERISTICS_FROM_HOST, b"\x01")) == Confirmation.OK
    for start in range(0, 512, 128):
        kind = FrameType.END_OF_DATA if start == 384 else FrameType.DATA
        assert module.answer(Frame(BROADCAST_ADDRESS, kind, features[start : start + 128])) == []
    _, *data = ask(module, Instruction.CHARACTERISTICS_TO_HOST, b"\x01")
    assert b"".join(frame.payload for frame in data) == features


def test_a_picture_can_be_given_to_the_module(module):
    assert code(ask(module, Instruction.IMAGE_FROM_HOST)) == Confirmation.OK
    module.answer(Frame(BROADCAST_ADDRESS, FrameType.END_OF_DATA, b"\x77" * 100))
    _, *data = ask(module, Instruction.IMAGE_TO_HOST)
    assert b"".join(frame.payload for frame in data)[:101] == b"\x77" * 100 + b"\xff"


def test_with_a_password_nothing_goes_before_it():
    module = Module(lambda: PICTURE)
    assert code(ask(module, Instruction.SET_PASSWORD, b"\0\0\0\x07")) == Confirmation.OK
    ask(module, Instruction.SOFT_RESET)
    assert code(ask(module, Instruction.READ_IMAGE)) == Confirmation.PASSWORD_NEEDED
    assert code(ask(module, Instruction.VERIFY_PASSWORD, b"\0\0\0\x08")) == Confirmation.WRONG_PASSWORD
    assert code(ask(module, Instruction.VERIFY_PASSWORD, b"\0\0\0\x07")) == Confirmation.OK
    assert code(ask(module, Instruction.READ_IMAGE)) == Confirmation.OK


def test_a_module_with_an_address_of_its_own_ignores_others(module):
    acknowledgement = ask(module, Instruction.SET_ADDRESS, b"\0\0\0\x05")
    assert acknowledgement[0].address == BROADCAST_ADDRESS
    assert ask(module, Instruction.READ_IMAGE, address=6) == []
    assert ask(module, Instruction.READ_IMAGE, address=5)[0].address == 5


def test_settings_out_of_range_are_refused_and_good_ones_are_told_again(module):
    for arguments in (b"\x04\x00", b"\x04\x0d", b"\x05\x06", b"\x06\x04", b"\x07\x01"):
        assert code(ask(module, Instruction.SET_PARAMETER, arguments)) == Confirmation.BAD_REGISTER
    for arguments in (b"\x04\x0c", b"\x05\x05", b"\x06\x03"):
        assert code(ask(module, Instruction.SET_PARAMETER, arguments)) == Confirmation.OK
    told = struct.unpack(">BHHHHIHH", ask(module, Instruction.READ_PARAMETERS)[0].payload)
    assert told[3:] == (1000, 5, BROADCAST_ADDRESS, 3, 12)
    assert module.baud == 115200


def test_the_notepad_keeps_its_pages(module):
    assert code(ask(module, Instruction.WRITE_NOTEPAD, b"\x0f" + b"n" * 32)) == Confirmation.OK
    assert ask(module, Instruction.READ_NOTEPAD, b"\x0f")[0].payload == b"\0" + b"n" * 32
    assert code(ask(module, Instruction.READ_NOTEPAD, b"\x10")) == Confirmation.WRONG_NOTEPAD_PAGE


def test_arguments_of_the_wrong_length_and_unknown_instructions_are_told_apart(module):
    assert code(ask(module, Instruction.VERIFY_PASSWORD, b"\0")) == Confirmation.RECEIVE_ERROR
    assert code(ask(module, 0x99)) == Confirmation.UNSUPPORTED
    assert code(ask(module, Instruction.ECHO)) == Confirmation.ECHO_OK


def test_what_pyfingerprint_never_sends_is_answered_too(module):
    assert code(ask(module, Instruction.HANDSHAKE)) == Confirmation.OK
    assert code(ask(module, Instruction.PORT_CONTROL, b"\x01")) == Confirmation.OK
    assert code(ask(module, Instruction.LIGHT, b"\x01\x80\x02\x00")) == Confirmation.OK
    assert module.light_on
    assert code(ask(module, Instruction.LIGHT, b"\x04\x00\x02\x00")) == Confirmation.OK
    assert not module.light_on
    assert code(ask(module, Instruction.LIGHT, b"\x01")) == Confirmation.RECEIVE_ERROR
    matching = Module(lambda: PICTURE, matcher=OneSoulMatcher())
    ask(matching, Instruction.READ_IMAGE)
    ask(matching, Instruction.CONVERT_IMAGE, b"\x01")
    ask(matching, Instruction.STORE_TEMPLATE, b"\x01\x00\x2a")
    assert ask(matching, Instruction.FAST_SEARCH, b"\x01\0\0\x03\xe8")[0].payload == b"\0\0\x2a\0\x5a"
    assert code(ask(matching, Instruction.FAST_SEARCH, b"\x01\0\0\0\x2a")) == Confirmation.NOT_FOUND


def test_every_instruction_of_the_manual_is_answered_by_something_else_than_not_known(module):
    for instruction in Instruction:
        answer = Module(lambda: PICTURE, matcher=OneSoulMatcher()).answer(
            Frame(BROADCAST_ADDRESS, FrameType.COMMAND, bytes([instruction]))
        )
        assert code(answer) != Confirmation.UNSUPPORTED, instruction.name


def test_the_best_of_several_templates_is_found():
    class Graded(OneSoulMatcher):
        def score(self, first, second, security_level):
            return second[0]

    module = Module(lambda: PICTURE, matcher=Graded())
    for position, grade in ((1, 40), (2, 90), (3, 60)):
        ask(module, Instruction.CHARACTERISTICS_FROM_HOST, b"\x01")
        module.answer(Frame(BROADCAST_ADDRESS, FrameType.END_OF_DATA, bytes([grade])))
        ask(module, Instruction.STORE_TEMPLATE, bytes([1, 0, position]))
    assert ask(module, Instruction.SEARCH, b"\x01\0\0\x03\xe8")[0].payload == struct.pack(">BHH", 0, 2, 90)
