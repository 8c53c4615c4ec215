"""Writes EDIFACT interchanges for tests: ours, strict, and easy to damage."""


def status(reference: str = "1", shipment: str = "SH1") -> list[str]:
    """An IFTSTA with one status."""
    body = ["BGM+44+S1+9", "DTM+137:202603020854:203", f"CNI+1+{shipment}", "STS+1+21", "DTM+334:202603020854:203"]
    return message("IFTSTA", body, reference)


def message(code: str, body: list[str], reference: str = "1", release: str = "D:96A:UN") -> list[str]:
    """Segments with their UNH and UNT."""
    return [f"UNH+{reference}+{code}:{release}", *body, f"UNT+{len(body) + 2}+{reference}"]


def interchange(
    messages: list[list[str]], *, control: str = "R1", end: str = "'\n", syntax: str = "UNOC:3", group: str = ""
) -> str:
    """An interchange of messages; `group` puts them into one group of that name."""
    segments = [segment for each in messages for segment in each]
    count = len(messages)
    if group:
        head = f"UNG+{group}+SENDER+RECEIVER+260302:0854+G1+UN+D:96A"
        segments, count = [head, *segments, f"UNE+{count}+G1"], 1
    header = f"UNB+{syntax}+SENDER:14+RECEIVER:14+260302:0854+{control}"
    return end.join([header, *segments, f"UNZ+{count}+{control}"]) + end
