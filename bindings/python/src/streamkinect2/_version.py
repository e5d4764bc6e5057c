"""The version of this package, which is that of the library: the only place in bindings/python where it is written."""

__version__ = "0.1.0"
