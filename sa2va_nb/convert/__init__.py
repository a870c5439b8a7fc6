"""Conversions to the objects of other libraries, one module a library."""
