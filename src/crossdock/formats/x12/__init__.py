"""ASC X12: the envelope, grammars as data, and the walk that groups, checks and explains a transaction."""
