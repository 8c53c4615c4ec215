"""`crossdock show ID`: the state, the timeline and the money of whatever has this id."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, looking, several

if TYPE_CHECKING:
    from datetime import datetime

    from crossdock.app.opening import Opened

_NEAR_MAX = 8


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--raw", is_flag=True, help="Of a message: its bytes, as they came, and nothing else.")
@click.option("--as-of", metavar="TIME", help="Of a case: as it was known then; an ISO time such as 2026-03-02T10:00Z.")
@looking
def show(out: Output, at: Opened, id_: str, *, raw: bool, as_of: str | None) -> None:
    """State, timeline and money of any ID.

    An order, shipment or invoice number, a PRO, bill of lading, tender, pick, goods issue or payment, a case id such as
    shipment/SH1, a message such as
    2026-11-23/5021/17, a dead letter such as 2026-11-23/5021/17:3, a work item such as shipment/SH1/short_pick/PK1.
    """
    from crossdock.app import finding
    from crossdock.app.message_lookup import parse_letter
    from crossdock.cli.queue import show_item

    name = id_.strip()
    place = parse_letter(name)
    if raw:
        _raw(at, place)
        return
    if place is not None and "/" in name and _message(out, at, *place):
        return
    cases = finding.find(at.connection, at.tenant, name)
    if len(cases) == 1:
        _case(out, at, cases[0].id, as_of)
    elif cases:
        _several(out, name, cases)
    elif not (
        (place is not None and _message(out, at, *place)) or show_item(out, at, name) or _reference(out, at, name)
    ):
        not_found(out, at, name)


def not_found(out: Output, at: Opened, name: str) -> None:
    """Say that nothing has this name, and what comes near; ends the command."""
    from crossdock.app import finding

    near = finding.near(at.connection, at.tenant, name, _NEAR_MAX)
    if out.as_json:
        out.document({"found": None, "near": [case._asdict() for case in near]})
    else:
        advise(f"Nothing here is called {name!r}." + (" Near it:" if near else " `crossdock search` finds beginnings."))
        if near:
            out.table(("case", "status", "found by"), ((case.id, case.status, _by(case)) for case in near))
    raise Finish(FINDINGS)


def _by(case: object) -> str:
    name, id_ = getattr(case, "name", ""), getattr(case, "id", "")
    return "" if name == id_ else name


def _several(out: Output, name: str, cases: list) -> None:  # type: ignore[type-arg]
    if out.as_json:
        out.document({"cases": [case._asdict() for case in cases]})
        return
    out.text(f"{several(len(cases), 'case')} answer to {name}; show one of them:")
    out.table(("case", "status"), ((case.id, case.status) for case in cases))


def _case(out: Output, at: Opened, id_: str, as_of: str | None) -> None:
    from crossdock.app.lookup import Lookup
    from crossdock.cli.case_page import print_case, print_then

    if as_of is not None:
        from crossdock.app import time_travel

        then = time_travel.as_of(at.connection, at.tenant, id_, _moment(as_of))
        if out.as_json:
            out.document(then)
        else:
            print_then(out, then)
        return
    detail = Lookup(at.connection, at.tenant).detail(id_)
    if out.as_json:
        out.document(detail)
    else:
        print_case(out, detail)


def _moment(text: str) -> datetime:
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time; write 2026-03-02T10:00Z or 2026-03-02T10:00+01:00", param_hint="--as-of"
        ) from None
    if moment.tzinfo is None:
        raise click.BadParameter(f"{text!r} has no zone; write {text}Z for UTC", param_hint="--as-of")
    return moment.astimezone(UTC)


def _message(out: Output, at: Opened, arrival: int, row: int | None) -> bool:
    from crossdock.app.message_lookup import message_detail
    from crossdock.cli.message_page import print_letter, print_message

    detail = message_detail(at.connection, at.tenant, arrival)
    if detail is None:
        return False
    letter = next((one for one in detail.dead_letters if one.row == row), None)
    if row is not None and letter is None:
        advise(f"No dead letter stands at row {row} of {detail.message}; the whole message:")
    if out.as_json:
        out.document(letter or detail)
    elif letter is not None:
        print_letter(out, letter)
    else:
        print_message(out, detail)
    return True


def _reference(out: Output, at: Opened, name: str) -> bool:
    """Reference data by its key, such as rate.published/RDWY/DC01/3."""
    from crossdock.store import arrival as arrivals
    from crossdock.store.reading import reference_named

    records = reference_named(at.connection, at.tenant, name)
    if not records:
        return False
    if out.as_json:
        import msgspec

        out.document([
            {"key": one.key, "valid_from": one.valid_from, "retracted": one.retracted,
             "message": arrivals.text(one.arrival), "data": msgspec.Raw(one.data.encode())}
            for one in records
        ])  # fmt: skip
        return True
    out.text(name, style="bold")
    rows = [
        (one.valid_from, "withdrawn" if one.retracted else "", arrivals.text(one.arrival), one.data) for one in records
    ]
    out.table(("valid from", "", "message", "data"), rows)
    return True


def _raw(at: Opened, place: tuple[int, int | None] | None) -> None:
    """The bytes of a message, a part of a file with the header of its file."""
    from crossdock.store.messages import bodies

    if place is None:
        raise click.UsageError("--raw takes a message, such as 2026-11-23/5021/17")
    found = bodies(at.connection, at.tenant, [place[0]])
    if not found:
        advise("No message has this arrival number, or it is not kept any more.")
        raise Finish(FINDINGS)
    sys.stdout.buffer.write(found[0].header or b"")
    sys.stdout.buffer.write(found[0].body)
