import os.path as osp
from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness
from mmengine.fileio import isfile
from mmpose.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomImageFolder(BaseTransform):
    """Load an image from one of several folders that have the same files.

    For data sets whose images come with several backgrounds, as HanCo's
    green-screen sequences do. Put it before the image is loaded. If the drawn
    folder lacks an image, the original one is loaded.

    Required Keys:

        - img_path
        - dataset: the data set, for its ``data_prefix['img']``

    Modified Keys:

        - img_path

    Args:
        folders (Sequence[str]): Names of folders beside the data set's
            folder of images. That folder is drawn only if it is named, too.
        backend_args (dict, optional): The file backend that looks for the
            images: what the transform that loads them has. Defaults to None.
    """

    def __init__(
        self, folders: Sequence[str], backend_args: dict | None = None
    ) -> None:
        super().__init__()
        if not folders:
            raise ValueError('RandomImageFolder needs at least one folder')
        self.folders = tuple(folders)
        self.backend_args = backend_args

    @cache_randomness
    def _draw(self) -> str:
        return self.folders[np.random.randint(len(self.folders))]

    def transform(self, results: dict) -> dict:
        root = osp.abspath(results['dataset'].data_prefix['img'])
        name = osp.relpath(osp.abspath(results['img_path']), root)
        path = osp.join(osp.dirname(root), self._draw(), name)
        if isfile(path, backend_args=self.backend_args):
            results['img_path'] = path
        return results

    def __repr__(self) -> str:
        return (
            f'{self.__class__.__name__}(folders={self.folders}, '
            f'backend_args={self.backend_args})'
        )
