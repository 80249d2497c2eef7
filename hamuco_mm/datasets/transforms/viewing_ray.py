import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS

from ...cameras import Camera
from ...geometry import viewing_ray_rotation

_INTRINSICS = ('K', 'dist', 'distortion_model')


@TRANSFORMS.register_module()
class ViewingRayRotation(BaseTransform):
    """Add the rotation from the camera's frame to that of the crop's viewing ray.

    A weak-perspective network sees a crop as if the hand stood on the optical
    axis. Its mesh is therefore turned, against the camera, by the rotation
    between the axis and the ray through the crop's centre. The paper ignores
    it (its hands are near the centre of the image). Put this transform after
    those that move the box. Then the views' alignment, the 3D labels of
    :class:`WeakPerspectiveLabel` and the predictions in the camera frame
    account for it. The centre is undistorted first where ``camera_param`` has
    a lens (``dist``, ``distortion_model``), unless the lens model has no
    answer for it.

    Required Keys:

        - bbox_center
        - camera_param (optional)

    Added Keys:

        - R_cam2ray (np.ndarray): (3, 3) float32; only where ``camera_param``
            has the intrinsics ``K``
    """

    def transform(self, results: dict) -> dict:
        param = results.get('camera_param') or {}
        # R and t do not matter here, and checking them takes time
        camera = Camera.from_camera_param({key: param.get(key) for key in _INTRINSICS})
        if camera.has_intrinsics:
            center = np.asarray(results['bbox_center'][0], np.float64)
            if camera.has_lens:
                ideal = camera.undistort(center)
                center = ideal if np.isfinite(ideal).all() else center
            rotation = viewing_ray_rotation(
                torch.from_numpy(center), torch.from_numpy(camera.K)
            )
            results['R_cam2ray'] = rotation.float().numpy()
        return results

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}()'
