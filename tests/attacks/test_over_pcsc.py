"""A chosen dozen of the defect cards on the path that every real card goes: pyscard, pcsclite, pcscd, vpcd."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from card_service.trust import encode_trust_anchors
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.pcscd import PcscUnavailable, PrivatePcscd
from tests.attacks.country import genuine_card, home
from tests.attacks.defect_cards import Defect
from tests.attacks.test_catalogue import CATALOGUE
from tests.unit.card_service_terminal.registry import TODAY

pytestmark = pytest.mark.pcsc
ROOT = Path(__file__).parents[2]
CHOSEN = (
    "copied files without the keys",
    "copy without DG14",
    "copy whose EF.COM lists DG1 alone",
    "all files of one card on the chip of another",
    "DG13 of another genuine card",
    "one bit of DG2 changed",
    "portrait of 65,535 by 65,535 pixels",
    "self-signed signer",
    "expired signer",
    "digest SHA-1",
    "EF.SOD cut off in the middle",
    "statement of another card",
    "card without its activation record",
    "blank chip",
)
#: A process of its own: PC/SC reads where its daemon is only when it is loaded. One line in: verify; one line out.
WORKER = """
import sys
from datetime import date
from pathlib import Path
from card_service.pcsc import open_reader, wait_for_card, wait_for_removal
from card_service.trust import decode_trust_anchors
from card_service.verification import RevokedCards, verify_card
reader, anchors = sys.argv[1], decode_trust_anchors(Path(sys.argv[2]).read_text(encoding="utf-8"))
on = date.fromisoformat(sys.argv[3])
for _ in sys.stdin:
    wait_for_card(reader, 5.0)
    with open_reader(reader) as connection:
        result = verify_card(connection, anchors, on=on, revoked=RevokedCards())
    print(result.verdict, result.reason or "", flush=True)
"""


@pytest.fixture(scope="module")
def daemon() -> Iterator[PrivatePcscd]:
    with tempfile.TemporaryDirectory(prefix="sw-") as directory:
        running = PrivatePcscd(Path(directory))
        try:
            running.start()
        except PcscUnavailable as missing:
            pytest.skip(str(missing))
        with running:
            yield running


class Verifier:
    """The product's check in its worker process."""

    def __init__(self, daemon: PrivatePcscd, trust: Path) -> None:
        self._daemon = daemon
        trust.write_text(encode_trust_anchors(home().anchors), encoding="utf-8")
        command = [sys.executable, "-c", WORKER, daemon.reader_names[0], str(trust), TODAY.isoformat()]
        environment = {**os.environ, "PCSCLITE_CSOCK_NAME": str(daemon.socket_path), "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def check(self, card: VirtualCard) -> str:
        """Verdict and reason on a card that is put in and taken out again."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        slot = self._daemon.slot(0)
        slot.insert(card)
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
            return self._process.stdout.readline().strip()
        finally:
            slot.remove()

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.communicate()


@pytest.fixture(scope="module")
def verifier(daemon: PrivatePcscd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verifier]:
    made = Verifier(daemon, tmp_path_factory.mktemp("trust") / "anchors.json")
    yield made
    made.close()


def chosen() -> list[Defect]:
    by_name = {defect.name: defect for defect in CATALOGUE}
    return [by_name[name] for name in CHOSEN]


def test_a_dozen_defect_cards_end_the_same_way_over_pcsc(verifier: Verifier) -> None:
    assert verifier.check(genuine_card().chip()) == "verified"
    seen: dict[str, str] = {}
    for defect in chosen():
        made = defect.make()
        assert isinstance(made, VirtualCard)
        seen[defect.name] = verifier.check(made)
    print(f"\n{len(seen)} defect cards over PC/SC: {seen}")  # noqa: T201
    assert seen == {defect.name: str(defect.expected) for defect in chosen()}
    assert verifier.check(genuine_card().chip()) == "verified"
