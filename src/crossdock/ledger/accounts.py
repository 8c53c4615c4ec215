"""The chart of accounts: every account the processes post to, in one place.

Stock accounts hold units of a SKU and carry the warehouse; money accounts hold minor units of a currency.
"""

from __future__ import annotations

from typing import Final

# Money.
FREIGHT_EXPENSE: Final = "freight.expense"
FREIGHT_ACCRUED: Final = "freight.accrued"
FREIGHT_PAYABLE: Final = "freight.payable"
RECEIVABLE: Final = "receivable"
REVENUE: Final = "revenue"
SALES_TAX: Final = "sales_tax"
CASH: Final = "cash"


def holds_money(account: str) -> bool:
    """Does the account hold minor units of a currency? Else it holds units of a SKU."""
    return not account.startswith("stock.")


def on_hand(warehouse: str) -> str:
    """What physically lies in the warehouse."""
    return f"stock.on_hand/{warehouse}"


def reserved(warehouse: str) -> str:
    """What of it is promised to orders that have not left yet."""
    return f"stock.reserved/{warehouse}"


def promised(warehouse: str) -> str:
    """The other side of `reserved`: what customers were promised from the warehouse."""
    return f"stock.promised/{warehouse}"


def shipped(warehouse: str) -> str:
    """What left the warehouse by goods issue."""
    return f"stock.shipped/{warehouse}"


def received(warehouse: str) -> str:
    """What came into the warehouse by goods receipt."""
    return f"stock.received/{warehouse}"


def adjusted(warehouse: str, reason: str) -> str:
    """What the warehouse had more (a credit) or less (a debit) than its books said, by the reason."""
    return f"stock.adjusted.{reason}/{warehouse}"


def opening(warehouse: str) -> str:
    """The other side of the stock the books were opened with."""
    return f"stock.opening/{warehouse}"
