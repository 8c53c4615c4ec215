"""Any system that speaks JSON over HTTP, described by a manifest instead of code."""

from crossdock.connectors.rest.connector import RestConnector
from crossdock.connectors.rest.manifest import Manifest, ManifestError, read_manifest

__all__ = ["Manifest", "ManifestError", "RestConnector", "read_manifest"]
