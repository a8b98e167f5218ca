import pytest

from hardware_sim.faults import CameraFault, FaultSwitch


def test_a_fault_stays_until_it_is_cleared():
    switch = FaultSwitch(CameraFault.NONE)
    switch.set(CameraFault.DARK)
    assert [switch.use() for _ in range(3)] == [CameraFault.DARK] * 3
    switch.clear()
    assert switch.use() is CameraFault.NONE


def test_a_fault_for_two_uses_happens_twice_and_looking_does_not_count():
    switch = FaultSwitch(CameraFault.NONE)
    switch.set(CameraFault.BLACK, uses=2)
    assert switch.now is CameraFault.BLACK
    assert [switch.use() for _ in range(3)] == [CameraFault.BLACK, CameraFault.BLACK, CameraFault.NONE]


def test_a_fault_for_no_use_is_a_mistake():
    with pytest.raises(ValueError, match="at least once"):
        FaultSwitch(CameraFault.NONE).set(CameraFault.DARK, uses=0)
