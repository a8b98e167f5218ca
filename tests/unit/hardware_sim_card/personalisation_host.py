"""The issuer's end of SCP03, by hand for the tests: a defect of the product's own host cannot hide one of the chip."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from card_service.apdu import CommandApdu, ResponseApdu
from tests.unit.hardware_sim_card.terminal import Terminal

MASTER = bytes(range(0x40, 0x50))
HOST_CHALLENGE = bytes.fromhex("0102030405060708")


def cmac(key: bytes, message: bytes) -> bytes:
    tag = CMAC(algorithms.AES(key))
    tag.update(message)
    return tag.finalize()


def kdf(key: bytes, constant: int, context: bytes, bits: int) -> bytes:
    return cmac(key, bytes(11) + bytes((constant, 0)) + bits.to_bytes(2, "big") + b"\x01" + context)[: bits // 8]


class Host:
    """Talks to a chip with transport keys. ``send`` is what a terminal's channel has, too."""

    def __init__(self, terminal: Terminal, master: bytes = MASTER) -> None:
        self.terminal = terminal
        serial = terminal.must("00CA0110", le=256)[1:]
        self.enc, self.mac, _ = (cmac(master, bytes((kind,)) + serial) for kind in (1, 2, 3))

    def begin(self) -> bytes:
        answer = self.terminal.must("80503000", HOST_CHALLENGE, 256)
        self.context = HOST_CHALLENGE + answer[13:21]
        self.s_enc, self.s_mac, self.s_rmac = (
            kdf(key, constant, self.context, 128) for key, constant in ((self.enc, 4), (self.mac, 6), (self.mac, 7))
        )
        self.chaining, self.counter = bytes(16), 0
        return answer

    def prove(self) -> int:
        return self.authenticate(kdf(self.s_mac, 1, self.context, 64))

    def authenticate(self, cryptogram: bytes, level: int = 0x33) -> int:
        command = self.authentic(CommandApdu(0x84, 0x82, level, 0, cryptogram))
        return self.terminal.transport.send(command).sw

    def open(self) -> Host:
        self.begin()
        assert self.prove() == 0x9000
        return self

    def authentic(self, command: CommandApdu) -> CommandApdu:
        length = len(command.data) + 8
        is_long = length > 255 or (command.le or 0) > 256
        lc = b"\x00" + length.to_bytes(2, "big") if is_long else bytes((length,))
        self.chaining = cmac(self.s_mac, self.chaining + command.header + lc + command.data)
        data = command.data + self.chaining[:8]
        return CommandApdu(command.cla, command.ins, command.p1, command.p2, data, command.le)

    def protect(self, command: CommandApdu) -> CommandApdu:
        self.counter += 1
        data = command.data
        if data:
            marked = data + b"\x80"
            padded = marked + bytes(-len(marked) % 16)
            cipher = Cipher(algorithms.AES(self.s_enc), modes.CBC(self._vector(0))).encryptor()
            data = cipher.update(padded)
        return self.authentic(CommandApdu(0x84, command.ins, command.p1, command.p2, data, command.le or 256))

    def send(self, command: CommandApdu) -> ResponseApdu:
        answer = self.terminal.transport.send(self.protect(command))
        if answer.sw != 0x9000 and answer.sw >> 8 not in (0x62, 0x63):
            assert answer.data == b""
            return answer
        data, tag = answer.data[:-8], answer.data[-8:]
        assert tag == cmac(self.s_rmac, self.chaining + data + answer.sw.to_bytes(2, "big"))[:8]
        if data:
            decryptor = Cipher(algorithms.AES(self.s_enc), modes.CBC(self._vector(0x80))).decryptor()
            data = decryptor.update(data).rstrip(b"\x00")[:-1]
        return ResponseApdu(data, answer.sw)

    def _vector(self, first: int) -> bytes:
        block = bytes((first,)) + self.counter.to_bytes(15, "big")
        return Cipher(algorithms.AES(self.s_enc), modes.CBC(bytes(16))).encryptor().update(block)
