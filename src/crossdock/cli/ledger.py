"""`crossdock ledger`: what the accounts hold, and whether the books are right."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, looking, progress, several

if TYPE_CHECKING:
    from crossdock.app.books_check import Difference
    from crossdock.app.opening import Opened

_SHOWN_MAX = 50


@click.group()
def ledger() -> None:
    """Double entry in units and in money."""


@ledger.command("balance")
@click.argument("account", metavar="[ACCOUNT]", default="")
@click.option("--item", help="Only this SKU or currency.")
@click.option("--zeros", is_flag=True, help="Also balances of zero.")
@looking
def balance(out: Output, at: Opened, account: str, *, item: str | None, zeros: bool) -> None:
    """Balances (debits less credits) of the accounts that begin with ACCOUNT, such as freight or stock.on_hand/DC01."""
    from crossdock.cli.case_page import is_money
    from crossdock.cli.output import money
    from crossdock.store import books

    rows = []
    # Closed at once when the reader goes away (`| head`).
    with closing(books.balances(at.connection, at.tenant, prefix=account, item=item, zeros=zeros)) as found:
        for one in found:
            in_money = is_money(one.account)
            if out.as_json:
                unit = "minor" if in_money else "units"
                out.line({"account": one.account, "item": one.item, "amount": one.amount, "in": unit})
            else:
                rows.append((one.account, one.item, money(one.amount, one.item) if in_money else f"{one.amount}"))
    if out.as_json:
        return
    if not rows:
        advise(f"No account that begins with {account!r} holds anything." if account else "The books are empty.")
        return
    out.table(("account", "item", "balance"), rows, right=("balance",), indent=0)


@ledger.command("check")
@looking
def check(out: Output, at: Opened) -> None:
    """Prove the books: items sum to zero, balances are the sum of entries, cases posted what they should.

    Reads everything, beside running work and without disturbing it. Exit code 1 when there is a difference.
    """
    from crossdock.app.books_check import Checked
    from crossdock.app.books_check import check as differences

    checked, count = Checked(), 0
    with (
        progress("checking the books") as bar,
        closing(
            differences(at.connection, at.tenant, checked, lambda _what, done, total: bar(done, total))
        ) as found_one_by_one,
    ):
        for found in found_one_by_one:
            count += 1
            if out.as_json:
                out.line(found)
            elif count <= _SHOWN_MAX:
                out.text(_sentence(found), style="red")
    looked = (
        f"{several(checked.items, 'item')}, {several(checked.accounts, 'balance')} and {several(checked.cases, 'case')}"
    )
    if count > _SHOWN_MAX and not out.as_json:
        advise(f"and {count - _SHOWN_MAX} more (--json names all)")
    if count:
        advise(f"{several(count, 'difference')} in {looked}.")
        raise Finish(FINDINGS)
    if out.as_json:
        out.line({"differences": 0, "items": checked.items, "balances": checked.accounts, "cases": checked.cases})
    else:
        out.text(f"The books are right: {looked} looked at.", style="green")


def _sentence(found: Difference) -> str:
    from crossdock.cli.case_page import amount_text

    if not found.account:
        return f"{found.item} does not sum to zero over all accounts, but to {found.is_} of its smallest unit"
    account = found.account.partition(" <- ")[0]
    stands, should = (amount_text(account, found.item, amount) for amount in (found.is_, found.should))
    if not found.case:
        return f"{found.account}, {found.item}: the balance is {stands}, its entries sum to {should}"
    because = f" (last because of {found.message})" if found.message else ""
    return f"{found.case}, {found.account}: the entries sum to {stands}, the case wants {should}{because}"
