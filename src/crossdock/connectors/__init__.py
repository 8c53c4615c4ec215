"""Connectors: one folder for each way of speaking to systems. They translate; the engine does the rest."""
