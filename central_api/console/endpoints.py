"""The console's pages. Read only, and on the registry's own machine until staff can log in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from central_api.access.near_by import require_near_by
from central_api.audit.verification import verify_audit
from central_api.console import card_pages, service
from central_api.context import RegistryPart
from central_api.finger_outcomes.service import USUAL_DAYS, read_report

router = APIRouter(prefix="/console", dependencies=[Depends(require_near_by)], include_in_schema=False)

_HERE = Path(__file__).parent
_STYLE = (_HERE / "console.css").read_text("utf-8")
#: Nothing from elsewhere, no script, no form, no frame.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}

_pages = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _moment(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"


def _words(code: str) -> str:
    """A stable code as people read it: ``delivery.not_entitled`` is "delivery: not entitled"."""
    return code.replace(".", ": ").replace("_", " ")


_pages.filters |= {"moment": _moment, "words": _words}


def _page(template: str, active: str, registry: RegistryPart, **values: object) -> HTMLResponse:
    text = _pages.get_template(template).render(active=active, now=registry.now(), **values)
    return HTMLResponse(text, headers=_HEADERS)


@router.get("")
def overview(registry: RegistryPart) -> HTMLResponse:
    """Counts of the day, and the kiosks."""
    with registry.database.read() as connection:
        figures = service.read_overview(connection, registry.now())
    return _page("overview.html", "overview", registry, figures=figures)


@router.get("/deliveries")
def deliveries(registry: RegistryPart) -> HTMLResponse:
    """The newest deliveries with their receipts, verified again."""
    with registry.database.read() as connection:
        lines = service.read_deliveries(connection)
    return _page("deliveries.html", "deliveries", registry, lines=lines)


@router.get("/exceptions")
def exceptions(registry: RegistryPart) -> HTMLResponse:
    """Who was turned away and why, and what waits for somebody to look at it."""
    with registry.database.read() as connection:
        lines, reasons = service.read_denials(connection, registry.now().date())
        cases = service.read_cases(connection)
    return _page("exceptions.html", "exceptions", registry, lines=lines, reasons=reasons, cases=cases)


@router.get("/stock")
def stock(registry: RegistryPart) -> HTMLResponse:
    """Blank, issued and spoiled cards of each desk and day; printed, a sheet to count and sign on."""
    with registry.database.read() as connection:
        desks = card_pages.read_desk_stock(connection)
    return _page("stock.html", "stock", registry, desks=desks)


@router.get("/organisations")
def organisations(registry: RegistryPart) -> HTMLResponse:
    """What each hired organisation did, and how much of its quota is left."""
    with registry.database.read() as connection:
        lines = card_pages.read_performances(connection)
    return _page("organisations.html", "organisations", registry, lines=lines)


@router.get("/fingers")
def fingers(registry: RegistryPart) -> HTMLResponse:
    """Whose fingers fail, by group."""
    with registry.database.read() as connection:
        report = read_report(connection, registry.now(), days=USUAL_DAYS)
    return _page("fingers.html", "fingers", registry, report=report)


@router.get("/audit")
def audit(registry: RegistryPart) -> HTMLResponse:
    """Every audit chain, checked now."""
    return _page("audit.html", "audit", registry, result=verify_audit(registry))


@router.get("/console.css")
def style() -> Response:
    return Response(_STYLE, media_type="text/css")
