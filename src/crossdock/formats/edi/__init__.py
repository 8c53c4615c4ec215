"""What X12 and EDIFACT share: grammars as data and the one walk that reads, checks, explains and writes by them."""
