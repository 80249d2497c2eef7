"""Files for other programs: networks, meshes and joints."""
