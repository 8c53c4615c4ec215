"""Fetch axe-core from npm, check it, and keep it packed beside this file: `python tests/browser/vendor/fetch.py`.

axe-core 4.14.1, MPL-2.0, (c) Deque Systems: https://github.com/dequelabs/axe-core. Used by tests only, unmodified,
never shipped. To move to another version, change both constants; the hash is that of `axe.min.js` in the package.
"""

import gzip
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "4.14.1"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
KEPT = Path(__file__).with_name("axe.min.js.gz")


def axe() -> str:
    """The script, whose hash is what it should be."""
    script = gzip.decompress(KEPT.read_bytes())
    assert hashlib.sha256(script).hexdigest() == SHA256, f"{KEPT} is not axe-core {VERSION}"
    return script.decode()


def main() -> None:
    """Fetch and keep it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"axe-core@{VERSION}"], cwd=folder, check=True)
        package = next(Path(folder).glob("axe-core-*.tgz")).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        script = member.read()
    found = hashlib.sha256(script).hexdigest()
    if found != SHA256:
        sys.exit(f"axe.min.js {VERSION} has the hash {found}, not {SHA256}")
    KEPT.write_bytes(gzip.compress(script, mtime=0))
    sys.stdout.write(f"kept {KEPT.name}, {KEPT.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
