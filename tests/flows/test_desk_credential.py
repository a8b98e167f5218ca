"""What a desk shows to cards: the newest chain of its bundle, with the links that lead older cards to it."""

from __future__ import annotations

from pathlib import Path

from domain.messages.kiosks import KioskBundle, SignedBundle
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench, make_bundle
from tests.unit.kiosk_core.kiosk_home import REGISTRY_KEY


def test_the_links_of_the_bundle_go_with_its_chain(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        assert bench.work.credential.links == ()
        plain = KioskBundle.model_validate_json(make_bundle(2).bundle_json)
        text = plain.model_copy(update={"terminal_links": (b"older root to newer",)}).model_dump_json()
        signed = SignedBundle(bundle_json=text, signature_hex=REGISTRY_KEY.sign(text.encode()).hex())
        with bench.store.database.transaction():
            bench.store.bundles.accept(signed)
        credential = bench.work.credential
        assert credential.links == (b"older root to newer",)
        assert credential.chain == bench.store.bundles.current.terminal_chain

    at_desk(visit, tmp_path)
