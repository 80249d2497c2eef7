"""Stand-ins for packages that MMPose imports and an installation may lack."""

import importlib.util
import sys
import types
import warnings

import pycocotools.coco
import pycocotools.mask
from torch import nn


def _make_module(name: str, **content: object) -> types.ModuleType:
    """A module with that content, which ``import`` finds under that name."""
    module = types.ModuleType(name, 'Stand-in made by hamuco_mm.')
    vars(module).update(content)
    sys.modules[name] = module
    return module


class MissingDeformableAttention(nn.Module):
    """Stands for ``mmcv.ops.MultiScaleDeformableAttention`` in mmcv-lite.

    Raises:
        ImportError: Always; it cannot be built without the compiled ops.
    """

    def __init__(self, *args: object, **kwargs: object):
        raise ImportError(
            'MultiScaleDeformableAttention needs the compiled ops of mmcv, and '
            'mmcv-lite has none. Replace it by the full one: '
            'pip uninstall mmcv-lite; mim install "mmcv>=2.0.1,<2.2.0"'
        )


def let_mmpose_import_with_mmcv_lite() -> bool:
    """Give ``mmcv.ops`` the one name without which ``mmpose.models`` fails.

    MMPose guards every use of the compiled ops except EDPose's, so that
    ``import mmpose.models`` fails with mmcv-lite whatever model is wanted. The
    full mmcv takes 12-20 minutes to compile for PyTorch versions it has no
    wheel for. Can go as soon as MMPose guards that import too.

    Returns:
        bool: Whether the placeholder was put in; False with the full mmcv.
    """
    if 'mmcv.ops' in sys.modules or importlib.util.find_spec('mmcv._ext') is not None:
        return False
    import mmcv

    ops = _make_module(
        'mmcv.ops', MultiScaleDeformableAttention=MissingDeformableAttention
    )
    # mmcv's own remark about that, said in every process, is then no news
    warnings.filterwarnings(
        'ignore', message='Fail to import ``MultiScaleDeformableAttention``'
    )
    mmcv.ops = ops
    return True


class COCO(pycocotools.coco.COCO):
    """``xtcocotools.coco.COCO``, as far as MMPose's data sets use it.

    xtcocotools is a copy of pycocotools with additions. Reading a file needs two:
    annotations without ``iscrowd`` are of one person each, and content that is
    read already (``ann_data``) can be given instead of a file.

    Args:
        annotation_file (str, optional): Path of a file.
        ann_data (dict, optional): Its content; the file is then not opened.
    """

    def __init__(
        self, annotation_file: str | None = None, ann_data: dict | None = None
    ):
        super().__init__(annotation_file if ann_data is None else None)
        if ann_data is not None:
            self.dataset = ann_data
            self.createIndex()

    def createIndex(self) -> None:
        for annotation in self.dataset.get('annotations', ()):
            annotation.setdefault('iscrowd', False)
        super().createIndex()


class MissingCOCOeval:
    """Stands for ``xtcocotools.cocoeval.COCOeval``.

    It is no ``pycocotools.cocoeval.COCOeval``: that one counts differently
    where persons have no visible joints.

    Raises:
        ImportError: Always; only xtcocotools computes what MMPose's COCO
            metrics report.
    """

    def __init__(self, *args: object, **kwargs: object):
        raise ImportError(
            "MMPose's COCO metrics need xtcocotools, which is not installed. "
            'pip installs it up to Python 3.12; for newer ones docs/install.md '
            'has the change with which it builds.'
        )


def let_mmpose_import_without_xtcocotools() -> bool:
    """Give MMPose the names of xtcocotools, from pycocotools.

    MMPose imports xtcocotools in its data sets, transforms and metrics. Its
    last release does not build on Python 3.13, and has no wheel for 3.12. Can
    go when MMPose reads COCO files with pycocotools.

    Returns:
        bool: Whether the stand-in was put in; False where xtcocotools is
        installed.
    """
    if (
        'xtcocotools' in sys.modules
        or importlib.util.find_spec('xtcocotools') is not None
    ):
        return False
    _make_module(
        'xtcocotools',
        __path__=[],  # a package
        mask=pycocotools.mask,
        coco=_make_module('xtcocotools.coco', COCO=COCO),
        cocoeval=_make_module('xtcocotools.cocoeval', COCOeval=MissingCOCOeval),
    )
    sys.modules['xtcocotools.mask'] = pycocotools.mask
    return True
