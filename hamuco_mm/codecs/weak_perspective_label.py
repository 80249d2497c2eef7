import numpy as np
from mmpose.codecs.base import BaseKeypointCodec
from mmpose.registry import KEYPOINT_CODECS

from ..hand_model.topology import ROOT_JOINT


@KEYPOINT_CODECS.register_module()
class WeakPerspectiveLabel(BaseKeypointCodec):
    """Pixels of the crop to the square [-1, 1] of a weak-perspective camera,
    and back.

    The 2D pseudo label keeps its confidence as weight, with no threshold: a
    joint outside the crop is still a fact about the hand. Where 3D ground
    truth is at hand (supervised pre-training, mixed data sets) it becomes a
    label too: root-relative and turned with the crop, since rotating the
    image by ``bbox_rotation`` = r rotates camera space by -r about the
    optical axis, and off-axis by ``R_cam2ray`` where it is given, see
    :class:`~hamuco_mm.datasets.transforms.ViewingRayRotation`.

    Note:

        - instance number: N
        - keypoint number: K
        - image size: [w, h]

    Encoded:

        - keypoint_labels (np.ndarray): Normalised 2D labels, (N, K, 2)
        - keypoint_weights (np.ndarray): Confidences, 0 for a missing or
            non-finite joint, (N, K)
        - keypoints_cam_labels (np.ndarray): Root-relative joints in metres in
            the frame of the crop, (N, K, 3); only with 3D ground truth
        - vertices_labels (np.ndarray): The same for the mesh, (N, 778, 3)

    Args:
        input_size (tuple): Input image size in [w, h], a square: the camera has
            one scale for both.

    Raises:
        ValueError: If it is no square.
    """

    auxiliary_encode_keys = {'keypoints_cam', 'vertices', 'bbox_rotation', 'R_cam2ray'}

    label_mapping_table = dict(
        keypoint_labels='keypoint_labels',
        keypoint_weights='keypoint_weights',
        keypoints_cam_labels='keypoints_cam_labels',
        vertices_labels='vertices_labels',
    )

    support_batch_decoding = True

    def __init__(self, input_size: tuple[int, int]) -> None:
        super().__init__()
        self.input_size = tuple(input_size)
        if len(self.input_size) != 2 or len(set(self.input_size)) != 1:
            raise ValueError(
                f'WeakPerspectiveLabel(input_size={input_size}): crops of hands are '
                'square, as a weak-perspective camera has one scale for x and y. Use '
                'one number twice, here and as the input_size of the crop'
            )
        self._half_size = np.asarray(self.input_size, np.float32) / 2

    def encode(
        self,
        keypoints: np.ndarray,
        keypoints_visible: np.ndarray | None = None,
        keypoints_cam: np.ndarray | None = None,
        vertices: np.ndarray | None = None,
        bbox_rotation: np.ndarray | None = None,
        R_cam2ray: np.ndarray | None = None,
    ) -> dict:
        """Encode crop pixels and, where given, camera-space ground truth.

        Args:
            keypoints (np.ndarray): Pixels of the crop, (N, K, 2)
            keypoints_visible (np.ndarray, optional): Confidences in [0, 1],
                (N, K). Defaults to ones
            keypoints_cam (np.ndarray, optional): Joints in the camera frame
                in metres, (N, K, 3)
            vertices (np.ndarray, optional): Mesh likewise, (N, 778, 3)
            bbox_rotation (np.ndarray, optional): Degrees, (N, )
            R_cam2ray (np.ndarray, optional): Rotation of the camera onto the
                crop's viewing ray, (3, 3)

        Returns:
            dict: See the class.
        """
        if keypoints_visible is None:
            keypoints_visible = np.ones(keypoints.shape[:2], np.float32)
        labels, weights = self.normalise(keypoints), keypoints_visible
        finite = np.isfinite(keypoints).all(-1) & np.isfinite(weights)
        if not finite.all():
            labels = np.where(finite[..., None], labels, 0)
            weights = np.where(finite, weights, 0)
        encoded = dict(
            keypoint_labels=labels.astype(np.float32),
            keypoint_weights=weights.astype(np.float32),
        )

        if keypoints_cam is not None:
            root = keypoints_cam[:, ROOT_JOINT : ROOT_JOINT + 1]
            angle = np.deg2rad(
                np.zeros(len(root)) if bbox_rotation is None else bbox_rotation
            )
            to_ray = np.eye(3) if R_cam2ray is None else R_cam2ray
            encoded['keypoints_cam_labels'] = _turn(
                (keypoints_cam - root) @ to_ray.T, -angle
            )
            if vertices is not None:
                encoded['vertices_labels'] = _turn((vertices - root) @ to_ray.T, -angle)
        return encoded

    def normalise(self, keypoints: np.ndarray) -> np.ndarray:
        """Crop pixels (..., 2) to [-1, 1]; the crop's centre, at (w/2, h/2)
        in MMPose's warp, goes to 0."""
        return keypoints / self._half_size - 1

    def decode(self, encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Normalised coordinates (N, K, 2) to crop pixels, with scores of 1:
        a regression has no confidence of its own.

        Returns:
            tuple:
            - keypoints (np.ndarray): Crop pixels in shape (N, K, 2)
            - scores (np.ndarray): Ones in shape (N, K)
        """
        return ((encoded + 1) * self._half_size, np.ones(encoded.shape[:2], np.float32))

    def batch_decode(self, batch_encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """:meth:`decode` for (B, N, K, 2)."""
        keypoints, scores = self.decode(
            batch_encoded.reshape(-1, *batch_encoded.shape[2:])
        )
        shape = batch_encoded.shape
        return keypoints.reshape(shape), scores.reshape(shape[:3])


def _turn(points: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Rotate (N, P, 3) about z by (N, ) radians."""
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    return np.stack([cos * x - sin * y, sin * x + cos * y, z], -1).astype(np.float32)
