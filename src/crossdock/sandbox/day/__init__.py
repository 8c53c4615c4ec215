"""A day of a distributor: what all its systems send, the right answer, and an auditor that works it out by itself."""

from crossdock.sandbox.day.auditor import FreightChoice, freight_choices, replay
from crossdock.sandbox.day.comparison import compare
from crossdock.sandbox.day.generator import generate

__all__ = ["FreightChoice", "compare", "freight_choices", "generate", "replay"]
