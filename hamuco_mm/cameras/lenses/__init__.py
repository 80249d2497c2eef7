"""Lens models."""
