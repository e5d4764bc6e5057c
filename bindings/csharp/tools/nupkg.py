#!/usr/bin/env python3
"""Writes a NuGet package: a ZIP file with the parts that the Open Packaging Conventions (ECMA-376, part 2) want beside the files.

    nupkg.py LAYOUT OUT.nupkg

    LAYOUT      the package's files, one .nuspec among them
    OUT.nupkg   is written; the same files make the same bytes (dated with SOURCE_DATE_EPOCH, or with the beginning of ZIP's time)
"""

import hashlib
import os
import sys
import time
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

XML = '<?xml version="1.0" encoding="utf-8"?>\n'
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
CORE = RELATIONSHIPS + "/metadata/core-properties"


def content_types(names):
    """Every part has a type, by its extension or, where it has none, by its name."""
    known = {"rels": "application/vnd.openxmlformats-package.relationships+xml",
             "psmdcp": "application/vnd.openxmlformats-package.core-properties+xml"}
    extensions = sorted({name.rsplit(".", 1)[1] for name in names if "." in Path(name).name} | set(known))
    lines = [f'  <Default Extension="{one}" ContentType="{known.get(one, "application/octet")}" />' for one in extensions]
    lines += [f'  <Override PartName="/{name}" ContentType="application/octet" />' for name in names if "." not in Path(name).name]
    return f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\n' + "\n".join(lines) + "\n</Types>\n"


def relationships(nuspec, properties):
    """What is the manifest, and where the properties are."""
    return (f'{XML}<Relationships xmlns="{RELATIONSHIPS}">\n'
            f'  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/{nuspec}" Id="R1" />\n'
            f'  <Relationship Type="{CORE}" Target="/{properties}" Id="R2" />\n'
            "</Relationships>\n")


def core_properties(nuspec):
    """The same that the manifest says, in the convention's words."""
    def text(name):
        return escape(nuspec.findtext(f".//{{*}}{name}"))

    return (f'{XML}<coreProperties xmlns="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
            f"  <dc:creator>{text('authors')}</dc:creator>\n"
            f"  <dc:description>{text('description')}</dc:description>\n"
            f"  <dc:identifier>{text('id')}</dc:identifier>\n"
            f"  <version>{text('version')}</version>\n"
            f"  <keywords>{text('tags')}</keywords>\n"
            "</coreProperties>\n")


def main(layout, out):
    files = {str(file.relative_to(layout)): file.read_bytes() for file in sorted(layout.rglob("*")) if file.is_file()}
    [nuspec] = [name for name in files if name.endswith(".nuspec")]
    manifest = ElementTree.fromstring(files[nuspec])
    properties = f"package/services/metadata/core-properties/{hashlib.sha256(files[nuspec]).hexdigest()[:32]}.psmdcp"
    parts = {"_rels/.rels": relationships(nuspec, properties).encode(), **files, properties: core_properties(manifest).encode()}
    parts["[Content_Types].xml"] = content_types(parts).encode()
    zip_begins = 315532800  # 1980
    date = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), zip_begins))[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: nupkg.py LAYOUT OUT.nupkg")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
