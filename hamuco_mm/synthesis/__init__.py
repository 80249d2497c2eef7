"""Generated hands: pictures from calibrated cameras, with ground truth and
with the pseudo labels of an imperfect detector."""

from .dataset import generate_dataset
from .dataset_config import DatasetConfig
from .generated_dataset import GeneratedHandDataset
from .hanco_files import SettingsConflict
from .label_errors import LabelErrorModel
from .pseudo_labels import PseudoLabels
from .renderers import make_renderer
from .scene import Scene, SceneConfig
from .scene_generator import SceneGenerator

__all__ = [
    'DatasetConfig',
    'GeneratedHandDataset',
    'LabelErrorModel',
    'PseudoLabels',
    'Scene',
    'SceneConfig',
    'SceneGenerator',
    'SettingsConflict',
    'generate_dataset',
    'make_renderer',
]
