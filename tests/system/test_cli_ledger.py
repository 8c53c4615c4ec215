from tests.system.conftest import Crossdock, Own, SettledDay


def test_balances_are_summed_over_shards_and_chosen_by_the_beginning_of_the_account(
    own: Own, settled_day: SettledDay
) -> None:
    totals = settled_day.oracle["totals"]
    held = {one["account"]: one for one in own.crossdock("ledger", "balance", "freight", "--json").lines}
    assert held["freight.accrued"]["amount"] == -totals["freight_accrued"]
    assert held["freight.payable"]["amount"] == -totals["freight_posted"]
    assert held["freight.payable"]["in"] == "minor"
    own.books.execute(
        "insert into balance (tenant, account, item, shard, amount) select tenant, account, item, 7, 0 from balance"
        " where account = 'cash'"
    )
    (cash,) = own.crossdock("ledger", "balance", "cash", "--json").lines
    assert cash["amount"] == totals["paid"]


def test_stock_is_in_units_of_its_item(crossdock: Crossdock, settled_day: SettledDay) -> None:
    place, (on_hand, _) = next(iter(settled_day.oracle["stock"].items()))
    warehouse, item = place.split("/")
    account = f"stock.on_hand/{warehouse}"
    (one,) = crossdock("ledger", "balance", account, "--item", item, "--json").lines
    assert one == {"account": account, "item": item, "amount": on_hand, "in": "units"}
    assert str(on_hand) in crossdock("ledger", "balance", account, "--item", item).out


def test_an_account_that_holds_nothing_is_no_error(crossdock: Crossdock) -> None:
    done = crossdock("ledger", "balance", "no.such", "--json")
    assert (done.code, done.out) == (0, "")


def test_right_books_are_proven_and_every_difference_is_named(own: Own) -> None:
    (proof,) = own.crossdock("ledger", "check", "--json").lines
    assert proof["differences"] == 0
    assert proof["cases"] == own.books.execute("select count(*) from case_record").fetchone()[0]

    own.books.execute("update balance set amount = amount + 5 where account = 'cash' and shard = 0")
    own.books.execute(
        "update ledger_entry set amount = amount - 3 where ctid = (select ctid from ledger_entry"
        " where credit = 'receivable' order by owner limit 1) and credit = 'receivable'"
    )
    (owner,) = own.books.execute("select min(owner) from ledger_entry where credit = 'receivable'").fetchone()
    own.books.execute("delete from ledger_entry where debit = 'stock.on_hand/DC01' and owner like 'stock_opening/%'")
    done = own.crossdock("ledger", "check", "--json")
    assert done.code == 1
    found = {(one["check"], one["case"] or one["account"], one["item"]): one for one in done.lines}
    assert found["items sum to zero", "", "USD"]["is"] == 5
    assert found["balances are the sum of entries", "cash", "USD"]["is"] - 5 == (
        found["balances are the sum of entries", "cash", "USD"]["should"] + 3
    )
    target = found["cases posted their targets", owner, "USD"]
    assert target["should"] - target["is"] == 3
    assert target["message"]
    assert any(case.startswith("stock_opening/DC01/") for _, case, _ in found)
    person = own.crossdock("ledger", "check")
    assert person.code == 1
    assert "USD does not sum to zero" in person.out
    assert "difference" in person.err
