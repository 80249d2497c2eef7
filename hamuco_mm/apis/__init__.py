"""Functions for use from Python and by the tools.

Import what you need from its module, e.g. ``hamuco_mm.evaluation.smoothing``: this
package imports nothing by itself, so that no part waits for another.
"""
