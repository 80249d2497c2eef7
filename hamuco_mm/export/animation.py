"""Hands that move, as one animated GLB file."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..rendering.normals import vertex_normals
from ..utils.files import write_atomically
from .meshes import GLTF_AXES, refuse_nan

# glTF 2.0, https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
_MAGIC, _VERSION, _JSON, _BIN = b'glTF', 2, b'JSON', b'BIN\0'
_FLOAT, _UNSIGNED_SHORT = 5126, 5123
_VERTICES, _INDICES = 34962, 34963  # what a view of the buffer is for
_SKIN = [0.85, 0.64, 0.52, 1.0]
_SHOWN, _HIDDEN = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


def write_animation(
    path: str | Path,
    meshes: Mapping[int, np.ndarray],
    faces: np.ndarray,
    frames_per_second: float,
    description: str = '',
) -> None:
    """Write a sequence of meshes in metres that plays in any viewer of glTF.

    Each frame is a mesh of its own, whose node has the size 1 while it is shown
    and 0 else: glTF's way to animate visibility. (Morph targets would need a
    weight for each frame at each time.) Where a frame has no mesh, none is
    shown. Axes are glTF's: turned by 180 degrees about x, as by
    :func:`~hamuco_mm.export.meshes.write_mesh`.

    Args:
        path (str | Path): The .glb file; its folder is made.
        meshes (Mapping[int, np.ndarray]): Vertices (V, 3) by the number of the
            frame, metres.
        faces (np.ndarray): (F, 3) vertex ids, anticlockwise from outside.
        frames_per_second (float): Of the sequence.
        description (str): What it is, ``extras`` of the scene.

    Raises:
        ValueError: If there is no mesh, the rate is not positive, or a vertex is
            not finite.
    """
    if not meshes:
        raise ValueError(f'{path} cannot be written: there are no meshes')
    if not frames_per_second > 0:
        raise ValueError(f'{frames_per_second} frames per second is no rate')
    path = Path(path)
    buffer = _Buffer()
    indices = buffer.add(faces.ravel().astype('<u2'), 'SCALAR', _INDICES)
    document: dict[str, Any] = dict(
        asset=dict(version='2.0', generator='hamuco_mm'),
        scene=0,
        scenes=[dict(nodes=[], extras=dict(description=description))],
        nodes=[],
        meshes=[],
        materials=[
            dict(
                pbrMetallicRoughness=dict(
                    baseColorFactor=_SKIN, metallicFactor=0.0, roughnessFactor=0.7
                ),
                doubleSided=True,
            )
        ],
        animations=[dict(name='hand', channels=[], samplers=[])],
    )
    first, last = min(meshes), max(meshes)
    for place, number in enumerate(sorted(meshes)):
        vertices = np.asarray(meshes[number], np.float64)
        refuse_nan(path, vertices)
        vertices = vertices * GLTF_AXES
        attributes = dict(
            POSITION=buffer.add(vertices, 'VEC3', _VERTICES, with_bounds=True),
            NORMAL=buffer.add(vertex_normals(vertices, faces), 'VEC3', _VERTICES),
        )
        primitive = dict(attributes=attributes, indices=indices, material=0)
        document['meshes'].append(dict(primitives=[primitive]))
        document['nodes'].append(
            dict(
                name=f'frame {number}',
                mesh=place,
                scale=_SHOWN if number == first else _HIDDEN,
            )
        )
        document['scenes'][0]['nodes'].append(place)
        after = _SHOWN if number == last else _HIDDEN  # the end stays
        _show(document, buffer, place, number - first, frames_per_second, after)
    _write(path, dict(document, **buffer.tables()), buffer.content)


def _show(
    document: dict[str, Any],
    buffer: '_Buffer',
    node: int,
    frame: int,
    rate: float,
    after: tuple[float, float, float],
) -> None:
    """Show a node during a frame, counted from that of the first mesh; ``after``
    is its size from then on."""
    times, sizes = [frame / rate, (frame + 1) / rate], [_SHOWN, after]
    if frame:
        times, sizes = [0.0, *times], [_HIDDEN, *sizes]
    (animation,) = document['animations']
    animation['channels'].append(
        dict(
            sampler=len(animation['samplers']),
            target=dict(node=node, path='scale'),
        )
    )
    animation['samplers'].append(
        dict(
            input=buffer.add(np.array(times), 'SCALAR', with_bounds=True),
            output=buffer.add(np.array(sizes), 'VEC3'),
            interpolation='STEP',
        )
    )


class _Buffer:
    """The binary part of the file, and what is where in it."""

    def __init__(self) -> None:
        self.content = bytearray()
        self._views: list[dict] = []
        self._accessors: list[dict] = []

    def add(
        self,
        values: np.ndarray,
        kind: str,
        target: int | None = None,
        with_bounds: bool = False,
    ) -> int:
        """Append an array; returns the number of its accessor."""
        is_index = values.dtype.kind == 'u'
        if not is_index:
            values = values.astype('<f4')
        view = dict(buffer=0, byteOffset=len(self.content), byteLength=values.nbytes)
        if target is not None:
            view['target'] = target
        accessor: dict[str, Any] = dict(
            bufferView=len(self._views),
            componentType=_UNSIGNED_SHORT if is_index else _FLOAT,
            count=len(values),
            type=kind,
        )
        if with_bounds:
            columns = values.reshape(len(values), -1)
            accessor['min'] = columns.min(0).tolist()
            accessor['max'] = columns.max(0).tolist()
        self.content += values.tobytes()
        self.content += b'\0' * (-len(self.content) % 4)
        self._views.append(view)
        self._accessors.append(accessor)
        return len(self._accessors) - 1

    def tables(self) -> dict[str, list[dict]]:
        """What the document says of the buffer."""
        return dict(
            buffers=[dict(byteLength=len(self.content))],
            bufferViews=self._views,
            accessors=self._accessors,
        )


def _write(path: Path, document: dict, content: bytearray) -> None:
    text = json.dumps(document).encode()
    text += b' ' * (-len(text) % 4)
    chunks = b''.join(
        struct.pack('<I', len(data)) + kind + bytes(data)
        for kind, data in ((_JSON, text), (_BIN, content))
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    header = _MAGIC + struct.pack('<II', _VERSION, 12 + len(chunks))
    write_atomically(path, header + chunks)
