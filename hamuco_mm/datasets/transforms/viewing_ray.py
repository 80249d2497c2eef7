from typing import Dict

import torch
from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS

from ...geometry import viewing_ray_rotation


@TRANSFORMS.register_module()
class ViewingRayRotation(BaseTransform):
    """Say how each crop's viewing ray leaves the camera's optical axis.

    A weak-perspective network sees a crop as if the hand stood on the optical
    axis. Its mesh is therefore turned, against the camera, by the rotation
    between the axis and the ray through the crop's centre. The paper ignores
    it (its hands stand near the centre of the image). With this transform
    behind those that move the box, the views' alignment, the 3D labels of
    :class:`WeakPerspectiveLabel` and the predictions in the camera frame
    account for it. Lens distortion is ignored.

    Required Keys:

        - bbox_center
        - camera_param (optional)

    Added Keys:

        - R_cam2ray (np.ndarray): (3, 3) float32; only where ``camera_param``
            has the intrinsics ``K``
    """

    def transform(self, results: Dict) -> dict:
        K = (results.get('camera_param') or {}).get('K')
        if K is not None:
            results['R_cam2ray'] = viewing_ray_rotation(
                torch.as_tensor(results['bbox_center'][0]).double(),
                torch.as_tensor(K).double()).float().numpy()
        return results

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}()'
