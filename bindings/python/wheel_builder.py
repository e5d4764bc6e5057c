"""Builds the wheel: the package's files and, where it is given, the library. A build backend (PEP 517) that needs no package.

    python3 wheel_builder.py LIBRARY OUTDIR              what pack.sh runs
    pip install bindings/python -C library=LIBRARY       the same wheel, installed
    pip install bindings/python                          without the library: then the system has to have it

The wheel's platform is read out of the library: its processor, and the newest version of glibc that it needs.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import struct
import sys
import tarfile
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = "streamkinect2"
LIBRARY = "libstreamkinect2.so"
PROCESSORS = {62: "x86_64", 183: "aarch64"}  # e_machine of ELF
OLDEST_GLIBC = (2, 28)  # what the project promises; an older one may do but has never been tried


def platform_of(library: bytes) -> str:
    """The platform tag (PEP 600) of a shared library for Linux."""
    if library[:6] != b"\x7fELF\2\1":
        raise SystemExit("the library is no 64-bit little-endian ELF file: other platforms have no wheel yet")
    (machine,) = struct.unpack_from("<H", library, 18)
    needed = max([OLDEST_GLIBC, *glibc_versions(library)])
    return f"manylinux_{needed[0]}_{needed[1]}_{PROCESSORS[machine]}"


def glibc_versions(library: bytes) -> list[tuple[int, int]]:
    """The versions of glibc's symbols that a library needs: .gnu.version_r, as the System V ABI of Linux (LSB) describes it."""
    (table,) = struct.unpack_from("<Q", library, 40)
    entry_size, count = struct.unpack_from("<HH", library, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", library, table + number * entry_size) for number in range(count)]
    found = []
    for _, kind, _, _, offset, _, link, _, _, _ in sections:
        if kind != 0x6FFFFFFE:  # SHT_GNU_verneed
            continue
        texts = sections[link][4]
        while True:  # one entry for each library needed, with one for each of its versions
            _, versions, _, first, following = struct.unpack_from("<HHIII", library, offset)
            place = offset + first
            for _ in range(versions):
                _, _, _, name, step = struct.unpack_from("<IHHII", library, place)
                text = library[texts + name : library.index(b"\0", texts + name)].decode()
                if match := re.fullmatch(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?", text):
                    found.append((int(match[1]), int(match[2])))
                place += step
            if not following:
                break
            offset += following
    return found


def project() -> dict:
    """The table [project] of pyproject.toml, with the version."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    about: dict = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["project"]
    text = (HERE / "src" / PACKAGE / "_version.py").read_text("utf-8")
    return {**about, "version": re.search(r'__version__ = "(.*)"', text)[1]}


def notices() -> list[Path]:
    """Licences and third-party notices: beside this file in a source distribution, else at the top of the repository."""
    folder = HERE if (HERE / "LICENSE-MIT").exists() else HERE.parent.parent
    return [path for path in sorted(folder.iterdir()) if re.match(r"LICENSE-|THIRD-PARTY-NOTICES", path.name)]


def metadata() -> str:
    """The file METADATA (core metadata 2.4)."""
    about = project()
    lines = ["Metadata-Version: 2.4"]
    lines += [
        f"{name}: {about[key]}" for name, key in (("Name", "name"), ("Version", "version"), ("Summary", "description"))
    ]
    lines += [f"Keywords: {','.join(about['keywords'])}", f"License-Expression: {about['license']}"]
    lines += [f"License-File: {path.name}" for path in notices()]
    lines += [f"Classifier: {text}" for text in about["classifiers"]]
    lines += [f"Requires-Python: {about['requires-python']}"]
    lines += [f"Requires-Dist: {text}" for text in about["dependencies"]]
    lines += ["Description-Content-Type: text/markdown", "", (HERE / about["readme"]).read_text("utf-8")]
    return "\n".join(lines)


def write_wheel(folder: str, files: dict[str, bytes], tag: str) -> str:
    """Writes a wheel of these files; returns its name."""
    name = f"{PACKAGE}-{project()['version']}"
    info = f"{name}.dist-info"
    files = dict(sorted(files.items()))
    files.update({f"{info}/licenses/{path.name}": path.read_bytes() for path in notices()})
    files[f"{info}/METADATA"] = metadata().encode()
    pure = "true" if tag.endswith("any") else "false"
    files[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: streamkinect2\nRoot-Is-Purelib: {pure}\nTag: {tag}\n".encode()
    )
    record = ""
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(data)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    # The same sources make the same wheel: ZIP's time begins in 1980.
    date = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", 0)), 315532800))[:6]
    wheel = f"{name}-{tag}.whl"
    with zipfile.ZipFile(Path(folder, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            member = zipfile.ZipInfo(path, date)
            member.external_attr = (0o100755 if path.endswith(".so") else 0o100644) << 16
            archive.writestr(member, data, zipfile.ZIP_DEFLATED, 9)
    return wheel


def sources() -> dict[str, bytes]:
    """The package's files."""
    folder = HERE / "src" / PACKAGE
    return {
        f"{PACKAGE}/{path.name}": path.read_bytes()
        for path in folder.iterdir()
        if path.suffix == ".py" or path.name == "py.typed"
    }


def build_wheel(
    wheel_directory: str, config_settings: dict | None = None, metadata_directory: str | None = None
) -> str:
    """PEP 517. The setting "library" names the shared library to carry."""
    files, tag = sources(), "py3-none-any"
    library = (config_settings or {}).get("library")
    if library:
        files[f"{PACKAGE}/{LIBRARY}"] = data = Path(library).read_bytes()
        tag = f"py3-none-{platform_of(data)}"
    return write_wheel(wheel_directory, files, tag)


def build_editable(
    wheel_directory: str, config_settings: dict | None = None, metadata_directory: str | None = None
) -> str:
    """PEP 660: points to the sources here."""
    return write_wheel(wheel_directory, {f"{PACKAGE}.pth": f"{HERE / 'src'}\n".encode()}, "py3-none-any")


def build_sdist(sdist_directory: str, config_settings: dict | None = None) -> str:
    """PEP 517."""
    name = f"{PACKAGE}-{project()['version']}"
    about = tarfile.TarInfo(f"{name}/PKG-INFO")
    about.size = len(metadata().encode())
    with tarfile.open(Path(sdist_directory, f"{name}.tar.gz"), "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for path in [HERE / part for part in ("pyproject.toml", "README.md", "wheel_builder.py", "src")] + notices():
            archive.add(
                path, f"{name}/{path.name}", filter=lambda member: None if "__pycache__" in member.name else member
            )
        archive.addfile(about, io.BytesIO(metadata().encode()))
    return f"{name}.tar.gz"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: wheel_builder.py LIBRARY OUTDIR")
    print(build_wheel(sys.argv[2], {"library": sys.argv[1]}))
