"""Readers and writers of calibration files."""
