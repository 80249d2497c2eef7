import torch
from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS
from torch import Tensor

from ...cameras.lenses.opencv import undistort_points
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
    account for it. The centre is undistorted first where ``camera_param`` has
    a lens (``dist``, ``distortion_model``); beyond what the lens model can
    see it is taken as it is.

    Required Keys:

        - bbox_center
        - camera_param (optional)

    Added Keys:

        - R_cam2ray (np.ndarray): (3, 3) float32; only where ``camera_param``
            has the intrinsics ``K``
    """

    def transform(self, results: dict) -> dict:
        camera = results.get('camera_param') or {}
        if camera.get('K') is not None:
            K = torch.as_tensor(camera['K']).double()
            center = torch.as_tensor(results['bbox_center'][0]).double()
            results['R_cam2ray'] = (
                viewing_ray_rotation(_without_lens(center, K, camera), K)
                .float()
                .numpy()
            )
        return results

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}()'


def _without_lens(pixel: Tensor, K: Tensor, camera: dict) -> Tensor:
    """The pixel (2,) where it would be without the lens's distortion."""
    if not len(camera.get('dist', ())):
        return pixel
    fisheye = camera.get('distortion_model') == 'fisheye'
    ideal = undistort_points(
        pixel[None],
        K,
        torch.as_tensor(camera['dist']).double().flatten(),
        torch.tensor(fisheye),
    )[0]
    return ideal if ideal.isfinite().all() else pixel
