"""UN/EDIFACT: the envelope, messages as data, and the walk that groups, checks and explains them."""
