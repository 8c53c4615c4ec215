"""A connector to the example system Docket: what `crossdock connector new` copies, and what its tests try."""

from typing import Final

from crossdock.kit.connection import Configured
from crossdock.kit.connector import Connector
from crossdock.kit.maker import Maker, Secrets
from crossdock.testing.skeleton.connector import DocketConnector
from crossdock.testing.skeleton.manifest import read_manifest


def _open(configured: Configured, address: str, secrets: Secrets) -> Connector:
    return DocketConnector(read_manifest(configured.manifest), configured.connection, address, secrets)


MAKER: Final = Maker(read_manifest, _open)
