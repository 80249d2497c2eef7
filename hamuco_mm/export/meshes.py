"""Hand meshes as files of other 3D programs."""

from pathlib import Path

import numpy as np

from ..utils.extras import import_extra
from ..utils.files import whole_file

FORMATS = ('obj', 'ply', 'glb')
#: glTF has y up and z towards the viewer; cameras here have y down and z
#: forward, so that the hand would stand on its head.
GLTF_AXES = np.array([1.0, -1.0, -1.0])


def write_mesh(
    path: str | Path, vertices: np.ndarray, faces: np.ndarray, description: str = ''
) -> None:
    """Write a mesh in metres; the suffix says in which format.

    OBJ and PLY keep the frame of the vertices. GLB is turned by 180 degrees
    about x into glTF's axes (x right, y up, z towards the viewer).

    Args:
        path (str | Path): Ends with .obj, .ply or .glb; its folder is made.
        vertices (np.ndarray): (V, 3), metres.
        faces (np.ndarray): (F, 3) vertex ids, anticlockwise from outside.
        description (str): What it is, in one line: a comment of an OBJ file,
            ``extras`` of a GLB file; PLY files have no place for it.

    Raises:
        ImportError: If trimesh is not installed.
        ValueError: If the suffix is none of these, or the vertices are not
            finite.
    """
    path = Path(path)
    suffix = path.suffix[1:].lower()
    if suffix not in FORMATS:
        raise ValueError(
            f'{path} should end with one of {[f".{name}" for name in FORMATS]}'
        )
    refuse_nan(path, vertices)
    trimesh = import_extra('trimesh', '3d')
    if suffix == 'glb':
        vertices = vertices * GLTF_AXES
    mesh = trimesh.Trimesh(
        vertices, faces, process=False, metadata=dict(description=description)
    )
    options = {}
    if suffix == 'obj':
        options = dict(header=description or None, digits=6)
    if suffix in ('ply', 'glb'):
        # smooth shading, where the program does not do it by itself
        options = (
            dict(vertex_normal=True) if suffix == 'ply' else dict(include_normals=True)
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        mesh.export(part, file_type=suffix, **options)


def refuse_nan(path: Path, vertices: np.ndarray) -> None:
    """
    Raises:
        ValueError: If a vertex of a mesh for this file is not finite.
    """
    if not np.isfinite(vertices).all():
        raise ValueError(f'{path} cannot be written: its vertices are not finite')
