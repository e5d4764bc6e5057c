"""The wheel carries the library, is for the platform that the library needs, and works where it is installed."""

import base64
import csv
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import streamkinect2
from streamkinect2 import _library

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))
import wheel_builder  # noqa: E402


def library():
    """The file of the library that these tests run with."""
    with open("/proc/self/maps") as maps:
        return next(Path(line.split(None, 5)[5].strip()) for line in maps if "libstreamkinect2.so" in line)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run([HERE / "pack.sh", library(), folder], check=True, capture_output=True, text=True)
    return folder / done.stdout.strip()


def test_the_platform_is_what_the_library_needs(wheel):
    versions = set(re.findall(rb"GLIBC_(\d+)\.(\d+)(?:\.\d+)?\0", library().read_bytes()))
    newest = max((int(major), int(minor)) for major, minor in versions)
    major, minor = max(newest, (2, 28))
    assert (
        wheel.name
        == f"streamkinect2-{streamkinect2.__version__}-py3-none-manylinux_{major}_{minor}_{os.uname().machine}.whl"
    )


def test_a_library_that_needs_an_old_glibc_gets_the_oldest_platform_that_is_promised():
    data = library().read_bytes()
    for major, minor in wheel_builder.glibc_versions(data):
        new = b"GLIBC_2.2"
        old = f"GLIBC_{major}.{minor}".encode()
        data = data.replace(old + b"\0", new + b"\0" * (len(old) - len(new) + 1))
    assert wheel_builder.platform_of(data) == f"manylinux_2_28_{os.uname().machine}"


def test_what_is_no_library_is_refused():
    with pytest.raises(SystemExit, match="ELF"):
        wheel_builder.platform_of(b"MZ" + bytes(100))
    other = bytearray(library().read_bytes())
    struct.pack_into("<H", other, 18, 183)
    assert wheel_builder.platform_of(bytes(other)).endswith("_aarch64")


def test_the_record_is_right_and_notices_are_there(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = f"streamkinect2-{streamkinect2.__version__}.dist-info"
        recorded = list(csv.reader(archive.read(f"{info}/RECORD").decode().splitlines()))
        for name, digest, size in recorded[:-1]:
            data = archive.read(name)
            assert len(data) == int(size)
            assert digest == "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        assert {row[0] for row in recorded} == names
        about = archive.read(f"{info}/METADATA").decode()
    for line in (
        f"Version: {streamkinect2.__version__}",
        "Requires-Dist: blinker",
        "Requires-Dist: numpy",
        "Requires-Python: >=3.9",
    ):
        assert re.search(f"^{line}", about, re.M)
    notices = {f"{info}/licenses/{path.name}" for path in wheel_builder.notices()}
    assert notices <= names and len(notices) >= 2
    assert {"streamkinect2/py.typed", "streamkinect2/libstreamkinect2.so"} <= names


def test_the_same_sources_make_the_same_wheel(wheel, tmp_path):
    subprocess.run([HERE / "pack.sh", library(), tmp_path], check=True, capture_output=True)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def run_installed(folder, program):
    """Runs a program with what is installed in a folder, and nothing that points to another library."""
    environment = {
        key: value for key, value in os.environ.items() if key not in ("STREAMKINECT2_LIBRARY_DIR", "LD_LIBRARY_PATH")
    }
    environment["PYTHONPATH"] = str(folder)
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, cwd="/")


def test_the_installed_wheel_uses_its_own_library(wheel, tmp_path):
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-compile",
        "--target",
        tmp_path,
        wheel,
    ]
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        subprocess.run(list(map(str, command)), check=True, capture_output=True, env=environment)
    else:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(tmp_path)
    program = (
        "import streamkinect2.mock; streamkinect2.mock.MockKinect()\n"
        "print([line.split()[5] for line in open('/proc/self/maps') if 'libstreamkinect2' in line][0])"
    )
    done = run_installed(tmp_path, program)
    assert done.stdout.strip() == str(tmp_path / "streamkinect2" / "libstreamkinect2.so"), done.stderr


def test_without_a_library_the_error_says_what_to_do(tmp_path):
    shutil.copytree(
        Path(_library.__file__).parent, tmp_path / "streamkinect2", ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    done = run_installed(tmp_path, "import streamkinect2")
    if done.returncode == 0:
        pytest.skip("the system has the library")
    assert "ImportError" in done.stderr and "STREAMKINECT2_LIBRARY_DIR" in done.stderr
