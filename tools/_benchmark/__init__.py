"""The parts of tools/benchmark.py: what to run, what ran, how it is told."""
