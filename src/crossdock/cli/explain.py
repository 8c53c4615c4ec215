"""`crossdock explain ID`: why something is where it is, and the one thing that unblocks it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli.output import Output, at, looking, several, utc

if TYPE_CHECKING:
    from crossdock.app.codes import Meaning
    from crossdock.app.lookup import Lookup
    from crossdock.app.opening import Opened
    from crossdock.app.standing import Fresh


@click.command()
@click.argument("id_", metavar="ID|CODE")
@looking
def explain(out: Output, at: Opened, id_: str) -> None:
    """Why it is where it is: facts, plan, and the one thing that unblocks it.

    ID as in `crossdock show`; CODE a code of a work item or a rule of a dead letter, such as FREIGHT_VARIANCE or
    field.required.
    """
    from crossdock.app import codes, finding
    from crossdock.app.message_lookup import parse_letter
    from crossdock.cli.show import not_found

    name = id_.strip()
    meaning = codes.meaning(name)
    if meaning is not None:
        _code(out, name, meaning)
        return
    place = parse_letter(name)
    if place is not None and "/" in name and _message(out, at, *place):
        return
    cases = finding.find(at.connection, at.tenant, name)
    if not cases and not (place is not None and _message(out, at, *place)):
        not_found(out, at, name)
    for number, case in enumerate(cases):
        if number and not out.as_json:
            out.text()
        _case(out, at, case.id, single=len(cases) == 1)


def _code(out: Output, code: str, meaning: Meaning) -> None:
    if out.as_json:
        out.document({"code": code, "means": meaning.means, "do": meaning.do})
        return
    out.text(code, style="bold")
    out.pairs([("means", meaning.means), ("do", meaning.do)])


def _case(out: Output, where: Opened, id_: str, *, single: bool) -> None:
    """One of several is told in its one sentence."""
    from crossdock.app.explaining import also, unblocks
    from crossdock.app.lookup import Lookup
    from crossdock.app.standing import Asking
    from crossdock.clock import SystemClock

    now = SystemClock().now()
    lookup = Lookup(where.connection, where.tenant)
    asking = Asking(where.connection, where.tenant, lookup)
    fresh = asking.fresh(id_)
    standing = asking.standing(id_, fresh)
    sentence, then = unblocks(standing, now), also(standing, now)
    if not single:
        if out.as_json:
            out.line({"case": id_, "status": lookup.case(id_).row.status, "unblocks": sentence})
        else:
            out.text(f"{id_}  {lookup.case(id_).row.status}", style="bold")
            out.text(f"  {sentence}")
        return
    if out.as_json:
        out.document(_as_json(lookup, id_, fresh, sentence, then))
    else:
        _print(out, lookup, id_, fresh, sentence, then, now)


def _as_json(lookup: Lookup, id_: str, fresh: Fresh, sentence: str, then: str | None) -> dict[str, Any]:
    detail = lookup.detail(id_)
    changes = fresh.changes
    return {
        "case": id_,
        "status": detail.status,
        "unblocks": sentence,
        "then": then,
        "facts": detail.facts,
        "open": [item for item in detail.items if item.closed is None],
        "waiting_commands": [one for one in detail.commands if one.case == id_],
        "deadlines": fresh.deadlines,
        "rules": {"case": detail.rules, "build": fresh.rules},
        "policies": [used._asdict() for used in fresh.policies],
        "reference": fresh.reference,
        "plan": None
        if fresh.plan is None
        else {
            "says": sorted(fresh.plan.says),
            "items": fresh.plan.items,
            "commands": fresh.plan.commands,
            "shown": sorted(fresh.plan.shown),
            "postings": [[*route, amount] for route, amount in fresh.plan.postings.items()],
        },
        "would_change": None
        if changes is None
        else {
            "opens": sorted(changes.opened),
            "closes": sorted(changes.closed),
            "commands": [f"{one.action} {one.slot}" for one in changes.commands],
            "postings": changes.postings,
        },
        "parked": fresh.parked,
    }


def _print(out: Output, lookup: Lookup, id_: str, fresh: Fresh, sentence: str, then: str | None, now: datetime) -> None:
    from crossdock.cli.case_page import is_waiting, print_commands, print_facts, print_items, print_relations

    detail = lookup.detail(id_)
    out.text(sentence, style="bold green" if sentence.startswith("Nothing") else "bold yellow")
    if then:
        out.text(then)
    out.text()
    policies = ", ".join(f"{used.name} of {used.valid_from}" for used in fresh.policies)
    rules = f"version {detail.rules}"
    if fresh.rules != detail.rules:
        rules += f", while this build has {fresh.rules}: it stays on its own until a migration is rehearsed"
    out.pairs([
        ("case", f"{id_}  {detail.status}"),
        ("rules", rules),
        ("policy", policies or "none is asked for"),
        ("looked up", ", ".join(fresh.reference)),
        ("clock", utc(_clock(lookup, id_)) or "no deadline has fired"),
    ])  # fmt: skip
    if fresh.parked:
        out.heading("Parked: its rules failed")
        for line in fresh.parked.rstrip().splitlines():
            out.text(f"  {line}")
    print_items(out, [item for item in detail.items if item.closed is None])
    print_relations(out, detail)
    print_facts(out, detail.facts)
    waiting = [one for one in detail.commands if one.case == id_ and is_waiting(one)]
    print_commands(out, "Asked, and waiting for an answer (UTC)", waiting)
    _deadlines(out, fresh, now)
    _wants(out, fresh)
    _pending(out, fresh)


def _clock(lookup: Lookup, id_: str) -> datetime | None:
    from crossdock.model.time import instant

    clock = lookup.case(id_).record.clock
    return instant(clock) if clock else None


def _deadlines(out: Output, fresh: Fresh, now: datetime) -> None:
    if not fresh.deadlines:
        return
    out.heading("If nothing is heard (UTC)")
    rows = [
        (
            at(deadline.at),
            f"opens {', '.join(deadline.opens)}" if deadline.opens else "the rules look again",
            "is past: does a worker run? (crossdock doctor)" if deadline.at <= now else "",
        )
        for deadline in fresh.deadlines
    ]
    out.table(("at", "what", ""), rows)


def _wants(out: Output, fresh: Fresh) -> None:
    """What should be true elsewhere, by the rules, given these facts."""
    from crossdock.cli.case_page import amount_text

    plan = fresh.plan
    if plan is None:
        return
    rows: list[tuple[str, str]] = [("tell", to) for to in sorted(plan.says)]
    rows += [("ask", f"{command.target} to {command.kind} [{slot}]") for slot, command in plan.commands.items()]
    rows += [("", f"[{slot}] is shown to be done already") for slot in sorted(plan.shown)]
    rows += [
        ("post", f"{amount_text(debit, item, amount)}  {debit} <- {credit}")
        for (debit, credit, item), amount in plan.postings.items()
    ]
    if rows:
        out.heading("What the rules want, given these facts")
        out.table((), rows)


def _pending(out: Output, fresh: Fresh) -> None:
    """What asking today would change: a policy, a rate or a rule is not what it was when the case was last asked."""
    changes = fresh.changes
    if changes is None:
        return
    lines = [f"opens {item.code} {item.subject}" for item in changes.opened.values()]
    lines += [f"closes {name}" for name in changes.closed]
    lines += [f"{one.action} [{one.slot}]" for one in changes.commands]
    if changes.postings:
        lines.append(f"posts {several(len(changes.postings), 'ledger entry', 'ledger entries')}")
    if lines:
        out.heading("Asked today, this would change: a policy, a rate or a rule is newer than its last look")
        for line in lines:
            out.text(f"  {line}")


def _message(out: Output, where: Opened, arrival: int, row: int | None) -> bool:
    """Why a message did not do what somebody expected of it."""
    from crossdock.app import codes
    from crossdock.app.message_lookup import message_detail

    detail = message_detail(where.connection, where.tenant, arrival)
    if detail is None:
        return False
    letters = [one for one in detail.dead_letters if row in (None, one.row) and one.settled is None]
    if detail.state == "waiting":
        sentence = "Waits for: a worker to settle it (crossdock doctor says whether one runs)"
    elif letters:
        meaning = codes.meaning(letters[0].rule)
        action = meaning.do if meaning else letters[0].problem
        place = letters[0].position or "the whole message"
        sentence = f"Waits for: {action[0].lower()}{action[1:]} - {letters[0].rule} at {place}"
    else:
        sentence = f"Nothing: it was read, and said {several(detail.events_count, 'event')}"
    if out.as_json:
        out.document({"message": detail.message, "state": detail.state, "unblocks": sentence, "dead_letters": letters})
        return True
    from crossdock.cli.message_page import print_message

    out.text(sentence, style="bold green" if sentence.startswith("Nothing") else "bold yellow")
    out.text()
    print_message(out, detail)
    return True
