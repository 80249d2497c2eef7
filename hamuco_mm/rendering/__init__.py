"""Meshes as pictures: rasterizer, shading, overlay."""
