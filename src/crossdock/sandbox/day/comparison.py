"""Says in sentences where a system's end of the day differs from the right answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from crossdock.sandbox.day.auditor import Freight, FreightChoice

_COUNTS: Final = ("duplicates_dropped", "malformed_exceptions")
_FIGURES: Final = ("status", "carrier", "freight_accrued", "freight_posted", "invoiced", "paid")
_FREIGHT_FIGURES: Final = ("freight_accrued", "freight_posted")
_BY_ARRIVAL: Final = ("FREIGHT_VARIANCE", "DUPLICATE_BILLING")
_EXAMPLES: Final = 3

Result = Mapping[str, Any]
Choices = Mapping[str, FreightChoice]


def compare(
    oracle: Result,
    result: Result,
    *,
    resent: bool = False,
    any_order: bool = False,
    choices: Choices | None = None,
) -> list[str]:
    """Return every kind of difference as a sentence with a few examples; an empty list means that all is right.

    Args:
        oracle: The right answer, as `oracle.json` holds it or `replay` returns it.
        result: What a system exports.
        resent: Deliveries were sent again, so `duplicates_dropped` and `malformed_exceptions` may differ.
        any_order: Deliveries came in another order. `OUT_OF_SEQUENCE` may differ, and where a shipment has conflicting
            or doubled freight invoices any of them may be the counted one, if all that follows from it fits.
        choices: What `freight_choices(folder)` finds in the day; needed with `any_order`.

    Raises:
        ValueError: `any_order` without `choices`.
    """
    if any_order and choices is None:
        raise ValueError("any_order needs choices: pass choices=freight_choices(folder) of the same day")
    free = choices if any_order and choices is not None else {}
    differences = [
        *(() if resent else _counts(oracle, result)),
        *_orders(oracle["orders"], result.get("orders", {}), free),
        *_stock(oracle["stock"], result.get("stock", {})),
        *_exceptions(oracle["exceptions"], result.get("exceptions", ()), free, any_order=any_order),
        *_freight_that_fits_no_choice(result, free),
    ]
    return [sentence for sentence in differences if sentence]


def _counts(oracle: Result, result: Result) -> Iterator[str]:
    for name in _COUNTS:
        if oracle[name] != result.get(name):
            yield f"{name} should be {oracle[name]}, is {result.get(name)}"


def _orders(want: Result, have: Result, free: Choices) -> Iterator[str]:
    yield _sentence(len(want), "orders are missing", (name for name in want if name not in have))
    yield _sentence(len(want), "orders were invented", sorted(have.keys() - want.keys()))
    both = [name for name in want if name in have]
    for figure in _FIGURES:
        yield _sentence(
            len(want),
            f"orders have another {figure}",
            (
                f"{name} should have {want[name][figure]}, has {have[name].get(figure)}"
                for name in both
                if have[name].get(figure, "nothing") != want[name][figure]
                and not (name in free and figure in _FREIGHT_FIGURES)
            ),
        )


def _stock(want: Result, have: Result) -> Iterator[str]:
    yield _sentence(
        len(want),
        "stock balances [on hand, reserved] differ",
        (
            f"{place} should be {want.get(place)}, is {have.get(place)}"
            for place in sorted({*want, *have})
            if _pair(want.get(place)) != _pair(have.get(place))
        ),
    )


def _pair(balance: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if balance is None else tuple(balance)


def _exceptions(want: Iterable[str], have: Iterable[str], free: Choices, *, any_order: bool) -> Iterator[str]:
    open_keys = frozenset[str]().union(*(choice.invoices for choice in free.values()))

    def counts(exception: str) -> bool:
        code, _, key = exception.partition(" ")
        return not (any_order and (code == "OUT_OF_SEQUENCE" or (code in _BY_ARRIVAL and key in open_keys)))

    expected, found = Counter(filter(counts, want)), Counter(filter(counts, have))
    yield _sentence(expected.total(), "exceptions are missing", sorted((expected - found).elements()))
    yield _sentence(expected.total(), "exceptions were invented", sorted((found - expected).elements()))


def _freight_that_fits_no_choice(result: Result, free: Choices) -> Iterator[str]:
    """Check that figures and exceptions of an order with several freight invoices follow from one of them."""
    raised: dict[str, list[str]] = {}
    for exception in result.get("exceptions", ()):
        code, _, key = exception.partition(" ")
        if code in _BY_ARRIVAL:
            raised.setdefault(key, []).append(exception)
    misfits = []
    for name, choice in free.items():
        order = result.get("orders", {}).get(name)
        if order is None:
            continue
        exceptions = sorted(exception for key in choice.invoices for exception in raised.get(key, ()))
        has = (order.get("freight_accrued"), order.get("freight_posted"), exceptions)
        if has not in [(one.accrued, one.posted, sorted(one.exceptions)) for one in choice.outcomes]:
            misfits.append(f"{name} has {_told(*has)}; may have {' or '.join(sorted(map(_outcome, choice.outcomes)))}")
    yield _sentence(len(free), "orders with several freight invoices follow from none of them", misfits)


def _outcome(freight: Freight) -> str:
    return _told(freight.accrued, freight.posted, sorted(freight.exceptions))


def _told(accrued: object, posted: object, exceptions: Sequence[str]) -> str:
    return f"accrued {accrued}, posted {posted}, {', '.join(exceptions) or 'no exception'}"


def _sentence(of: int, what: str, cases: Iterable[str]) -> str:
    """Return "3 of 1000 orders ...: examples", or nothing when there is no case."""
    examples = list(cases)
    if not examples:
        return ""
    more = ", ..." if len(examples) > _EXAMPLES else ""
    return f"{len(examples)} of {of} {what}: {'; '.join(examples[:_EXAMPLES])}{more}"
