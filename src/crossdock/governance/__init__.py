"""Governance: versions of mappings, who answers for them, their states, and what a folder publishes."""
