"""The systems of a distributor as servers: own processes, own books, own words, and trouble on request."""
