"""The bill of materials: what requirements.lock installs, as CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/).

Made from the lock alone, without a network: the same lock gives the same bytes. `python deploy/sbom.py > g4f.cdx.json`.
"""

import hashlib
import json
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill(lock: str, version: str) -> dict[str, Any]:
    """The document for the text of a lock and the version of this program."""
    serial = uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(f"{version}\n{lock}".encode()).hexdigest())
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "g4f", "name": "g4f", "version": version}},
        "components": list(_components(lock)),
    }


def _components(lock: str) -> Iterator[dict[str, Any]]:
    component: dict[str, Any] | None = None
    for line in lock.splitlines():
        pin = _PIN.match(line)
        if pin is not None:
            if component is not None:
                yield component
            component = _component(*pin.groups())
        elif component is not None:
            component["hashes"] += [{"alg": "SHA-256", "content": digest} for digest in _HASH.findall(line)]
    if component is not None:
        yield component


def _component(name: str, version: str, marker: str | None) -> dict[str, Any]:
    address = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": version,
        "purl": address,
        "hashes": [],
    }
    if marker:
        found["properties"] = [{"name": "g4f:marker", "value": marker}]
    return found


def main() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    (version,) = re.findall(r'__version__ = "(.+)"', (ROOT / "g4f" / "version.py").read_text("utf-8"))
    json.dump(bill(lock, version), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
