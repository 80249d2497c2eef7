"""One hand in each image, as fast as possible: for cameras and videos."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from torch import nn

from ..cameras.mirroring import (
    mirror_bbox,
    mirror_keypoints,
    mirror_points,
)
from ..datasets.mirroring import needs_mirroring


class LiveHand(NamedTuple):
    """A predicted hand.

    Attributes:
        keypoints (np.ndarray): (21, 2) pixels of the image.
        keypoints_cam (np.ndarray): (21, 3) metres, root-relative, in the
            crop's frame: that of a camera which looks straight at the hand.
        vertices (np.ndarray): (778, 3) likewise.
    """

    keypoints: np.ndarray
    keypoints_cam: np.ndarray
    vertices: np.ndarray


class LiveEstimator:
    """Runs the single-view network on one box of one image, without pipelines
    and data samples.

    Args:
        network (Callable): From a crop, RGB float32 in [0, 255], (1, 3, H, W),
            to ``keypoints`` (1, 21, 2) in pixels of the crop,
            ``keypoints_cam`` (1, 21, 3) and ``vertices`` (1, 778, 3), more
            outputs may follow. The ONNX files of this package do this.
        input_size (Sequence[int]): Width and height of the crop.
        faces (np.ndarray): (F, 3) of right hands.
        hand_side (str): 'right' or 'left'. Defaults to 'right'.

    Attributes:
        faces (np.ndarray): (F, 3) of the predicted meshes.
    """

    def __init__(
        self,
        network: Callable,
        input_size: Sequence[int],
        faces: np.ndarray,
        hand_side: str = 'right',
    ):
        self.network = network
        width, height = input_size
        self.input_size = (width, height)
        self.mirrored = needs_mirroring(hand_side)
        self.faces = faces[:, ::-1] if self.mirrored else faces

    @classmethod
    def from_model(cls, model: nn.Module, hand_side: str = 'right') -> 'LiveEstimator':
        """With PyTorch: a :class:`TopdownPoseEstimator` or ``HaMuCo`` whose
        head is a :class:`~hamuco_mm.models.MANOHead`, on its device."""
        import torch

        from ..export.onnx_graphs import SingleViewGraph

        graph = SingleViewGraph(model)
        device = next(model.parameters()).device

        def network(crop: np.ndarray) -> Sequence[np.ndarray]:
            with torch.inference_mode():
                outputs = graph(torch.from_numpy(crop).to(device))
            return [output.cpu().numpy() for output in outputs]

        return cls(network, graph.input_size, graph.hand.faces.cpu().numpy(), hand_side)

    @classmethod
    def from_onnx(
        cls, path: str, hand_side: str = 'right', num_threads: int | None = None
    ) -> 'LiveEstimator':
        """With onnxruntime: a file of ``tools/deployment/export_onnx.py``.

        Args:
            path (str): The file.
            hand_side (str): 'right' or 'left'. Defaults to 'right'.
            num_threads (int, optional): Defaults to onnxruntime's choice.

        Raises:
            ImportError: If onnxruntime is not installed.
            FileNotFoundError, ValueError: If there is no such file, or it is
                no single-view network of this package.
        """
        from pathlib import Path

        from ..utils.extras import import_extra
        from ..utils.near_paths import near_path

        if not Path(path).is_file():
            raise FileNotFoundError(
                f'there is no ONNX file {path}; '
                f'tools/deployment/export_onnx.py makes one{near_path(path)}'
            )
        runtime = import_extra('onnxruntime', 'onnx')
        options = runtime.SessionOptions()
        if num_threads is not None:
            options.intra_op_num_threads = num_threads
        try:
            session = runtime.InferenceSession(
                str(path), options, providers=['CPUExecutionProvider']
            )
        except Exception as error:  # onnxruntime has types of its own
            raise ValueError(f'onnxruntime cannot read {path}: {error}') from error
        meta = session.get_modelmeta().custom_metadata_map
        if meta.get('task') != 'single_view':
            raise ValueError(
                f'{path} is no single-view network that '
                'tools/deployment/export_onnx.py wrote (task: '
                f'{meta.get("task")})'
            )
        name = session.get_inputs()[0].name
        outputs = ['keypoints', 'keypoints_cam', 'vertices']

        def network(crop: np.ndarray) -> Sequence[np.ndarray]:
            return session.run(outputs, {name: crop})

        return cls(
            network,
            json.loads(meta['input_size']),
            np.array(json.loads(meta['faces'])),
            hand_side,
        )

    def __call__(
        self,
        image: np.ndarray,
        bbox: Sequence[float] | np.ndarray | None = None,
        rotation: float = 0.0,
    ) -> LiveHand:
        """Predict the hand in a box.

        Args:
            image (np.ndarray): uint8 BGR (H, W, 3).
            bbox (Sequence[float], optional): x1, y1, x2, y2 in pixels.
                Defaults to the whole image.
            rotation (float): Of the crop about its middle, in degrees. The 3D
                results are those of the rotated crop. Defaults to 0.
        """
        height, width = image.shape[:2]
        if self.mirrored:
            image = np.ascontiguousarray(image[:, ::-1])
        box = np.array((0, 0, width, height), np.float64)
        if bbox is not None:
            box = np.array(bbox, np.float64)
            box = mirror_bbox(box, width) if self.mirrored else box
        crop, to_image = self._crop(image, box, rotation)
        keypoints, joints, vertices = (output[0] for output in self.network(crop)[:3])
        keypoints = keypoints @ to_image[:, :2].T + to_image[:, 2]
        hand = LiveHand(keypoints, joints, vertices)
        if self.mirrored:
            hand = LiveHand(
                mirror_keypoints(hand.keypoints, width),
                mirror_points(hand.keypoints_cam),
                mirror_points(hand.vertices),
            )
        return hand

    def _crop(
        self, image: np.ndarray, bbox: np.ndarray, rotation: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Crop as MMPose's ``TopdownAffine`` does: the box in the middle, with
        its aspect ratio.

        Returns:
            tuple: The network's input, and the affine map (2, 3) from pixels of the
            crop to those of the image.
        """
        size = np.array(self.input_size, np.float64)
        scale = (size / (bbox[2:] - bbox[:2])).min()
        angle = np.deg2rad(rotation)
        turn = np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        linear = scale * turn
        offset = size / 2 - linear @ (bbox[:2] + bbox[2:]) / 2
        affine = np.column_stack([linear, offset])
        crop = cv2.warpAffine(image, affine, self.input_size, flags=cv2.INTER_LINEAR)
        crop = crop[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32)
        return np.ascontiguousarray(crop), cv2.invertAffineTransform(affine)
