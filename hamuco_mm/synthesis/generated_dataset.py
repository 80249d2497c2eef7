"""Generated hands as a data set without files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.dataset import force_full_init
from mmpose.registry import DATASETS

from hamuco_mm.datasets.hand_dataset import LazyHandDataset
from hamuco_mm.datasets.published.lazy_infos import LazyInfos

from .generated_views import GeneratedViews
from .looks import look_as
from .randomness import STREAMS
from .renderers import RENDERERS


@DATASETS.register_module()
class GeneratedHandDataset(LazyHandDataset):
    """Generated hands, rendered when an item is asked for: nothing is on a disk.

    One item is one view of a time step with a hand, a room and cameras of its
    own; :class:`~hamuco_mm.datasets.MultiViewDataset` groups them. An item
    depends on the settings, ``seed``, ``stream`` and its index alone. With
    :class:`~hamuco_mm.datasets.PartialEpochSampler` a training never sees an item
    twice.

    A config that uses it has ``custom_imports=dict(imports=['hamuco_mm',
    'hamuco_mm.synthesis'])``.

    Keys of an item beside those of :class:`BaseCocoStyleDataset`:

        - img (S, S, 3): the picture, uint8 BGR, which loaders of images leave alone
        - frame_id (str): Time step; camera_id (int); sequence (str)
        - hand_side (str): 'right'
        - keypoints (1, 21, 2), keypoints_visible (1, 21): pixels of the image and
          confidences in [0, 1]; exact, or the pseudo labels of an imperfect detector
        - image_size (2, ): width and height in pixels
        - camera_param (dict): intrinsics K (3, 3) in pixels, R (3, 3) and t (3, )
          from world to camera in metres; dist (5, ), OpenCV's k1 k2 p1 p2 k3, of lenses
          that bend
        - keypoints_cam (1, 21, 3), vertices (1, 778, 3): truth in the camera frame
          in metres

    Args:
        look (str): What the pictures look like: 'rig', 'wild', 'photo' or 'lab', see
            :mod:`~hamuco_mm.synthesis.looks`. Defaults to 'rig'.
        scene (dict, optional): Changes of the look, arguments of
            :class:`~hamuco_mm.synthesis.SceneConfig`; parts of it may be dicts,
            as in ``dict(image_size=96, things=dict(held=0.5))``. ``labels=None``
            gives exact labels.
        num_time_steps (int): Items are this number times that of the views.
            Defaults to 100,000.
        stream (str): 'train', 'val', 'test' or 'pretrain'; they share no person,
            pose or room. Defaults to 'pretrain'.
        seed (int): Defaults to 0.
        renderer (str): 'numpy', 'moderngl' or 'auto'. Defaults to 'numpy'.
        **kwargs: Other arguments of :class:`BaseCocoStyleDataset`.

    Raises:
        ValueError: For an unknown look, stream, renderer, or part of the scene,
            and where there would be no item.
    """

    #: Labels and truth are the joints of the hand model itself.
    has_own_joints = True
    #: Each time step is another hand.
    has_recordings = False
    UNUSED = ('ann_file', 'bbox_file', 'data_root', 'data_prefix', 'filter_cfg')

    def __init__(
        self,
        look: str = 'rig',
        scene: dict | None = None,
        num_time_steps: int = 100_000,
        stream: str = 'pretrain',
        seed: int = 0,
        renderer: str = 'numpy',
        **kwargs: Any,
    ) -> None:
        self.check_choice('stream', stream, STREAMS)
        self.check_choice('renderer', renderer, RENDERERS)
        if num_time_steps < 1:
            raise ValueError(
                f'{type(self).__name__}: num_time_steps={num_time_steps} should be a '
                'number >= 1'
            )
        self.views = GeneratedViews(look_as(look, scene or {}), stream, seed, renderer)
        self.num_time_steps = num_time_steps
        # items are made of their numbers: there is nothing to serialize
        kwargs['serialize_data'] = False
        super().__init__(**kwargs)

    def has_truth(self) -> bool:
        """Generated hands are known."""
        return True

    def load_data_list(self) -> LazyInfos:
        """The views of all time steps, or of every n-th by ``sample_interval``; none of
        them is rendered yet."""
        num_views = self.views.config.rig.num_views
        numbers = np.arange(self.num_time_steps * num_views).reshape(-1, num_views)
        return LazyInfos(self.views.info, numbers[:: self.sample_interval].ravel())

    def get_data_info(self, idx: int) -> dict:
        """One item, made each time."""
        return self.get_data_infos([idx])[0]

    @force_full_init
    def get_data_infos(self, indices: Sequence[int]) -> list[dict]:
        """Several items; the views of a time step are rendered together, in less
        time."""
        numbers = self.data_list.rows[np.asarray(indices)]
        return self.complete_infos(indices, self.views.infos(numbers))

    @force_full_init
    def view_keys(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of the time step and camera id of each item, both (N, ):
        what :class:`MultiViewDataset` groups by without rendering."""
        return self.views.keys(self.data_list.rows)
