"""The vault: secrets of connections sealed with AES-256-GCM, under keys that are kept outside the database.

A keyring is a file of lines `name:key`, the key in base64. The first one seals, every one opens: to rotate, put a new
line at the top, `crossdock secrets rotate`, then take the old line out. Tenant, connection and name are bound to what
is sealed, so a row that is moved to another place does not open there.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crossdock.settings import ConfigurationError
from crossdock.store import secrets as store
from crossdock.store.connect import connect

VARIABLE: Final = "CROSSDOCK_KEYRING"
NAMES: Final = ("bearer", "hook_secret", "password")
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_RING_MAX: Final = 100_000
_NAME_MAX: Final = 64
LONGEST: Final = 10_000

Unseal = Callable[[str], Mapping[str, str]]
"""The secrets of a connection, by name."""


class VaultClosed(ConfigurationError):
    """A secret cannot be sealed or opened; the message says which and why, and never what it is."""


class Key(NamedTuple):
    """A key and its name."""

    name: str
    key: bytes


def new_key(name: str) -> str:
    """A line for a keyring."""
    return f"{name}:{b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}"


def keyring(environment: Mapping[str, str]) -> list[Key]:
    """The keys, the one that seals first. Raises `VaultClosed`."""
    path = environment.get(VARIABLE)
    if not path:
        raise VaultClosed(f"no keyring is named: set {VARIABLE} to a file made with `crossdock secrets key NAME`")
    try:
        text = Path(path).read_bytes()[:_RING_MAX].decode("ascii")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise VaultClosed(f"the keyring {path} cannot be read: {type(unreadable).__name__}") from None
    keys = [_key(line, number, path) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not keys or len({key.name for key in keys}) != len(keys):
        raise VaultClosed(f"the keyring {path} holds no key, or two of one name")
    return keys


def _key(line: str, number: int, path: str) -> Key:
    name, _, text = line.strip().partition(":")
    try:
        key = b64decode(text, validate=True)
    except ValueError:
        key = b""
    if not name or len(name) > _NAME_MAX or len(key) != _KEY_BYTES:
        # Nothing of the line is repeated: it may be a key.
        raise VaultClosed(
            f"line {number} of the keyring {path} is no `name:key`: make one with `crossdock secrets key`"
        )
    return Key(name, key)


class Vault:
    """The secrets of one tenant."""

    def __init__(self, connection: psycopg.Connection, tenant: int, keys: list[Key]) -> None:
        """`keys`: the first one seals."""
        self._connection = connection
        self._tenant = tenant
        self._keys = keys

    def put(self, of: str, name: str, secret: str, *, who: str) -> None:
        """Seal a secret of a connection. Raises `VaultClosed` for what is none."""
        if name not in NAMES:
            raise VaultClosed(f"{name} is no secret of a connection: there are {', '.join(NAMES)}")
        if not secret or len(secret) > LONGEST or not secret.isprintable():
            raise VaultClosed(f"the {name} of {of} must be one line of at most {LONGEST:,} printable characters")
        key, nonce = self._keys[0], secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(key.key).encrypt(nonce, secret.encode(), self._bound(of, name))
        store.put(self._connection, self._tenant, of, name, key_id=key.name, nonce=nonce, sealed=sealed, who=who)

    def open(self, of: str) -> dict[str, str]:
        """All secrets of a connection. Raises `VaultClosed`."""
        return {kept.name: self._opened(kept) for kept in store.kept(self._connection, self._tenant, of)}

    def rotate(self, *, who: str) -> int:
        """Seal everything anew under the first key; how many were under another."""
        with self._connection.transaction():
            old = [one for one in store.kept(self._connection, self._tenant) if one.key_id != self._keys[0].name]
            for kept in old:
                self.put(kept.connection, kept.name, self._opened(kept), who=who)
        return len(old)

    def _opened(self, kept: store.Kept) -> str:
        what = f"the {kept.name} of connection {kept.connection}"
        key = next((key for key in self._keys if key.name == kept.key_id), None)
        if key is None:
            raise VaultClosed(f"{what} is sealed with key {kept.key_id}, which is not in the keyring")
        try:
            return AESGCM(key.key).decrypt(kept.nonce, kept.sealed, self._bound(kept.connection, kept.name)).decode()
        except InvalidTag:
            raise VaultClosed(f"{what} does not open: it was changed, or key {kept.key_id} is another one") from None

    def _bound(self, of: str, name: str) -> bytes:
        return f"crossdock/{self._tenant}/{of}/{name}".encode()


def unsealing(url: str, tenant: int, environment: Mapping[str, str]) -> Unseal:
    """Opens the secrets of a connection when they are asked for, over a database connection of its own."""

    def unseal(of: str) -> Mapping[str, str]:
        keys = keyring(environment)
        with connect(url, purpose="vault", tenant=tenant, patience_seconds=5) as connection:
            return Vault(connection, tenant, keys).open(of)

    return unseal
