"""Double entry in units and in money: accounts, postings and what they sum to. Values only."""
