"""What the parts of a data set leave out, in the one file of a run."""

from mmengine.dataset import BaseDataset

from ..utils.left_out import LeftOutFile
from .parts import dataset_parts


def note_left_out(
    dataset: BaseDataset, listed: LeftOutFile, with_known: bool = True
) -> None:
    """List what a data set left out, and have it add the images that cannot be read.

    Args:
        dataset (BaseDataset): With all that it wraps.
        listed (LeftOutFile): The list, which grows when images are met.
        with_known (bool): Whether to list what is known without images, which one
            of several processes does. Defaults to True.
    """
    for part in dataset_parts(dataset):
        if with_known and hasattr(part, 'left_out'):
            listed.add(part.left_out())
        if hasattr(part, 'view_pipeline'):
            part.view_pipeline.left_out = listed
