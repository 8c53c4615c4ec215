"""Writes X12 interchanges for tests: ours, strict, and easy to damage."""


def status(shipment: str, code: str = "X3", *, control: str = "0001", extra: tuple[str, ...] = ()) -> list[str]:
    """A 214 with one status."""
    body = [
        f"B10*PRO{shipment}*{shipment}*RDWY",
        "L11*SO1*PO",
        "L11*2*QN",
        "LX*1",
        f"AT7*{code}*NS***20260302*085420*UT",
        "MS1*Dallas*TX*USA",
        *extra,
    ]
    return transaction("214", body, control)


def invoice(number: str, *charges: tuple[str, str], linehaul: str = "12125", total: str = "15042") -> list[str]:
    """A 210 with a linehaul and charges in cents."""
    body = [f"B3**{number}*SH1*CC**20260302*{total}**20260302*035*RDWY", "C3*USD", "N9*CN*PRO1"]
    body += ["LX*1", f"L1*1*{linehaul}*FR*{linehaul}"]
    for at, (code, amount) in enumerate(charges, 2):
        body += [f"LX*{at}", f"L1*{at}*{amount}*FR*{amount}****{code}"]
    return transaction("210", [*body, f"L3*587*G***{total}"], "0001")


def transaction(code: str, body: list[str], control: str) -> list[str]:
    """Segments with their ST and SE."""
    return [f"ST*{code}*{control}", *body, f"SE*{len(body) + 2}*{control}"]


def interchange(
    transactions: list[list[str]], *, control: str = "000000001", group: str = "QM", end: str = "~\n"
) -> str:
    """An interchange of one group."""
    isa = f"ISA*00*          *00*          *02*RDWY           *ZZ*SHIPPER        *260302*0854*U*00401*{control}*0*P*>"
    body = [segment for each in transactions for segment in each]
    trailer = [f"GE*{len(transactions)}*7", f"IEA*1*{control}"]
    return end.join([isa, f"GS*{group}*RDWY*SHIPPER*20260302*0854*7*X*004010", *body, *trailer]) + end.rstrip("\n")
