"""Messages that every flow needs, and the way on from each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.errors import ProjectError
from kiosk.devices.failure import DeviceFailed, DeviceName
from kiosk.flows.leaving import FlowLeft
from kiosk.registry_client import RegistryOutOfOrder, RegistryRefused, RegistryUnreachable
from kiosk.screen_models.base import Action, Tone
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.text import Text, t
from kiosk.store.database import StoreFailed
from kiosk.ui import Answer, Ui

RETRY = Action("retry", t("action.retry"), "retry", Tone.PRIMARY)
STOP = Action("stop", t("action.stop"), "stop")
OK = Action("ok", t("action.ok"), "check", Tone.PRIMARY)

_DEVICE_ICONS = {
    DeviceName.CARD_READER: "card_reader",
    DeviceName.OFFICER_READER: "card_reader",
    DeviceName.FINGERPRINT: "finger_off",
    DeviceName.CAMERA: "camera_off",
    DeviceName.FACES: "face",
    DeviceName.BIOMETRICS: "device_broken",
    DeviceName.RECEIPT_PRINTER: "printer_off",
    DeviceName.CARD_PRINTER: "printer_off",
}

Result = TypeVar("Result")


def waiting(title: Text, icon: str = "wait") -> Notice:
    """Something takes a moment."""
    return Notice(title=title, mood=Mood.WAIT, body=t("wait.moment"), icon=icon, timeout_s=None)


def device_problem(failure: DeviceFailed) -> Notice:
    """A device failed: which, what to do, try again or another way."""
    body = t(f"device.reason.{failure.reason}")
    return Notice(
        title=t("device.failed", device=t(f"device.{failure.device}")),
        speak=body,
        mood=Mood.PROBLEM,
        body=body,
        icon=_DEVICE_ICONS[failure.device],
        actions=(RETRY, STOP),
    )


def registry_problem(error: ProjectError) -> Notice:
    """The registry was not reached, or said no."""
    if isinstance(error, RegistryRefused):
        body, icon = t("registry.refused", code=error.refused_code), "refused"
    elif isinstance(error, RegistryUnreachable):
        body, icon = t("registry.unreachable"), "offline"
    else:
        body, icon = t("registry.out_of_order"), "sync_problem"
    return Notice(title=t("registry.problem"), mood=Mood.PROBLEM, body=body, icon=icon, actions=(RETRY, STOP))


def store_problem() -> Notice:
    """The disk takes no more: the desk goes out of service before the next person is begun."""
    body = t("store.failed")
    return Notice(
        title=t("store.out_of_service"), mood=Mood.PROBLEM, body=body, speak=body, icon="database", actions=(OK,)
    )


def success(title: Text, body: Text, *, icon: str = "done", reference: str | None = None) -> Notice:
    return Notice(
        title=title,
        mood=Mood.SUCCESS,
        body=body,
        icon=icon,
        speak=body,
        reference=reference,
        actions=(OK,),
        timeout_s=12.0,
    )


async def insist(ui: Ui, work: Callable[[], Awaitable[Result]]) -> Result:
    """The work's result; after a failure of a device or of the registry the person may try again.

    Raises FlowLeft when they would rather stop.
    """
    while True:
        try:
            return await work()
        except DeviceFailed as error:
            notice = device_problem(error)
        except (RegistryUnreachable, RegistryOutOfOrder, RegistryRefused) as error:
            notice = registry_problem(error)
        except StoreFailed:
            await ui.ask(store_problem())
            raise
        if not is_again(await ui.ask(notice)):
            raise FlowLeft("stopped after a failure")


def is_again(answer: Answer) -> bool:
    return answer.action == RETRY.id
