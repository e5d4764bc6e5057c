#!/usr/bin/env python3
"""Compiles all C# of an unpacked Unity package with warnings as errors, against the stub of UnityEngine in stub/: what can be done without Unity.

    build.py PACKAGE OUT

    PACKAGE   the unpacked package: the folder with package.json
    OUT       gets an assembly for each assembly definition of the package, for each piece of C# in its documentation, for the program
              for Unity in the project's README, the stub's, and Runner.exe, FirstProgram.exe, HeadlessTests.dll

The compiler is Mono's mcs, for C# 7.2. Which sources belong together, what they see and whether they may be unsafe is taken from the
package's assembly definitions, as Unity does, so that a reference that is missing there is missing here.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[2]
# What Unity brings along: folders of stub/ and what they refer to.
STUB = {
    "UnityEngine": [],
    "UnityEditor": ["UnityEngine"],
    "nunit.framework": [],
    "UnityEngine.TestRunner": ["UnityEngine"],
}
# What is compiled besides, of this folder: its kind, its sources, and what it refers to.
OWN = {
    "Runner": ("exe", ["Runner.cs"], ["UnityEngine", "nunit.framework", "UnityEngine.TestRunner"]),
    "FirstProgram": ("exe", ["FirstProgram.cs", "Crc32.cs"], ["UnityEngine", "StreamKinect2", "StreamKinect2.Unity"]),
    "HeadlessTests": ("library", ["HeadlessTests.cs", "DomainTests.cs", "FirstProgramTests.cs", "Crc32.cs"], [
        "UnityEngine", "UnityEditor", "nunit.framework", "UnityEngine.TestRunner",
        "StreamKinect2", "StreamKinect2.Unity", "StreamKinect2.Unity.Tests", "StreamKinect2.Samples.PointCloud"]),
}


def definitions(package):
    """The assembly definitions of the package by their names, each with its folder."""
    found = {}
    for file in sorted(package.rglob("*.asmdef")):
        definition = json.loads(file.read_text())
        definition["folder"] = file.parent
        if definition["name"] in found or file.stem != definition["name"]:
            sys.exit(f"build.py: {file}: an assembly of another name, or a second one")
        found[definition["name"]] = definition
    return found


def sources(definition, package):
    """The C# files that belong to an assembly: those whose nearest assembly definition, going up, is this one."""
    for file in sorted(definition["folder"].rglob("*.cs")):
        folder = file.parent
        while not list(folder.glob("*.asmdef")) and folder != package:
            folder = folder.parent
        if folder == definition["folder"]:
            yield file


def references(definition):
    """What the sources of an assembly may use."""
    seen = list(definition["references"])
    if not definition["noEngineReferences"]:
        seen.append("UnityEngine")
    if definition["includePlatforms"] == ["Editor"]:
        seen.append("UnityEditor")
    return seen + [Path(name).stem for name in definition["precompiledReferences"]]


def compile_assembly(out, name, files, seen, unsafe, kind="library"):
    if not files:
        sys.exit(f"build.py: {name} has no sources")
    target = out / f"{name}.{'exe' if kind == 'exe' else 'dll'}"
    flags = ["-nologo", "-langversion:7.2", "-warnaserror", "-warn:4", "-debug", f"-target:{kind}", f"-out:{target}"]
    flags += ["-unsafe"] if unsafe else []
    flags += [f"-reference:{out / (one + '.dll')}" for one in seen]
    if subprocess.run(["mcs", *flags, *files], check=False).returncode != 0:
        sys.exit(f"build.py: {name} does not compile")


def snippets(package, out):
    """The C# in the package's documentation, as files: whole programs as they are, a few statements in a method."""
    for page in ("README.md", "Documentation~/index.md"):
        for number, text in enumerate(re.findall(r"```csharp\n(.*?)```", (package / page).read_text(), re.DOTALL)):
            file = out / f"{Path(page).stem}{number}.cs"
            if not text.startswith("using "):
                text = f"using StreamKinect2;\nstatic class Statements {{ static void Run(ushort[] millimetres) {{\n{text}}} }}\n"
            file.write_text(text)
            yield file
    section = re.search(r"^### Unity\n.*?^```cs\n(.*?)```.*?^### ", (TOP / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    if not section:
        sys.exit("build.py: the project's README has no program in its section \"Unity\"")
    file = out / "ProjectReadme.cs"
    file.write_text(section[1])
    yield file


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    package, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    for name, seen in STUB.items():
        compile_assembly(out, name, sorted((HERE / "stub" / name).glob("*.cs")), seen, True)
    waiting, done = definitions(package), set(STUB)
    while waiting:
        ready = [name for name, definition in waiting.items() if done.issuperset(references(definition))]
        if not ready:
            sys.exit(f"build.py: these refer to assemblies that there are not, or to each other: {', '.join(waiting)}")
        for name in ready:
            definition = waiting.pop(name)
            compile_assembly(out, name, list(sources(definition, package)), references(definition), definition["allowUnsafeCode"])
            done.add(name)
    for name, (kind, files, seen) in OWN.items():
        compile_assembly(out, name, [HERE / file for file in files], seen, False, kind)
    for file in snippets(package, out):
        compile_assembly(out, file.stem, [file], ["UnityEngine", "StreamKinect2", "StreamKinect2.Unity"], False)


if __name__ == "__main__":
    main()
