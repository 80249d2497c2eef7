from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmpose.datasets.transforms import PackPoseInputs
from mmpose.registry import TRANSFORMS
from mmpose.structures import PoseDataSample

from ..mirroring import refuse_flipped


@TRANSFORMS.register_module()
class PackHandInputs(PackPoseInputs):
    """:class:`PackPoseInputs` that also packs what multi-view hands need.

    The ground-truth mesh goes to ``gt_instances.vertices``; the time step,
    the camera and the crop's rotations go to the metainfo. Neither the image
    nor the metainfo is copied.

    Labels become tensors, as in the parent, so that MMPose's heads can train
    with these samples and MMEngine's default collate function.
    :func:`~hamuco_mm.datasets.multiview_collate` sends them as arrays.

    Args:
        meta_keys (Sequence[str]): Keys for the metainfo.
        pack_transformed (bool): Also pack the keypoints in the crop.
            Defaults to False.

    Raises:
        ValueError: In use, for what ``RandomFlip`` has flipped.
    """

    instance_mapping_table = dict(
        PackPoseInputs.instance_mapping_table, vertices='vertices'
    )

    def __init__(
        self,
        meta_keys: Sequence[str] = (
            'id',
            'img_id',
            'img_path',
            'frame_id',
            'camera_id',
            'camera',
            'camera_param',
            'category_id',
            'crowd_index',
            'ori_shape',
            'img_shape',
            'input_size',
            'input_center',
            'input_scale',
            'bbox_rotation',
            'R_cam2ray',
            'flip',
            'flip_direction',
            'flip_indices',
            'raw_ann_info',
            'dataset_name',
            'hand_side',
            'mirrored',
            'warp_matrix',
        ),
        pack_transformed: bool = False,
    ) -> None:
        super().__init__(meta_keys, pack_transformed)

    def transform(self, results: dict) -> dict:
        refuse_flipped(results)
        img = np.ascontiguousarray(results['img'])
        if self._is_for_parent(results):
            # the parent would copy the image: it gets one pixel in its place
            packed = super().transform(dict(results, img=img[:1, :1]))
        else:
            packed = dict(data_samples=self._pack_labels(results))
        packed['inputs'] = torch.from_numpy(img.transpose(2, 0, 1))
        return packed

    def _is_for_parent(self, results: dict) -> bool:
        """Whether there are heatmaps, or labels of several encoders."""
        labels, fields = self._tables(results)
        return any(key in results for key in fields) or any(
            isinstance(results.get(key), list) for key in labels
        )

    def _tables(self, results: dict) -> tuple[Any, Any]:
        return (
            results.get('label_mapping_table', self.label_mapping_table),
            results.get('field_mapping_table', self.field_mapping_table),
        )

    def _pack_labels(self, results: dict) -> PoseDataSample:
        """The parent's sample, without its copies and conversions."""
        sample = PoseDataSample()
        instances, labels = InstanceData(), InstanceData()
        table = results.get('instance_mapping_table', self.instance_mapping_table)
        for key, name in table.items():
            if key in results:
                instances.set_field(results[key], name)
        if self.pack_transformed and 'transformed_keypoints' in results:
            instances.set_field(
                results['transformed_keypoints'], 'transformed_keypoints'
            )
        for key, name in self._tables(results)[0].items():
            if key in results:
                value = results[key]
                if isinstance(value, np.ndarray):
                    value = torch.from_numpy(value)
                labels.set_field(value, name)
        for key in self.meta_keys:
            if key in results:
                sample.set_field(results[key], key, field_type='metainfo')
        sample.gt_instances = instances
        sample.gt_instance_labels = labels
        return sample
