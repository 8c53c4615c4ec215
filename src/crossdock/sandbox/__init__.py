"""Simulated systems, traffic and faults, for demos, partner tests and rehearsals; imports no other room."""
