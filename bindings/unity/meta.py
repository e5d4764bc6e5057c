#!/usr/bin/env python3
"""Writes the .meta files of the Unity package: one for each asset and folder, all of them from the two tables below.

    meta.py write FOLDER                writes the .meta files of the package in FOLDER
    meta.py place FOLDER LIBRARY...     copies native libraries to their places in the package in FOLDER

A GUID is the MD5 of the package's name and the path in it: the same in every build, on every machine, so that scenes keep their references
over updates of the package. Who moves a component breaks the scenes that have it; the test of this table pins their GUIDs.

The texts are what Unity 2021.3 itself writes for such assets.
"""

import hashlib
import shutil
import struct
import sys
from pathlib import Path, PurePosixPath
from typing import NamedTuple

PACKAGE = "org.streamkinect2.streamkinect2"

FOLDER = "folderAsset: yes\nDefaultImporter:\n"

# What imports an asset, by the end of its name.
IMPORTERS = {
    "package.json": "PackageManifestImporter:\n",
    ".asmdef": "AssemblyDefinitionImporter:\n",
    ".cs": "MonoImporter:\n",
    ".md": "TextScriptImporter:\n",
    ".shader": "ShaderImporter:\n",
}

# What an importer has besides the usual.
EXTRAS = {
    ".cs": "  serializedVersion: 2\n  defaultReferences: {references}\n  executionOrder: 0\n  icon: {{instanceID: 0}}\n",
    ".shader": "  defaultTextures: []\n  nonModifiableTextures: []\n  preprocessorOverride: 0\n",
}

# Shaders that components refer to: component, its serialized field, shader. So a new component has its shader, also in a player, which
# takes only shaders that something refers to.
SHADERS = {
    "Samples~/PointCloud/PointCloud.cs": ("shader", "Samples~/PointCloud/PointCloud.shader"),
}


class Native(NamedTuple):
    """A native library: where it lies in the package, and the one platform that it is for, in Unity's words."""

    path: str
    player: str
    editor: str
    cpu: str


# One name on all of them, "streamkinect2" in DllImport: the loader adds "lib" and the ending.
NATIVES = {
    "Linux x86-64": Native("Runtime/Plugins/Linux/x86_64/libstreamkinect2.so", "Linux64", "Linux", "x86_64"),
    "Windows x86-64": Native("Runtime/Plugins/Windows/x86_64/streamkinect2.dll", "Win64", "Windows", "x86_64"),
    "macOS universal": Native("Runtime/Plugins/macOS/libstreamkinect2.dylib", "OSXUniversal", "OSX", "AnyCPU"),
}

PLAYERS = ("Linux64", "OSXUniversal", "Win", "Win64")


def guid(path):
    """The GUID of the asset or folder at `path` in the package, 32 hexadecimal digits."""
    return hashlib.md5(f"{PACKAGE}/{path}".encode()).hexdigest()


def meta(path, is_folder):
    """The text of the .meta file of `path`; ValueError for a kind of asset that the table does not have."""
    return f"fileFormatVersion: 2\nguid: {guid(path)}\n{importer(path, is_folder)}" \
           "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"


def importer(path, is_folder):
    if is_folder:
        return FOLDER + "  externalObjects: {}\n"
    native = next((native for native in NATIVES.values() if native.path == path), None)
    if native:
        return plugin(native)
    ending = next((ending for ending in IMPORTERS if PurePosixPath(path).name.endswith(ending)), None)
    if ending is None:
        raise ValueError(f"{path}: no importer is known for it; give meta.py's table a row")
    return IMPORTERS[ending] + "  externalObjects: {}\n" + EXTRAS.get(ending, "").format(references=references(path))


def references(path):
    if path not in SHADERS:
        return "[]"
    field, shader = SHADERS[path]
    return f"\n  - {field}: {{fileID: 4800000, guid: {guid(shader)}, type: 3}}"


def plugin(native):
    """The importer of a native library, which is enabled for its platform's editor and player and for nothing else."""
    excluded = "".join(f"        Exclude {player}: {int(player != native.player)}\n" for player in PLAYERS)
    text = (
        "PluginImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  iconMap: {}\n  executionOrder: {}\n"
        "  defineConstraints: []\n  isPreloaded: 0\n  isOverridable: 0\n  isExplicitlyReferenced: 0\n  validateReferences: 1\n"
        "  platformData:\n"
        f"  - first:\n      : Any\n    second:\n      enabled: 0\n      settings:\n        Exclude Editor: 0\n{excluded}"
        "  - first:\n      Any: \n    second:\n      enabled: 0\n      settings: {}\n"
        "  - first:\n      Editor: Editor\n    second:\n      enabled: 1\n      settings:\n"
        f"        CPU: {native.cpu}\n        DefaultValueInitialized: true\n        OS: {native.editor}\n"
    )
    for player in PLAYERS:
        on = player == native.player
        text += f"  - first:\n      Standalone: {player}\n    second:\n      enabled: {int(on)}\n      settings:\n" \
                f"        CPU: {native.cpu if on else 'None'}\n"
    return text


def platform_of(head):
    """The platform of a native library, by its first kilobyte; ValueError if it is for none of those in the table."""
    if head[:6] == b"\x7fELF\x02\x01" and struct.unpack_from("<H", head, 18)[0] == 62:
        return "Linux x86-64"
    if head[:2] == b"MZ":
        header = struct.unpack_from("<I", head, 60)[0]
        if head[header:header + 6] == b"PE\0\0\x64\x86":
            return "Windows x86-64"
    if head[:4] == b"\xca\xfe\xba\xbe":
        return "macOS universal"
    raise ValueError(f"is a library for none of {', '.join(NATIVES)}")


def place(package, library):
    """Copies a native library to its platform's place in the package."""
    with open(library, "rb") as file:
        head = file.read(1024)
    try:
        target = package / NATIVES[platform_of(head)].path
    except ValueError as error:
        raise ValueError(f"{library} {error}") from None
    if target.exists():
        raise ValueError(f"{library}: the package has {target.relative_to(package)} already")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(library, target)


def assets(package):
    """The paths of all assets and folders that need a .meta file, with whether they are folders. Unity does not import what ends in "~",
    but copies what is inside of Samples~ into projects, with its .meta files."""
    for path in sorted(package.rglob("*")):
        relative = path.relative_to(package).as_posix()
        in_documentation = relative.startswith("Documentation~")
        if not in_documentation and not relative.endswith(("~", ".meta")):
            yield relative, path.is_dir()


def write(package):
    """Writes the .meta file of each asset and folder of the package."""
    for path, is_folder in list(assets(package)):
        (package / (path + ".meta")).write_text(meta(path, is_folder), newline="\n")


def main(arguments):
    try:
        if len(arguments) == 2 and arguments[0] == "write":
            write(Path(arguments[1]))
        elif len(arguments) >= 3 and arguments[0] == "place":
            for library in arguments[2:]:
                place(Path(arguments[1]), library)
        else:
            sys.exit(__doc__)
    except (OSError, ValueError) as error:
        sys.exit(f"meta.py: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
