"""Writing a network as an ONNX file, and proving that it is the same."""

import io
import json
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import torch

from ..structures import Stage
from ..utils.extras import import_extra
from ..utils.files import whole_file
from ..utils.inner_dataset import inner_dataset
from ..version import __version__
from .onnx_graphs import MultiViewGraph, SingleViewGraph

# The oldest one with what the networks need (GridSample came with 16), and
# the one that PyTorch writes without a conversion.
DEFAULT_OPSET = 18
# Metres, and relative for pixels.
TOLERANCE = 1e-4
# Of rotation vectors, radians: those of small angles, and of some near a half turn,
# have fewer digits than the rotation that they come from.
_OF_ROTATIONS = {
    stage.field(name): 1e-3
    for stage in Stage
    for name in ('global_orient', 'hand_pose')
}


def export_onnx(
    graph: SingleViewGraph,
    path: str | Path,
    opset: int = DEFAULT_OPSET,
    viewing_ray: bool = False,
) -> None:
    """Write a network with an open number of views to one file.

    Normalisation and hand model are inside, and so are the hand model's
    arrays: a file made with MANO falls under MANO's licence. The file's
    metadata says what reading it takes: ``task`` ('single_view' or
    'multi_view'), ``side`` of the hand, ``input_size`` (JSON, [w, h]),
    ``faces`` (JSON, (1538, 3)), ``viewing_ray`` ('true' or 'false') and
    ``hamuco_mm_version``.

    Args:
        graph (SingleViewGraph): The network, on the CPU.
        path (str | Path): File to write; its folder is made.
        opset (int): ONNX operator set. Defaults to 18.
        viewing_ray (bool): Whether the network was trained with
            :class:`~hamuco_mm.datasets.transforms.ViewingRayRotation`, so
            that a crop's frame is turned against the camera's. See
            :func:`uses_viewing_ray`. Defaults to False.

    Raises:
        ImportError: If onnx or onnxscript is not installed.
        ValueError: If the operator set is too old.
    """
    if opset < DEFAULT_OPSET:
        raise ValueError(
            f'opset {opset} is too old, {DEFAULT_OPSET} is the '
            'first that has what the networks need'
        )
    for package in ('onnx', 'onnxscript'):
        import_extra(package, 'onnx')
    # the graph would otherwise be specialised to the number 1
    inputs = graph.example(num_views=2)
    # what PyTorch says of its steps is for those who work on the exporter
    with torch.no_grad(), redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        program = torch.onnx.export(
            graph,
            inputs,
            input_names=graph.input_names,
            output_names=graph.output_names,
            dynamic_shapes=[{0: 'views'} for _ in inputs],
            opset_version=opset,
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # so it is with dynamo=True
    program.model.metadata_props.update(
        _metadata(graph), viewing_ray=json.dumps(viewing_ray)
    )
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, Path(path).suffix) as part:
        program.save(str(part), external_data=False)


def uses_viewing_ray(cfg: dict) -> bool:
    """Whether a config's test pipeline has ``ViewingRayRotation``."""
    _, dataset = inner_dataset(cfg)
    return any(
        step['type'] == 'ViewingRayRotation' for step in dataset.get('pipeline', ())
    )


def largest_differences(
    graph: SingleViewGraph, path: str | Path, num_views: Sequence[int]
) -> dict[str, float]:
    """Run an ONNX file and the network on the same random views.

    Args:
        graph (SingleViewGraph): What was exported.
        path (str | Path): Where to.
        num_views (Sequence[int]): Numbers of views to try.

    Returns:
        dict[str, float]: Of each output the largest absolute difference, in
        metres or pixels.

    Raises:
        ImportError: If onnxruntime is not installed.
        ValueError: If an output differs by more than 1e-4 (metres; pixels
            and cameras: of their size), rotation vectors by more than 1e-3.
    """
    session = import_extra('onnxruntime', 'onnx').InferenceSession(
        str(path), providers=['CPUExecutionProvider']
    )
    differences = dict.fromkeys(graph.output_names, 0.0)
    for number in num_views:
        inputs = graph.example(number)
        with torch.no_grad():
            expected = graph(*inputs)
        given = session.run(
            list(graph.output_names),
            {name: value.numpy() for name, value in zip(graph.input_names, inputs)},
        )
        for name, array, tensor in zip(graph.output_names, given, expected):
            differences[name] = max(
                differences[name], float(np.abs(array - tensor.numpy()).max())
            )
            allowed = _OF_ROTATIONS.get(name, TOLERANCE)
            if not np.allclose(array, tensor.numpy(), rtol=allowed, atol=allowed):
                raise ValueError(
                    f'{path} does not compute what the network does: '
                    f'{name} of {number} views differs by '
                    f'{differences[name]:.2g}'
                )
    return differences


def _metadata(graph: SingleViewGraph) -> dict[str, str]:
    multi_view = isinstance(graph, MultiViewGraph)
    return dict(
        task='multi_view' if multi_view else 'single_view',
        side=graph.hand.side,
        joints=graph.hand.joints or 'own',
        input_size=json.dumps(graph.input_size),
        faces=json.dumps(graph.hand.faces.tolist()),
        hamuco_mm_version=__version__,
    )
