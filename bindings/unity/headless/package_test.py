#!/usr/bin/env python3
"""Tests of the packed Unity package and of the table that its .meta files come from.

    package_test.py TARBALL PACKAGE LIBRARY

    TARBALL   what pack.sh made
    PACKAGE   the same, unpacked: the folder with package.json
    LIBRARY   the native library that was given to pack.sh
"""

import json
import re
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

BINDING = Path(__file__).resolve().parent.parent
TOP = BINDING.parent.parent
sys.path.insert(0, str(BINDING))
sys.dont_write_bytecode = True
import meta  # noqa: E402

TARBALL, PACKAGE, LIBRARY = (Path(argument).resolve() for argument in sys.argv[1:4])

# What scenes, prefabs and materials of users refer to: these GUIDs are for ever.
REFERRED_TO = {
    "Runtime/DepthSource.cs": "924d5d6690b8ea7e16d8483e4c33da24",
    "Runtime/InfraredSource.cs": "e5df566c4461d8f8619497ce4ae673f0",
    "Runtime/KinectBrowser.cs": "eb49b53bf328e83f9ed6577f1823c86a",
    "Runtime/KinectClient.cs": "3a6fab04d5f71b4b33a870cf5c94216f",
    "Runtime/StreamStatistics.cs": "b5c8c723cb1c95180948a13a2ef82a6a",
    "Samples~/PointCloud/PointCloud.cs": "e5ec0467077299d6fc9d3e0f6b99860a",
    "Samples~/PointCloud/PointCloud.shader": "6b80adcf056a66471b75c3a0dfc4d639",
}

# What must be in the package, besides what the tests below ask for.
EXPECTED = [
    "package.json", "README.md", "CHANGELOG.md", "LICENSE.md", "Third Party Notices.md", "Documentation~/index.md",
    "Runtime/StreamKinect2.Unity.asmdef", "Runtime/StreamKinect2/StreamKinect2.asmdef", "Runtime/StreamKinect2/Client.cs",
    "Runtime/Plugins/Linux/x86_64/libstreamkinect2.so", "Editor/StreamKinect2.Unity.Editor.asmdef",
    "Tests/Runtime/StreamKinect2.Unity.Tests.asmdef", "Tests/Editor/StreamKinect2.Unity.Editor.Tests.asmdef",
    "Samples~/PointCloud/PointCloud.cs", "Samples~/PointCloud/PointCloud.shader",
]


def paths():
    return sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*"))


def platform_settings(text):
    """The platformData of a native library's .meta file: (platform) -> (enabled, settings). Unity's own form, which is nearly YAML."""
    found = {}
    entry = r"  - first:\n      (.*)\n    second:\n      enabled: (\d)\n      settings:(.*(?:\n        .*)*)"
    for first, enabled, settings in re.findall(entry, text):
        values = dict(line.strip().split(": ", 1) for line in settings.splitlines() if ": " in line)
        found[first.strip()] = (int(enabled), values)
    return found


class MetaFiles(unittest.TestCase):
    def test_every_asset_and_folder_has_exactly_one_and_nothing_else_has(self):
        everything = paths()
        assets = [path for path in everything if not path.endswith(".meta")]
        imported = [path for path in assets if not path.startswith("Documentation~") and path != "Samples~"]
        self.assertEqual(sorted(path + ".meta" for path in imported), [path for path in everything if path.endswith(".meta")])
        self.assertIn("Samples~/PointCloud/PointCloud.cs", imported)

    def test_guids_are_unique_and_follow_from_the_path(self):
        guids = {}
        for path in paths():
            if path.endswith(".meta"):
                text = (PACKAGE / path).read_text()
                match = re.match(r"fileFormatVersion: 2\nguid: ([0-9a-f]{32})\n", text)
                self.assertTrue(match, path)
                self.assertEqual(match[1], meta.guid(path.removesuffix(".meta")))
                self.assertNotIn(match[1], guids, f"{path} and {guids.get(match[1])}")
                guids[match[1]] = path

    def test_guids_that_scenes_refer_to_never_change(self):
        self.assertEqual({path: meta.guid(path) for path in REFERRED_TO}, REFERRED_TO)

    def test_every_component_is_pinned(self):
        components = [path for path in paths() if path.endswith(".cs") and "[AddComponentMenu(" in (PACKAGE / path).read_text()]
        self.assertEqual(sorted(set(components) - set(REFERRED_TO)), [])

    def test_each_kind_of_asset_has_its_importer(self):
        kinds = {".cs": "MonoImporter", ".asmdef": "AssemblyDefinitionImporter", ".md": "TextScriptImporter", ".shader": "ShaderImporter",
                 ".so": "PluginImporter", ".dll": "PluginImporter", ".dylib": "PluginImporter", ".json": "PackageManifestImporter"}
        for path in paths():
            if path.endswith(".meta"):
                asset = PACKAGE / path.removesuffix(".meta")
                kind = "DefaultImporter" if asset.is_dir() else kinds[asset.suffix]
                self.assertEqual(re.findall(r"^(\w+Importer):$", (PACKAGE / path).read_text(), re.MULTILINE), [kind], path)
                self.assertEqual("folderAsset: yes" in (PACKAGE / path).read_text(), asset.is_dir())

    def test_a_kind_of_asset_that_the_table_does_not_have_is_refused(self):
        with self.assertRaisesRegex(ValueError, "scene.unity"):
            meta.meta("scene.unity", False)

    def test_default_references_lead_to_a_shader_and_from_a_field(self):
        for component, (field, shader) in meta.SHADERS.items():
            self.assertRegex((PACKAGE / component).read_text(), rf"\[SerializeField\] private Shader {field} ")
            text = (PACKAGE / (component + ".meta")).read_text()
            guid = re.search(rf"  defaultReferences: \n  - {field}: {{fileID: 4800000, guid: (\w+), type: 3}}\n", text)[1]
            self.assertIn(f"guid: {guid}\n", (PACKAGE / (shader + ".meta")).read_text())


class NativeLibraries(unittest.TestCase):
    def test_each_is_enabled_for_its_platform_and_for_no_other(self):
        right = {"Linux x86-64": ("Linux64", "Linux", "x86_64"), "Windows x86-64": ("Win64", "Windows", "x86_64"),
                 "macOS universal": ("OSXUniversal", "OSX", "AnyCPU")}
        self.assertEqual(set(right), set(meta.NATIVES))
        for platform, (player, editor, cpu) in right.items():
            found = platform_settings(meta.meta(meta.NATIVES[platform].path, False))
            players = ["Linux64", "OSXUniversal", "Win", "Win64"]
            self.assertEqual(list(found), [": Any", "Any:", "Editor: Editor", *(f"Standalone: {one}" for one in players)])
            self.assertEqual(found.pop(": Any"), (0, {"Exclude Editor": "0", **{f"Exclude {one}": str(int(one != player)) for one in players}}))
            self.assertEqual(found.pop("Any:"), (0, {}))
            self.assertEqual(found.pop("Editor: Editor"), (1, {"CPU": cpu, "DefaultValueInitialized": "true", "OS": editor}))
            self.assertEqual(found.pop(f"Standalone: {player}"), (1, {"CPU": cpu}))
            self.assertEqual(set(map(str, found.values())), {str((0, {"CPU": "None"}))})

    def test_all_have_the_one_name_that_the_binding_asks_for(self):
        name = re.search(r'const string Library = "(\w+)"', (TOP / "bindings/csharp/src/Interop/NativeMethods.cs").read_text())[1]
        forms = {f"lib{name}.so", f"{name}.dll", f"lib{name}.dylib"}
        self.assertEqual({Path(native.path).name for native in meta.NATIVES.values()}, forms)

    def test_only_what_was_given_is_shipped_byte_for_byte(self):
        shipped = [path for path in paths() if Path(path).suffix in (".so", ".dll", ".dylib")]
        self.assertEqual(shipped, ["Runtime/Plugins/Linux/x86_64/libstreamkinect2.so"])
        self.assertEqual((PACKAGE / shipped[0]).read_bytes(), LIBRARY.read_bytes())

    def test_the_platform_is_read_from_the_file(self):
        elf = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0"
        windows = b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0"
        self.assertEqual(meta.platform_of(elf + b"\x3e\0"), "Linux x86-64")
        self.assertEqual(meta.platform_of(windows + b"\x64\x86"), "Windows x86-64")
        self.assertEqual(meta.platform_of(b"\xca\xfe\xba\xbe\0\0\0\x02"), "macOS universal")
        for other in (elf + b"\xb7\0", windows + b"\x4c\x01", b"\xcf\xfa\xed\xfe", b"#!/bin/sh\n", b""):
            with self.assertRaisesRegex(ValueError, "none of Linux x86-64, Windows x86-64, macOS universal"):
                meta.platform_of(other)

    def test_a_second_library_for_one_platform_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            meta.place(Path(folder), LIBRARY)
            with self.assertRaisesRegex(ValueError, "has Runtime/Plugins/Linux/x86_64/libstreamkinect2.so already"):
                meta.place(Path(folder), LIBRARY)


class Package(unittest.TestCase):
    manifest = json.loads((PACKAGE / "package.json").read_text())

    def test_what_belongs_in_it_is_there(self):
        self.assertEqual([path for path in EXPECTED if not (PACKAGE / path).is_file() or not (PACKAGE / path).stat().st_size], [])

    def test_nothing_is_there_that_was_built_or_left_over(self):
        endings = {".cs", ".asmdef", ".md", ".shader", ".so", ".json", ".meta", ""}
        self.assertEqual([path for path in paths() if Path(path).suffix not in endings and (PACKAGE / path).is_file()], [])

    def test_the_binding_is_that_of_csharp(self):
        source, copy = TOP / "bindings/csharp/src", PACKAGE / "Runtime/StreamKinect2"
        files = {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*.cs")}
        self.assertEqual({path.relative_to(copy).as_posix(): path.read_bytes() for path in copy.rglob("*.cs")}, files)

    def test_name_version_and_unity(self):
        self.assertEqual(self.manifest["name"], meta.PACKAGE)
        self.assertRegex(self.manifest["name"], r"^[a-z0-9]+(\.[a-z0-9-]+){2,}$")
        self.assertRegex((TOP / "Cargo.toml").read_text(), rf'\nversion = "{re.escape(self.manifest["version"])}"\n')
        self.assertEqual(re.search(r"^## \[([^\]]+)\]", (PACKAGE / "CHANGELOG.md").read_text(), re.MULTILINE)[1], self.manifest["version"])
        self.assertRegex(self.manifest["unity"], r"^20\d\d\.\d$")
        self.assertEqual(TARBALL.name, f"{self.manifest['name']}-{self.manifest['version']}.tgz")

    def test_its_samples_exist(self):
        for sample in self.manifest["samples"]:
            self.assertTrue(sample["displayName"] and sample["description"])
            self.assertTrue(list((PACKAGE / sample["path"]).glob("*.cs")), sample["path"])

    def test_licences_are_complete(self):
        text = (PACKAGE / "LICENSE.md").read_text()
        for licence in ("LICENSE-MIT", "LICENSE-APACHE"):
            self.assertIn((TOP / licence).read_text(), text)

    def test_assembly_definitions_fit_together(self):
        definitions = {path.stem: json.loads(path.read_text()) for path in PACKAGE.rglob("*.asmdef")}
        known = set(definitions) | {"UnityEngine.TestRunner", "UnityEditor.TestRunner"}
        for name, definition in definitions.items():
            self.assertEqual(definition["name"], name)
            self.assertEqual(set(definition["references"]) - known, set(), name)
            # Unity's compiler wants the assemblies behind the ones that are used, too; Mono's finds them by itself.
            for used in set(definition["references"]) & set(definitions):
                self.assertEqual(set(definitions[used]["references"]) - set(definition["references"]), set(), name)
            is_test = name.endswith("Tests")
            self.assertEqual(definition["defineConstraints"], ["UNITY_INCLUDE_TESTS"] if is_test else [], name)
            self.assertEqual(definition["autoReferenced"], not is_test, name)
            self.assertEqual(definition["includePlatforms"] == ["Editor"], ".Editor" in name, name)
            # Unsafe code stays in the binding.
            self.assertEqual(definition["allowUnsafeCode"], name == "StreamKinect2", name)

    def test_links_lead_somewhere(self):
        for page in ("README.md", "CHANGELOG.md", "Documentation~/index.md"):
            for link in re.findall(r"\]\(([^)#]+)", (PACKAGE / page).read_text()):
                self.assertTrue("://" in link or (PACKAGE / page).parent.joinpath(link).exists(), f"{page}: {link}")


class Tarball(unittest.TestCase):
    def test_it_has_the_package_and_nothing_else_and_nobodys_traces(self):
        with tarfile.open(TARBALL) as tarball:
            members = tarball.getmembers()
        self.assertEqual(sorted(member.name for member in members), sorted(["package"] + [f"package/{path}" for path in paths()]))
        for member in members:
            self.assertTrue(member.isdir() or member.isreg(), member.name)
            self.assertEqual((member.uid, member.gid, member.mode & 0o777), (0, 0, 0o755 if member.isdir() else 0o644), member.name)
        self.assertEqual(len({member.mtime for member in members}), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
