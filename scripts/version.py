#!/usr/bin/env python3
"""The one version number: prints it, after a look whether every place carries it; or writes a new one everywhere.

    version.py [--set MAJOR.MINOR.PATCH | --places]

    --set VERSION   the topmost entry of a changelog becomes this version's, or gets one above it if it has a date: is released
    --places        prints the files that carry the number

Cargo.toml has the number, the others repeat it. Exit status: 1 if a place has another one or none, and says which.
"""

import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Files, and what stands around the number there: {} for all of it, {major}, {minor}, {patch} for a part. The first such text counts.
PLACES = [
    ("Cargo.toml", '\nversion = "{}"'),
    ("Cargo.lock", '\nname = "streamkinect2"\nversion = "{}"'),
    ("fuzz/Cargo.lock", '\nname = "streamkinect2"\nversion = "{}"'),
    ("benches/codecs/Cargo.lock", '\nname = "streamkinect2"\nversion = "{}"'),
    ("include/streamkinect2.h", "\n#define KINECT2_VERSION_MAJOR {major}\n"),
    ("include/streamkinect2.h", "\n#define KINECT2_VERSION_MINOR {minor}\n"),
    ("include/streamkinect2.h", "\n#define KINECT2_VERSION_PATCH {patch}\n"),
    ("CHANGELOG.md", "\n## [{}] - "),
    ("README.md", "\nThis is version {}. "),
    ("bindings/csharp/src/KinectLibrary.cs", 'string AssemblyVersion = "{}"'),
    ("bindings/python/src/streamkinect2/_version.py", '\n__version__ = "{}"'),
    ("bindings/unity/package.json", '"version": "{}"'),
    ("bindings/unity/CHANGELOG.md", "\n## [{}] - "),
]
CHANGELOGS = ["CHANGELOG.md", "bindings/unity/CHANGELOG.md"]
PARTS = {"{major}": 0, "{minor}": 1, "{patch}": 2}


class Place:
    def __init__(self, file, around):
        self.file = file
        self.slot = next((part for part in PARTS if part in around), "{}")
        before, after = (re.escape(text) for text in around.split(self.slot))
        number = r"\d+\.\d+\.\d+" if self.slot == "{}" else r"\d+"
        self.pattern = re.compile(f"({before})({number})(?={after})")

    def part(self, version):
        """What of this version stands at the place."""
        return version if self.slot == "{}" else version.split(".")[PARTS[self.slot]]

    def found(self):
        """What stands there now, or None."""
        match = self.pattern.search(read(self.file))
        return match and match[2]

    def write(self, version):
        text = read(self.file)
        with open(os.path.join(TOP, self.file), "w", encoding="utf-8") as file:
            file.write(self.pattern.sub(lambda match: match[1] + self.part(version), text, count=1))


def read(name):
    try:
        with open(os.path.join(TOP, name), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def new_entry(changelog, version):
    """An entry for this version in a changelog, above the topmost one if that is released."""
    text = read(changelog)
    top = re.search(r"^## \[[^]]*\] - (.*)$", text, re.MULTILINE)
    if top and top[1] != "unreleased":
        text = f"{text[:top.start()]}## [{version}] - unreleased\n\n{text[top.start():]}"
        with open(os.path.join(TOP, changelog), "w", encoding="utf-8") as file:
            file.write(text)


def wrong(places, version):
    """What to complain about."""
    for place in places:
        found = place.found()
        if found != place.part(version):
            around = place.pattern.pattern.replace("\\", "").split("(?=")[0]
            yield f"{place.file} has {found or 'no number'} where {place.part(version)} belongs ({around!r})"


def main():
    places = [Place(*place) for place in PLACES]
    arguments = sys.argv[1:]
    if arguments == ["--places"]:
        print("\n".join(sorted({place.file for place in places})))
        return
    if len(arguments) == 2 and arguments[0] == "--set":
        version = arguments[1]
        if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
            sys.exit(f"version.py: \"{version}\" is not MAJOR.MINOR.PATCH")
        if version != places[0].found():
            for changelog in CHANGELOGS:
                new_entry(changelog, version)
        for place in places:
            place.write(version)
    elif arguments:
        sys.exit(__doc__)
    version = places[0].found()
    complaints = list(wrong(places, version)) if version else ["Cargo.toml has no version"]
    if complaints:
        sys.exit("\n".join(f"version.py: {complaint}" for complaint in complaints))
    print(version)


if __name__ == "__main__":
    main()
