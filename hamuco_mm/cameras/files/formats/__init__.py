"""One reader per calibration format."""
