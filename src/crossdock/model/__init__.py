"""What the trade talks about: events, identifiers, money, quantities and time. Values only, no I/O."""
