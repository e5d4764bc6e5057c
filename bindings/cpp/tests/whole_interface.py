"""The C++ headers use all of the C interface: each function, each constant, each member of a structure.

    whole_interface.py INCLUDE_DIR
"""

import pathlib
import re
import sys

# What the C++ interface has no use for, and why.
EXCEPTIONS = {
    "KINECT2_ID_CAPACITY": "texts come as std::string; KINECT2_TEXT_CAPACITY is enough for ids, too",
    "KINECT2_VERSION_MAJOR": "the C header's own; programs use it as it is",
    "KINECT2_VERSION_MINOR": "likewise",
    "KINECT2_VERSION_PATCH": "likewise",
    "reserved": "0",
}


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def interface(header):
    """The words of the C header that a binding may leave out, by kind."""
    code = without_comments(header)
    functions = set(re.findall(r"^[a-z][\w ]*[ *](kinect2_\w+)\(", code, flags=re.MULTILINE))
    constants = set(re.findall(r"^#define (KINECT2_\w+) ", code, flags=re.MULTILINE))
    members = set()
    for body in re.findall(r"typedef struct \{(.*?)\}", code, flags=re.DOTALL):
        members |= set(re.findall(r"(\w+)(?:\[\d+\])?;", body))
    return {"function": functions, "constant": constants, "member": members}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    include = pathlib.Path(sys.argv[1])
    words = interface((include / "streamkinect2.h").read_text())
    if len(words["function"]) < 90 or len(words["constant"]) < 60 or len(words["member"]) < 50:
        sys.exit(f"the header is not read right: { {kind: len(names) for kind, names in words.items()} }")
    used = "".join(without_comments(path.read_text()) for path in sorted(include.glob("streamkinect2/*.hpp")))
    missing = []
    for kind, names in words.items():
        for name in sorted(names):
            # a member counts where it is read or written
            word = rf"(\.|->){name}\b" if kind == "member" else rf"\b{name}\b"
            there, excepted = re.search(word, used), name in EXCEPTIONS
            if not there and not excepted:
                missing.append(f"{kind} {name} is not used")
            if there and excepted:
                missing.append(f"{kind} {name} is used, so it is no exception")
    if missing:
        sys.exit("\n".join(missing))
    print("the whole interface:", ", ".join(f"{len(names)} {kind}s" for kind, names in words.items()))


main()
