"""The declarations for ctypes are those of the header: names, numbers, sizes, and the places of members by the C compiler's word."""

import ctypes
import enum
import os
import re
import subprocess
from pathlib import Path

import pytest

import streamkinect2
from streamkinect2 import _abi, common, mock

HEADER = Path(os.environ.get("STREAMKINECT2_INCLUDE_DIR", Path(__file__).parents[3] / "include")) / "streamkinect2.h"
TEXT = HEADER.read_text("utf-8")
CONSTANTS = {name: value for name, value in re.findall(r"^#define KINECT2_(\w+) (\S+)$", TEXT, re.M)}
STRUCTURES = {
    "frame_options": _abi.FrameOptions,
    "frame_info": _abi.FrameInfo,
    "mock_options": _abi.MockOptions,
    "stream_info": _abi.StreamInfo,
    "server_options": _abi.ServerOptions,
    "event": _abi.Event,
    "encode_options": _abi.EncodeOptions,
    "server_stats": _abi.ServerStats,
    "browser_options": _abi.BrowserOptions,
    "server_info": _abi.ServerInfo,
    "client_options": _abi.ClientOptions,
    "stream_options": _abi.StreamOptions,
    "client_stats": _abi.ClientStats,
}
ENUMERATIONS = {
    "ENDPOINT_": common.EndpointType,
    "DISCOVERY_": common.Discovery,
    "STREAM_": common.Stream,
    "FORMAT_": common.Format,
    "CODEC_": common.Codec,
    "PROFILE_": common.Profile,
    "POLL_": common.Poll,
    "FRAME_": common.FrameFlag,
    "EVENT_": common.EventType,
    "MOCK_": mock.Scene,
}


def code():
    """The header without its comments."""
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", TEXT, flags=re.S)


def prototypes():
    """Each function of the header: its name, and its parameters as C text."""
    pattern = r"^[a-z][\w \*]*?\b(kinect2_\w+)\(([^;{]*)\);"
    return {name: [one.strip() for one in text.split(",")] for name, text in re.findall(pattern, code(), re.M)}


def test_every_function_of_the_header_is_declared_and_no_other():
    assert len(prototypes()) > 80
    assert set(prototypes()) == set(_abi.FUNCTIONS)


@pytest.mark.parametrize("name", sorted(_abi.FUNCTIONS))
def test_parameters_have_the_sizes_of_the_header(name):
    parameters = [one for one in prototypes()[name] if one != "void"]
    assert len(parameters) == len(_abi.FUNCTIONS[name]) - 1
    sizes = {"uint32_t": 4, "int32_t": 4, "uint64_t": 8, "size_t": ctypes.sizeof(ctypes.c_size_t)}
    for text, kind in zip(parameters, _abi.FUNCTIONS[name][1:]):
        by_value = sizes.get(text.split()[0]) if "*" not in text else None
        assert ctypes.sizeof(kind) == (by_value or ctypes.sizeof(ctypes.c_void_p)), text


def test_every_function_is_used():
    """All of the C interface can be reached from Python: nothing is declared for show."""
    folder = Path(streamkinect2.__file__).parent
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py") if path.name != "_abi.py")
    assert [name for name in _abi.FUNCTIONS if not re.search(rf"lib\w*\.{name}\b", source)] == []


def test_every_structure_of_the_header_is_declared():
    names = re.findall(r"^\} kinect2_(\w+)_t;", code(), re.M)
    assert sorted(names) == sorted(STRUCTURES)


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    """What the C compiler says: name of a structure or of a member -> size, or (place, size)."""
    folder = tmp_path_factory.mktemp("layout")
    lines = []
    for name, structure in STRUCTURES.items():
        kind = f"kinect2_{name}_t"
        lines.append(f'printf("{name} %zu 0\\n", sizeof({kind}));')
        for member, *_ in structure._fields_:
            place, size = f"offsetof({kind}, {member})", f"sizeof((({kind} *)0)->{member})"
            lines.append(f'printf("{name}.{member} %zu %zu\\n", {place}, {size});')
    source = folder / "layout.c"
    source.write_text('#include <stdio.h>\n#include "streamkinect2.h"\nint main(void) {\n' + "\n".join(lines) + "\n}\n")
    subprocess.run(["cc", f"-I{HEADER.parent}", str(source), "-o", str(folder / "layout")], check=True)
    output = subprocess.run([str(folder / "layout")], check=True, capture_output=True, text=True).stdout
    return {name: (int(first), int(second)) for name, first, second in (line.split() for line in output.splitlines())}


@pytest.mark.parametrize("name", sorted(STRUCTURES))
def test_structures_have_the_compilers_layout(name, layout):
    structure = STRUCTURES[name]
    body = re.search(r"typedef struct \{([^}]*)\} kinect2_" + name + "_t;", code())[1]
    members = [re.search(r"(\w+)(\[\d+\])?$", line.strip())[1] for line in body.split(";") if line.strip()]
    assert [member for member, *_ in structure._fields_] == members
    assert ctypes.sizeof(structure) == layout[name][0]
    for member in members:
        declared = getattr(structure, member)
        assert (declared.offset, declared.size) == layout[f"{name}.{member}"], member


def test_every_number_of_the_header_has_its_name():
    known = {"VERSION_MAJOR", "VERSION_MINOR", "VERSION_PATCH", "WAIT_FOREVER", "ID_CAPACITY", "TEXT_CAPACITY"}
    known |= {name for name in CONSTANTS if name.startswith("LOG_")}  # levels are those of `logging`
    for prefix, enumeration in ENUMERATIONS.items():
        for name in [name for name in CONSTANTS if name.startswith(prefix)]:
            value = 2**32 - 1 if CONSTANTS[name] == "UINT32_MAX" else int(CONSTANTS[name])
            short = name[len(prefix) :]
            member = short.lower() if enumeration is common.EndpointType else short
            assert enumeration[member].value == value
            known.add(name)
    for result in common.Result:
        assert int(CONSTANTS[result.name]) == result.value
        known.add(result.name)
    assert set(CONSTANTS) - known == set()


def test_no_name_is_invented():
    for prefix, enumeration in ENUMERATIONS.items():
        for member in enumeration.__members__:
            assert prefix + member.upper() in CONSTANTS


def test_named_tuples_have_all_members_but_bookkeeping():
    for name, names in {
        "frame_info": common.FrameInfo,
        "stream_info": common.StreamInfo,
        "event": common.Event,
        "encode_options": common.EncodeOptions,
        "server_stats": common.ServerStatistics,
        "client_stats": common.ClientStatistics,
    }.items():
        members = [member for member, *_ in STRUCTURES[name]._fields_]
        assert set(names._fields) == set(members) - {"struct_size", "reserved"}


def test_the_version_is_the_headers():
    parts = [CONSTANTS[f"VERSION_{part}"] for part in ("MAJOR", "MINOR", "PATCH")]
    assert streamkinect2.__version__ == ".".join(parts) == streamkinect2.library_version()


def test_capacities():
    assert _abi.ID_CAPACITY == int(CONSTANTS["ID_CAPACITY"])
    assert _abi.TEXT_CAPACITY == int(CONSTANTS["TEXT_CAPACITY"])
    assert issubclass(common.Result, enum.IntEnum)
