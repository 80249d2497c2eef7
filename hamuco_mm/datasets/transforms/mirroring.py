import numpy as np
from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS

from ..mirroring import mirror_item, needs_mirroring


@TRANSFORMS.register_module()
class MirrorLeftHand(BaseTransform):
    """Turn a left hand into a right one: image, 2D, 3D, box and camera.

    Put it right after the image is loaded. Right hands, items without
    ``hand_side``, and items that are mirrored already stay unchanged.

    Required Keys:

        - img
        - hand_side (optional): 'left' or 'right'
        - mirrored (optional)

    Modified Keys:

        - img
        - keypoints, keypoints_cam, keypoints_world, vertices, bbox,
          bbox_center, camera_param (each if present)

    Added Keys:

        - mirrored: whether the image and its labels are mirrored
    """

    def transform(self, results: dict) -> dict:
        mirrored = results.get('mirrored', False)
        if mirrored or not needs_mirroring(results.get('hand_side')):
            results['mirrored'] = mirrored
            return results
        results = mirror_item(results, results['img'].shape[1])
        results['img'] = np.ascontiguousarray(results['img'][:, ::-1])
        return results

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}()'
