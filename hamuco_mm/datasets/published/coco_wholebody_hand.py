from mmpose.datasets.datasets.hand import CocoWholeBodyHandDataset
from mmpose.registry import DATASETS

from .flat_hand_dataset import SIDES


@DATASETS.register_module()
class CocoWholeBodyHandWithSideDataset(CocoWholeBodyHandDataset):
    """MMPose's :class:`CocoWholeBodyHandDataset` whose items say ``hand_side``.

    The annotation file knows it: ``lefthand_kpts`` and ``righthand_kpts``. With
    ``MirrorLeftHand`` in the pipeline, left hands become right ones.

    Args:
        *args, **kwargs: See :class:`CocoWholeBodyHandDataset`.
    """

    def _load_annotations(self) -> tuple[list[dict], list[dict]]:
        instances, images = super()._load_annotations()
        for instance, side in zip(instances, self._sides(), strict=True):
            instance['hand_side'] = side
        return instances, images

    def _sides(self) -> list[str]:
        """The side of each hand, in the order in which the parent counts them:
        by image, person, and left before right."""
        return [
            side
            for image_id in self.coco.getImgIds()
            for person in self.coco.loadAnns(
                self.coco.getAnnIds(imgIds=image_id, iscrowd=False)
            )
            for side in reversed(SIDES)
            if person[f'{side}hand_valid'] and max(person[f'{side}hand_kpts']) > 0
        ]
