"""The config and the weights of a model, by its name."""

import os.path as osp

from mmengine.config import Config
from mmengine.infer import BaseInferencer
from mmengine.infer.infer import ModelType

PACKAGE = 'hamuco_mm'
_SUFFIXES = ('.pth', '.pt')


def split_model(
    model: ModelType | str | None, weights: str | None
) -> tuple[ModelType | str | None, str | None]:
    """Take a checkpoint that is given as the model as the weights: it contains
    its config.

    Returns:
        tuple: Model (None for a checkpoint) and weights.

    Raises:
        FileNotFoundError: If local weights do not exist.
    """
    if isinstance(model, str) and model.endswith(_SUFFIXES):
        if weights is not None:
            raise ValueError(
                f'both model={model!r} and weights={weights!r} '
                'are checkpoints: give a config as model'
            )
        model, weights = None, model
    if weights is not None and '://' not in weights and not osp.isfile(weights):
        raise FileNotFoundError(f'there are no weights {weights}')
    if isinstance(model, str) and model.endswith('.py') and not osp.isfile(model):
        raise FileNotFoundError(f'there is no config {model}')
    return model, weights


def find_model(name: str) -> tuple[Config, str | None] | None:
    """A model of this package by its name or alias in the metafile.

    Args:
        name (str): As in ``configs/hand_3d_keypoint/hamuco/metafile.yml``,
            upper and lower case alike.

    Returns:
        tuple | None: Config and weights (None without any); None if there is
        no such model.

    Raises:
        FileNotFoundError: If its weights have to be trained first.
    """
    root = BaseInferencer._get_repo_or_mim_dir(PACKAGE)
    for entry in BaseInferencer._get_models_from_metafile(root):
        aliases = entry.get('Alias', [])
        names = [aliases] if isinstance(aliases, str) else list(aliases)
        if name.lower() in (n.lower() for n in [entry['Name'], *names]):
            cfg = Config.fromfile(osp.join(root, entry['Config']))
            return cfg, _weights(entry, root)
    return None


def model_names() -> list[str | list[str]]:
    """Aliases, or names where there is none, of this package's models."""
    root = BaseInferencer._get_repo_or_mim_dir(PACKAGE)
    return [
        entry.get('Alias') or entry['Name']
        for entry in BaseInferencer._get_models_from_metafile(root)
    ]


def _weights(entry: dict, root: str) -> str | None:
    """The entry's weights: an address, which MIM downloads (``Weights``), or what
    the package or a training provides (``Checkpoint``); a path is relative to here
    or to the package."""
    weights = entry.get('Weights') or entry.get('Checkpoint')
    if weights is None or '://' in weights:
        return weights
    for path in (weights, osp.join(root, weights)):
        if osp.isfile(path):
            return path
    raise FileNotFoundError(
        f'{entry["Name"]} has no weights yet: {weights} is made by its '
        "training (bash tools/quickstart.sh makes the demo's); or give "
        '`weights`'
    )
