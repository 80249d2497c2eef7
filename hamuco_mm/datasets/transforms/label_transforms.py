from collections.abc import Sequence

from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RemoveLabels(BaseTransform):
    """Take labels out of an item, so that no loss can use them.

    Where a config trains with 3D losses on one data set, this keeps another
    one that has 3D ground truth for evaluation free of supervision. To be put
    before ``GenerateTarget``.

    Args:
        keys (Sequence[str]): What to remove, where there. Defaults to the 3D
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
