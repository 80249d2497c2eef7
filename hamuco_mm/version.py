"""The version of the package, kept free of imports so that setup.py can read it."""

__version__ = '0.1.0'
