"""What `crossdock connector new` copies passes the contract on the example system."""

from crossdock.testing.skeleton.test_contract import TestContract, counterpart

__all__ = ["TestContract", "counterpart"]
