// nothing.cpp - headers are tried before it, each alone.
