"""What the released OpenMMLab packages need on a current PyTorch, to run and to start
soon.

Every function acts only where it is needed: an installation with the full
mmcv and an older PyTorch stays as it is. Each one says when it can go.
"""

from .absent_packages import (
    MissingDeformableAttention,
    let_mmpose_import_with_mmcv_lite,
    let_mmpose_import_without_xtcocotools,
)
from .checkpoints import let_checkpoints_load_as_data, load_from_local
from .config_texts import let_configs_be_formatted_once
from .fused_optimizers import without_missing_fused
from .image_checks import let_mmcv_check_images
from .processes import prepare_processes_without_gpu

__all__ = [
    'MissingDeformableAttention',
    'apply',
    'let_checkpoints_load_as_data',
    'let_configs_be_formatted_once',
    'let_mmcv_check_images',
    'let_mmpose_import_with_mmcv_lite',
    'let_mmpose_import_without_xtcocotools',
    'load_from_local',
    'prepare_processes_without_gpu',
    'without_missing_fused',
]


def apply() -> None:
    """Apply what has to be in place before MMPose is imported."""
    let_mmpose_import_with_mmcv_lite()
    let_mmpose_import_without_xtcocotools()
    let_checkpoints_load_as_data()
    let_configs_be_formatted_once()
    let_mmcv_check_images()
