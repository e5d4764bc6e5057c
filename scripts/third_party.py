#!/usr/bin/env python3
"""Writes THIRD-PARTY-NOTICES.txt: what of others is in the library that packages carry, and under which terms.

    third_party.py [--check]

    --check   writes nothing; says what differs from the file, with exit status 1

The crates are those that cargo links into that library: normal dependencies without the system's discovery, not the tools that build it.
Their licence texts are those in their own sources, which cargo must have fetched; the C and C++ sources bring theirs along in the crates
that carry them. The texts of what comes with the compilers (Rust's standard library, LLVM's C++ runtime, zig's compiler runtime)
are in scripts/third_party.
"""

import json
import os
import re
import subprocess
import sys
import tarfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOTICES = os.path.join(TOP, "THIRD-PARTY-NOTICES.txt")
# The platforms with packages have the same crates but for those of the system; so far it is this one.
TARGETS = ["x86_64-unknown-linux-gnu"]
RULE = "=" * 100

HEAD = """\
libstreamkinect2 is licensed under MIT or Apache-2.0, at your option: LICENSE-MIT, LICENSE-APACHE.

Its shared library, as packages carry it, contains code of the projects below. Where a project offers a choice of licences, the one used is
named. libzmq is under the Mozilla Public License 2.0: its source code, which is unchanged, is https://github.com/zeromq/libzmq, tag
v{libzmq}, and the crate zeromq-src {zeromq_src} on https://crates.io.

This file is written by scripts/third_party.py.
"""


class Trouble(Exception):
    pass


def cargo(*arguments):
    done = subprocess.run(["cargo", *arguments], cwd=TOP, capture_output=True, text=True)
    if done.returncode != 0:
        raise Trouble(f"cargo {arguments[0]} failed:\n{done.stderr}")
    return done.stdout


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def linked_crates():
    """Names and versions of the crates in the library, ours left out."""
    found = set()
    for target in TARGETS:
        # `cargo tree` resolves features as a build does; `cargo metadata` mixes in those of tests and build scripts.
        lines = cargo("tree", "--locked", "--package", "streamkinect2", "--no-default-features", "--edges", "normal,no-proc-macro",
                      "--target", target, "--prefix", "none", "--no-dedupe", "--format", "{p}")
        for line in lines.splitlines():
            name, version = line.split()[:2]
            if not line.endswith(f"({TOP})") and f"({TOP}/" not in line:
                found.add((name, version.removeprefix("v")))
    return sorted(found)


def packages():
    """(name, version) -> what its Cargo.toml says, for all that cargo has fetched; name -> the same for the newest version."""
    found = {}
    for package in json.loads(cargo("metadata", "--locked", "--format-version", "1"))["packages"]:
        package["folder"] = os.path.dirname(package["manifest_path"])
        found[package["name"], package["version"]] = package
        found[package["name"]] = package
    return found


def terms_of(package):
    """The licence by which a crate is used, and its text: MIT wherever it is offered, which is everywhere so far."""
    name = f"{package['name']} {package['version']}"
    offered = re.split(r"\s+OR\s+|/", package["license"] or "")
    if "MIT" not in offered:
        raise Trouble(f"{name} is licensed {package['license']}: say in {os.path.basename(__file__)} how it may be used")
    files = os.listdir(package["folder"])
    for candidate in ("LICENSE-MIT", "LICENSE", "LICENSE.md", "LICENSE.txt"):
        if candidate in files:
            return "MIT", read(package["folder"], candidate)
    raise Trouble(f"{name} comes without the text of its licence")


def sodium(folder):
    """Version and licence of libsodium, which comes as an archive in the folder of its crate."""
    with tarfile.open(os.path.join(folder, "LATEST.tar.gz")) as archive:
        configure, licence = (archive.extractfile(f"libsodium-stable/{name}").read().decode() for name in ("configure.ac", "LICENSE"))
    return re.search(r"AC_INIT\(\[libsodium\],\[([^]]*)\]", configure)[1], licence


def components():
    """Rows of (name, version, licence, where from, text), first the C and C++ libraries."""
    known = packages()
    zeromq_src, lz4_sys = known["zeromq-src"], known["lz4-sys"]
    libzmq = zeromq_src["version"].split("+")[1]
    sodium_version, sodium_licence = sodium(known["libsodium-sys-stable"]["folder"])
    compilers = os.path.join(TOP, "scripts", "third_party")
    rows = [
        ("libzmq", libzmq, "MPL-2.0", "https://github.com/zeromq/libzmq", read(zeromq_src["folder"], "vendor", "LICENSE")),
        ("sha1, in libzmq", "", "BSD-3-Clause", "https://github.com/zeromq/libzmq",
         read(zeromq_src["folder"], "vendor", "external", "sha1", "license.txt")),
        ("libsodium", sodium_version, "ISC", "https://github.com/jedisct1/libsodium", sodium_licence),
        ("lz4", lz4_sys["version"].split("+lz4-")[1], "BSD-2-Clause", "https://github.com/lz4/lz4",
         read(lz4_sys["folder"], "liblz4", "lib", "LICENSE")),
        ("Rust standard library", "", "MIT", "https://github.com/rust-lang/rust", read(compilers, "rust_std.txt")),
        ("libc++, libc++abi, libunwind", "", "Apache-2.0 WITH LLVM-exception", "https://llvm.org", read(compilers, "llvm.txt")),
        ("zig's compiler runtime", "", "MIT", "https://ziglang.org", read(compilers, "zig.txt")),
    ]
    for crate in linked_crates():
        package = known[crate]
        rows.append((*crate, terms_of(package)[0], f"https://crates.io/crates/{crate[0]}", terms_of(package)[1]))
    return rows, {"libzmq": libzmq, "zeromq_src": zeromq_src["version"]}


def tidy(text):
    """The text without what differs between checkouts: ends of lines, and empty lines around it."""
    return "\n".join(line.rstrip() for line in text.replace("\f", "").splitlines()).strip("\n") + "\n"


def notices():
    rows, versions = components()
    width = max(len(f"{name} {version}") for name, version, *_ in rows)
    parts = [HEAD.format(**versions), "\n"]
    for name, version, licence, home, _ in rows:
        parts.append(f"{f'{name} {version}'.strip():<{width}}  {licence:<30}  {home}\n")
    texts = {}
    for name, version, _, _, text in rows:
        texts.setdefault(tidy(text), []).append(f"{name} {version}".strip())
    for text, of in texts.items():
        parts.append(f"\n{RULE}\n{', '.join(of)}\n{RULE}\n\n{text}")
    return "".join(parts)


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    try:
        now = notices()
    except Trouble as why:
        sys.exit(f"third_party.py: {why}")
    if not sys.argv[1:]:
        with open(NOTICES, "w", encoding="utf-8") as file:
            file.write(now)
        return
    written = read(NOTICES).splitlines() if os.path.exists(NOTICES) else []
    different = [line for line in now.splitlines() if line not in written] + [line for line in written if line not in now.splitlines()]
    if different or now.splitlines() != written:
        sys.exit("third_party.py: THIRD-PARTY-NOTICES.txt is not what the library contains; run scripts/third_party.py. Differs:\n"
                 + "\n".join(different[:20]))


if __name__ == "__main__":
    main()
