"""Generated hands: pictures from calibrated cameras, with ground truth and
with the pseudo labels of an imperfect detector."""
from .dataset import DatasetConfig, SettingsConflict, generate_dataset
from .pseudo_labels import LabelErrorModel, PseudoLabels
from .rendering import make_renderer
from .scene import Scene, SceneConfig, SceneGenerator

__all__ = [
    'DatasetConfig', 'LabelErrorModel', 'PseudoLabels', 'Scene', 'SceneConfig',
    'SceneGenerator', 'SettingsConflict', 'generate_dataset', 'make_renderer'
]
