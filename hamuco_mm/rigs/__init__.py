"""Rigs of cameras: checks of what was recorded, calibration from hands."""
