"""The mapping language: versioned YAML compiled once into plain functions that turn messages into canonical events."""

from crossdock.mapping.compile import compile_mapping
from crossdock.mapping.compiled import Compiled
from crossdock.mapping.overlay import NO_BASES, Bases, Named
from crossdock.mapping.record import Lookup
from crossdock.mapping.source import MappingError

__all__ = ["NO_BASES", "Bases", "Compiled", "Lookup", "MappingError", "Named", "compile_mapping"]
