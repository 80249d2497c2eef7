from collections.abc import Sequence

from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RemoveLabels(BaseTransform):
    """Take labels out of an item, so that no loss can use them.

    A config may train with 3D losses on one data set and use another one that
    has 3D ground truth for evaluation only. This transform, in the pipeline of
    the other data set, keeps the losses from using that ground truth. Put it
    before ``GenerateTarget``.

    Args:
        keys (Sequence[str]): What to remove, if present. Defaults to the 3D
            joints and the mesh.
    """

    def __init__(self, keys: Sequence[str] = ('keypoints_cam', 'vertices')):
        super().__init__()
        self.keys = tuple(keys)

    def transform(self, results: dict) -> dict:
        for key in self.keys:
            results.pop(key, None)
        return results

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}(keys={self.keys})'
