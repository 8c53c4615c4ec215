"""A system that asks who we are over TLS: our certificate lets us in, none or a stranger's does not."""

from __future__ import annotations

import asyncio
import http.server
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.delivery.house import manifest

from crossdock.app.connections import open_connector
from crossdock.kit.connection import Configured, Connection, Credentials
from crossdock.kit.connector import Checked


class Authority:
    """Says who is who."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._signed(name, self.key, is_authority=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _signed(self, name: str, key: ec.EllipticCurvePrivateKey, *, is_authority: bool = False) -> x509.Certificate:
        now = datetime.now(UTC)
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def identity(self, name: str) -> tuple[str, str]:
        """The files of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate, private = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        certificate.write_bytes(self._signed(name, key).public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return str(certificate), str(private)


class Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that the library calls
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "authority")


@pytest.fixture
def address(authority: Authority) -> Iterator[str]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.file))
    context.load_cert_chain(*authority.identity("server"))
    context.verify_mode = ssl.CERT_REQUIRED
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who is not let in is no error of ours
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def asked(address: str, **credentials: Any) -> Checked:
    connection = Connection(role="wms", manifest="test", address=address, credentials=Credentials(**credentials))

    async def ask() -> Checked:
        connector = open_connector("wms", Configured(connection=connection, manifest=manifest()), {})
        assert connector is not None
        try:
            return await connector.check()
        finally:
            await connector.close()

    return asyncio.run(ask())


def test_our_certificate_lets_us_in(address: str, authority: Authority) -> None:
    certificate, key = authority.identity("crossdock")
    ours = {"client_certificate_file": certificate, "client_key_file": key, "authority_file": str(authority.file)}
    assert asked(address, **ours).is_well


def test_without_one_or_with_a_stranger_s_we_are_not_let_in(address: str, authority: Authority, tmp_path: Path) -> None:
    assert not asked(address, authority_file=str(authority.file)).is_well
    certificate, key = Authority(tmp_path, "stranger").identity("crossdock")
    ours = {"client_certificate_file": certificate, "client_key_file": key, "authority_file": str(authority.file)}
    assert not asked(address, **ours).is_well


def test_a_server_that_our_authority_does_not_know_is_told_nothing(address: str, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "stranger")
    checked = asked(address, authority_file=str(stranger.file))
    assert not checked.is_well
    assert "no connection" in checked.detail


def test_a_certificate_that_is_not_there_is_said_and_nothing_is_sent(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    connection = Connection(
        role="wms", manifest="test", address=address, credentials=Credentials(client_certificate_file="/nowhere")
    )
    assert open_connector("wms", Configured(connection=connection, manifest=manifest()), {}) is None
    assert "connection wms: its certificate cannot be used" in caplog.text
