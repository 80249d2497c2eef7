"""Label images with a model, shard by shard."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from torch.utils.data import DataLoader, Dataset

from ..datasets.rig import HandLabel
from ..datasets.storage import read_image
from ..hand_model import NUM_JOINTS
from .boxes import BoxSource
from .hand_image import HandImage, UnreadableImageError
from .predictor import HandPredictor
from .shards import Shards

LABELLED, NO_HAND, UNREADABLE = range(3)


class ModelInputs(Dataset):
    """Images through the pipeline of a model.

    Args:
        images (Sequence[HandImage]): The images.
        boxes (BoxSource): Where the hand is.
        pipeline (callable): Of the model.
        meta (dict): ``dataset_meta`` of the model.
    """

    def __init__(
        self,
        images: Sequence[HandImage],
        boxes: BoxSource,
        pipeline: Callable,
        meta: dict,
    ):
        self.images = images
        self.boxes = boxes
        self.pipeline = pipeline
        self.meta = meta

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[int, int, dict | None]:
        """Index, status (``LABELLED``, ...), and the model's input."""
        image = self.images[index]
        try:
            box = self.boxes(image)
        except UnreadableImageError:
            return index, UNREADABLE, None
        if box is None:
            return index, NO_HAND, None
        info = dict(
            img_path=str(image.path),
            bbox=box[None].astype(np.float32),
            bbox_score=np.ones(1, np.float32),
            **self.meta,
        )
        try:
            return index, LABELLED, self.pipeline(info)
        except Exception:
            # loaders differ in what they raise; only the image may be at fault
            if read_image(image.path) is None:
                return index, UNREADABLE, None
            raise


def label_images(
    inputs: ModelInputs,
    predict: HandPredictor,
    shards: Shards,
    rank: int = 0,
    world_size: int = 1,
    batch_size: int = 32,
    num_workers: int = 0,
    advance: Callable[[int], None] = lambda number: None,
) -> None:
    """Make the shards that a process has to make.

    Args:
        inputs (ModelInputs): The images.
        predict (HandPredictor): The model.
        shards (Shards): Where the results go; must be open.
        rank (int), world_size (int): Of the process.
        batch_size (int): Images at a time.
        num_workers (int): Processes that load images.
        advance (callable): Called with the number of images just done.
    """
    todo = shards.missing(rank, world_size)
    # batches end with their shard
    batches = [
        (shard, list(items[i : i + batch_size]))
        for shard in todo
        for items in (shards.items(shard),)
        for i in range(0, len(items), batch_size)
    ]
    loader = DataLoader(
        inputs,
        batch_sampler=[indices for _, indices in batches],
        num_workers=num_workers,
        collate_fn=_as_list,
    )
    results = None
    for (shard, _), batch in zip(batches, loader):
        items = shards.items(shard)
        if results is None:
            results = _empty(len(items))
        usable = [entry for entry in batch if entry[2] is not None]
        for index, status, _ in batch:
            results['status'][index - items.start] = status
        if usable:
            rows = [index - items.start for index, _, _ in usable]
            results['keypoints'][rows], results['confidence'][rows] = predict(
                [entry[2] for entry in usable],
                [inputs.images[entry[0]].side for entry in usable],
            )
        if batch[-1][0] == items[-1]:
            shards.write(shard, results)
            results = None
        advance(len(batch))


def read_labels(
    shards: Shards, on_problem: Callable[[int, int], None] = lambda index, status: None
) -> Iterator[tuple[int, HandLabel | None]]:
    """The label of each item of complete shards; None without an image.

    Args:
        shards (Shards): The results.
        on_problem (callable): Called with the index and ``NO_HAND`` or
            ``UNREADABLE`` of images that have no proper label.
    """
    for shard in range(len(shards)):
        content = shards.read(shard)
        for row, index in enumerate(shards.items(shard)):
            status = int(content['status'][row])
            if status != LABELLED:
                on_problem(index, status)
            label = HandLabel(
                content['keypoints'][row].astype(float),
                content['confidence'][row].astype(float),
            )
            yield index, None if status == UNREADABLE else label


def _empty(number: int) -> dict:
    return dict(
        keypoints=np.zeros((number, NUM_JOINTS, 2), np.float32),
        confidence=np.zeros((number, NUM_JOINTS), np.float32),
        status=np.zeros(number, np.int8),
    )


def _as_list(entries: list) -> list:
    return entries
