"""Any system that speaks JSON over HTTP, described by a manifest instead of code."""

from typing import Final

from crossdock.connectors.rest.connector import RestConnector
from crossdock.connectors.rest.manifest import Manifest, read_manifest
from crossdock.kit.connection import Configured
from crossdock.kit.connector import Connector
from crossdock.kit.maker import Maker, ManifestError, Secrets

__all__ = ["MAKER", "Manifest", "ManifestError", "RestConnector", "read_manifest"]


def _open(configured: Configured, address: str, secrets: Secrets) -> Connector:
    hook_secret = secrets.hook_secret.encode() if secrets.hook_secret else None
    manifest = read_manifest(configured.manifest)
    return RestConnector(
        manifest, configured.connection, address, bearer=secrets.bearer, hook_secret=hook_secret, tls=secrets.tls
    )


MAKER: Final = Maker(read_manifest, _open)
