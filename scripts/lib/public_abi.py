#!/usr/bin/env python3
"""The public interface in what abidw says about the shared library, in C's words.

    public_abi.py < XML of abidw > the same for the functions kinect2_* and what they need

abidw describes all of the Rust and C++ in the library, some megabytes that differ from compiler to compiler. Left are the exported
functions and the types that they reach, sorted, with ids that say what they are: what differs between two of these files differs for
programs. Rust has some of C's types under other names: modules do not count, Option<fn> is a function pointer, c_void is void. Anything
else that C does not have is an error, and so is a lack of debug information, with which different things would look alike.
"""

import sys
import xml.etree.ElementTree as ElementTree

PREFIX = "kinect2_"
# What C has by these names: Rust's numbers. (c_char is i8 or u8, as on the machine.)
NUMBERS = {"i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "isize", "usize", "f32", "f64"}


class Unusable(Exception):
    """What the description cannot be made of."""


class Interface:
    """Types by abidw's ids, and what of them was needed so far."""

    def __init__(self, corpus):
        self.types = {}
        for element in corpus.iter():
            # A type may be there again as a mere declaration.
            if "id" in element.attrib and not (element.get("is-declaration-only") and element.get("id") in self.types):
                self.types[element.get("id")] = element
        self.written = {}  # our id: element

    def elements(self):
        return (inner for element in self.written.values() for inner in element.iter())

    def type_id(self, abidw_id):
        """Our id of a type, which is then among the written ones."""
        element = self.types[abidw_id]
        describe = getattr(self, "describe_" + element.tag.replace("-", "_"), None)
        if describe is None:
            raise Unusable(f"the interface has a type that C does not: <{element.tag} {element.get('name', '')}>")
        return describe(element)

    def write(self, own_id, tag, **attributes):
        named = {name.replace("_", "-"): value for name, value in attributes.items()}
        self.written[own_id] = ElementTree.Element(tag, {**named, "id": own_id})
        return self.written[own_id]

    def void(self):
        if "void" not in self.written:
            self.write("void", "type-decl", name="void")
        return "void"

    def number(self, name, bits):
        if name not in self.written:
            self.write(name, "type-decl", name=name, size_in_bits=bits)
        return name

    def describe_type_decl(self, element):
        name = "void" if element.get("name") == "()" else element.get("name")
        if name not in NUMBERS | {"void"}:
            raise Unusable(f"the interface has a type that C does not: {name}")
        return self.void() if name == "void" else self.number(name, element.get("size-in-bits"))

    def describe_enum_decl(self, element):
        if element.get("name") != "c_void":
            raise Unusable(f"the interface has a Rust enumeration: {element.get('name')}")
        return self.void()

    def describe_pointer_type_def(self, element):
        target = self.type_id(element.get("type-id"))
        own_id = f"{target} *"
        if own_id not in self.written:
            self.write(own_id, "pointer-type-def", type_id=target, size_in_bits=element.get("size-in-bits"))
        return own_id

    def describe_array_type_def(self, element):
        item = self.type_id(element.get("type-id"))
        lengths = [part.get("length") for part in element.findall("subrange")]
        own_id = item + "".join(f"[{length}]" for length in lengths)
        if own_id not in self.written:
            array = self.write(own_id, "array-type-def", dimensions=str(len(lengths)), type_id=item,
                               size_in_bits=element.get("size-in-bits"))
            self.number("usize", "64")
            for length in lengths:
                ElementTree.SubElement(array, "subrange", {"length": length, "type-id": "usize", "id": f"subrange {length}"})
        return own_id

    def describe_function_type(self, element):
        parameters = [self.type_id(part.get("type-id")) for part in element.findall("parameter")]
        result = self.type_id(element.find("return").get("type-id"))
        own_id = f"{result} ({', '.join(parameters)})"
        if own_id not in self.written:
            function = self.write(own_id, "function-type", size_in_bits=element.get("size-in-bits"))
            self.signature(function, parameters, result)
        return own_id

    @staticmethod
    def signature(function, parameters, result):
        for parameter in parameters:
            ElementTree.SubElement(function, "parameter", {"type-id": parameter})
        ElementTree.SubElement(function, "return", {"type-id": result})

    def describe_class_decl(self, element):
        name = element.get("name")
        if name.startswith("Option<") and " fn(" in name:
            return self.type_id(self.pointer_in(element))
        if not name.startswith(PREFIX):
            raise Unusable(f"the interface has a structure that C does not: {name}")
        if name not in self.written:
            size = {"size_in_bits": element.get("size-in-bits")} if element.get("size-in-bits") else {}
            structure = self.write(name, "class-decl", name=name, is_struct="yes", visibility="default", **size)
            members = element.findall("data-member")
            # A handle has nothing inside for C.
            if not members:
                structure.set("is-declaration-only", "yes")
            for member in sorted(members, key=lambda member: int(member.get("layout-offset-in-bits"))):
                self.member(structure, member)
        return name

    def member(self, structure, member):
        variable = member.find("var-decl")
        place = ElementTree.SubElement(structure, "data-member",
                                       {"access": "public", "layout-offset-in-bits": member.get("layout-offset-in-bits")})
        own_id = self.type_id(variable.get("type-id"))
        ElementTree.SubElement(place, "var-decl", {"name": variable.get("name"), "type-id": own_id, "visibility": "default"})

    def pointer_in(self, option):
        """The function pointer that is not None, as large as the Option."""
        some = next(inner for inner in option.iter("class-decl") if inner.get("name") == "Some")
        pointer = some.find("data-member/var-decl").get("type-id")
        if self.types[pointer].get("size-in-bits") != option.get("size-in-bits"):
            raise Unusable(f"not a pointer: {option.get('name')}")
        return pointer


def exported(corpus):
    """Names of the functions that programs can link."""
    symbols = [symbol for symbol in corpus.iter("elf-symbol") if symbol.get("is-defined") == "yes"]
    for symbol in symbols:
        if symbol.get("type") != "func-type" or not symbol.get("name").startswith(PREFIX):
            raise Unusable(f"the library exports {symbol.get('name')}, which is not a function {PREFIX}*")
    if not symbols:
        raise Unusable("the library exports nothing")
    return sorted(symbol.get("name") for symbol in symbols)


def public(corpus):
    """The corpus with nothing but its public interface."""
    interface = Interface(corpus)
    declared = {function.get("elf-symbol-id"): function for function in corpus.iter("function-decl")}
    symbols, functions = [], []
    for name in exported(corpus):
        if name not in declared:
            raise Unusable(f"there is no debug information about {name}: the library must be built with debug = 2")
        symbols.append(ElementTree.Element("elf-symbol", {
            "name": name, "type": "func-type", "binding": "global-binding", "visibility": "default-visibility", "is-defined": "yes"}))
        function = ElementTree.Element("function-decl", {
            "name": name, "mangled-name": name, "visibility": "default", "binding": "global", "elf-symbol-id": name})
        parameters = [interface.type_id(part.get("type-id")) for part in declared[name].findall("parameter")]
        interface.signature(function, parameters, interface.type_id(declared[name].find("return").get("type-id")))
        functions.append(function)
    if not any(element.tag == "data-member" for element in interface.elements()):
        raise Unusable("no structure has a member: the library must be built with debug = 2")

    # Of the form that Debian 12's abidiff reads and later ones still do.
    result = ElementTree.Element("abi-corpus", {"version": "2.1", **{name: corpus.get(name) for name in ("architecture", "soname")}})
    ElementTree.SubElement(result, "elf-function-symbols").extend(symbols)
    unit = ElementTree.SubElement(result, "abi-instr", {"address-size": "64", "path": "streamkinect2.h", "language": "LANG_C99"})
    unit.extend(interface.written[own_id] for own_id in sorted(interface.written))
    unit.extend(functions)
    return result


def main():
    try:
        result = public(ElementTree.parse(sys.stdin).getroot())
    except (Unusable, ElementTree.ParseError) as why:
        sys.exit(f"public_abi.py: {why}")
    ElementTree.indent(result)
    sys.stdout.write(ElementTree.tostring(result, encoding="unicode") + "\n")


if __name__ == "__main__":
    main()
