"""Prediction files for challenge servers."""

import json
import logging
import os
import os.path as osp
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmpose.registry import METRICS

from ...hand_model import MANO_TO_HAND
from ...structures import Stage, describe
from ...utils.files import write_atomically
from .absolute_hands import absolute_hand, check_root

_OPENCV_TO_OPENGL = np.array([1.0, -1.0, -1.0])


@METRICS.register_module()
class DumpFreiHAND(BaseMetric):
    """Write FreiHAND's ``pred.json``: ``[joints, vertices]``, of all images
    in order, in the camera frame in metres.

    An incomplete file is refused: the data set says how many images its split
    has (``split_size`` of its metainfo, as that of
    :class:`~hamuco_mm.datasets.published.FlatHandDataset` does).

    No ground truth is needed. Zip the file (``zip -j pred.zip pred.json``)
    for the server.

    Args:
        out_file (str): Path of the file. Defaults to 'pred.json'.
        stage (str): Stage to write: 'single', 'interact' or 'fusion'. Defaults
            to 'single'.
        root (str): See
            :func:`~hamuco_mm.evaluation.metrics.absolute_hand`.
            Defaults to 'fit'.
        use_scale (bool): Use the bone length that the challenge gives.
            Defaults to True.
        collect_device, collect_dir: See :class:`BaseMetric`.
        mode (str, optional): The former name of ``stage``.
    """

    # it has no values to name; MMEngine warns of None
    default_prefix = ''

    def __init__(
        self,
        out_file: str = 'pred.json',
        stage: str = Stage.SINGLE,
        root: str = 'fit',
        use_scale: bool = True,
        collect_device: str = 'cpu',
        collect_dir: str | None = None,
        mode: str | None = None,
    ) -> None:
        super().__init__(collect_device, None, collect_dir)
        check_root(root)
        if not out_file.endswith('.json'):
            raise ValueError(f'out_file should end with .json, got {out_file}')
        self.out_file = out_file
        self.stage = Stage.parse(mode or stage)
        self.root = root
        self.use_scale = use_scale

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Append the hand of each sample, which has one view."""
        for sample in data_samples:
            joints, vertices = absolute_hand(
                sample, self.stage, self.root, self.use_scale
            )
            if vertices is None:
                raise KeyError(f'{describe(sample)} has no predicted vertices')
            joints, vertices = self.to_challenge(joints, vertices)
            self.results.append((sample['img_id'], joints.tolist(), vertices.tolist()))

    def compute_metrics(self, results: list[tuple]) -> dict:
        """Write the file; there is nothing to measure.

        Raises:
            ValueError: If not each image of the split is there once.
        """
        results = sorted(results)
        self._check_complete([result[0] for result in results])
        os.makedirs(osp.dirname(osp.abspath(self.out_file)), exist_ok=True)
        joints = [joints for _, joints, _ in results]
        vertices = [vertices for _, _, vertices in results]
        write_atomically(self.out_file, json.dumps([joints, vertices]))
        print_log(
            f'{len(results)} predictions were written to {self.out_file}',
            logger='current',
        )
        return {}

    def _check_complete(self, ids: list[int]) -> None:
        number = (self.dataset_meta or {}).get('split_size')
        if number is None:
            print_log(
                f'{self.out_file}: the data set does not say how many images its '
                f'split has; whether these {len(ids)} are all of them is not checked',
                logger='current',
                level=logging.WARNING,
            )
            number = len(ids)
        if ids != list(range(number)):
            raise ValueError(
                f'{type(self).__name__} needs each of the {number} images of the '
                f'evaluation split once, got {len(ids)} with img_id {ids[:3]}...: '
                'give the data set no `indices` and no `sample_interval`'
            )

    def to_challenge(
        self, joints: np.ndarray, vertices: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Joints and vertices in the challenge's order and frame."""
        return joints, vertices


@METRICS.register_module()
class DumpHO3D(DumpFreiHAND):
    """Write HO-3D's ``pred.json``: the joints in MANO's order, and OpenGL's
    camera frame.

    Args:
        root (str): Defaults to 'wrist', which the data set gives.
        use_scale (bool): Defaults to False.
        **kwargs: See :class:`DumpFreiHAND`.
    """

    def __init__(
        self, root: str = 'wrist', use_scale: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(root=root, use_scale=use_scale, **kwargs)

    def to_challenge(
        self, joints: np.ndarray, vertices: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        in_mano_order = np.empty_like(joints)
        in_mano_order[list(MANO_TO_HAND)] = joints
        return in_mano_order * _OPENCV_TO_OPENGL, vertices * _OPENCV_TO_OPENGL
