import numpy as np
import torch
from mmpose.datasets.transforms import PackPoseInputs
from mmpose.registry import TRANSFORMS


@TRANSFORMS.register_module()
class PackHandInputs(PackPoseInputs):
    """:class:`PackPoseInputs` that also packs what multi-view hands need.

    The ground-truth mesh goes to ``gt_instances.vertices``; the time step,
    the camera and the crop's rotations go to the metainfo.

    Args:
        meta_keys (Sequence[str]): Keys for the metainfo.
        pack_transformed (bool): Also pack the keypoints in the crop.
            Defaults to False.
    """

    instance_mapping_table = dict(
        PackPoseInputs.instance_mapping_table, vertices='vertices')

    def __init__(self,
                 meta_keys=('id', 'img_id', 'img_path', 'frame_id',
                            'camera_id', 'camera_param', 'category_id',
                            'crowd_index', 'ori_shape', 'img_shape',
                            'input_size', 'input_center', 'input_scale',
                            'bbox_rotation', 'R_cam2ray', 'flip', 'flip_direction',
                            'flip_indices', 'raw_ann_info', 'dataset_name',
                            'hand_side', 'mirrored'),
                 pack_transformed=False):
        super().__init__(meta_keys, pack_transformed)

    def transform(self, results: dict) -> dict:
        img = np.ascontiguousarray(results['img'])
        # the parent would copy the image: it gets one pixel in its place
        packed = super().transform(dict(results, img=img[:1, :1]))
        packed['inputs'] = torch.from_numpy(img).permute(2, 0, 1)
        return packed
