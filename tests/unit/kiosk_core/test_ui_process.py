"""The process that draws imports no driver: none of them could hold or crash it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DRIVERS = ("smartcard", "pyfingerprint", "serial", "cv2", "escpos", "numba")
WHOLE_KIOSK = "kiosk.core kiosk.flows.desk kiosk.flows.officer_home kiosk.joining kiosk.printing.artist kiosk.sync"


@pytest.mark.parametrize("modules", [WHOLE_KIOSK, "kiosk.headless kiosk.core", "kiosk.bootstrap kiosk.__main__"])
def test_the_ui_process_imports_no_device_package(modules: str) -> None:
    script = f"import sys\nfor name in {modules.split()}: __import__(name)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = set(done.stdout.split())
    assert "kiosk" in loaded
    assert sorted(loaded & set(DRIVERS)) == []


def test_the_harness_sees_a_driver_that_is_imported() -> None:
    script = "import sys, kiosk.devices.servants.fingerprint_servant\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "serial" in done.stdout.split()
