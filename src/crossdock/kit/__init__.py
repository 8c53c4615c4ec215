"""Ports of the outside world: what a connector is, in types that do no I/O."""
