"""The config and the weights of a model, by its name."""

import os.path as osp
from difflib import get_close_matches

from mmengine.config import Config
from mmengine.infer import BaseInferencer
from mmengine.infer.infer import ModelType

from ...utils.config_options import check_config_file
from ...utils.near_paths import near_path

PACKAGE = 'hamuco_mm'
_SUFFIXES = ('.pth', '.pt')
# that MMEngine reads
_CONFIG_SUFFIXES = ('.py', '.yml', '.yaml', '.json')


def split_model(
    model: ModelType | str | None, weights: str | None
) -> tuple[ModelType | str | None, str | None]:
    """Take a checkpoint that is given as the model as the weights: it contains
    its config.

    Returns:
        tuple: Model (None for a checkpoint) and weights.

    Raises:
        FileNotFoundError: If local weights do not exist.
        ValueError: If the model is a file of another kind.
    """
    if isinstance(model, str) and model.endswith(_SUFFIXES):
        if weights is not None:
            raise ValueError(
                f'both model={model!r} and weights={weights!r} '
                'are checkpoints: give a config as model'
            )
        model, weights = None, model
    if weights is not None and '://' not in weights and not osp.isfile(weights):
        raise FileNotFoundError(f'there is no checkpoint {weights}{near_path(weights)}')
    is_file = isinstance(model, str) and osp.isfile(model)
    if is_file and not str(model).endswith(_CONFIG_SUFFIXES):
        raise ValueError(
            f'{model} is neither a config (.py) nor a checkpoint (.pth): give one of '
            'both, or the name of a model'
        )
    if isinstance(model, str) and model.endswith('.py'):
        check_config_file(model)
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
        if name.lower() in (n.lower() for n in [entry['Name'], *_aliases(entry)]):
            cfg = Config.fromfile(osp.join(root, entry['Config']))
            return cfg, _weights(entry, root)
    return None


def unknown_model(name: str) -> str:
    """The message on a name that no model of this package has: the nearest one,
    or the aliases."""
    root = BaseInferencer._get_repo_or_mim_dir(PACKAGE)
    entries = BaseInferencer._get_models_from_metafile(root)
    aliases = [alias for entry in entries for alias in _aliases(entry)]
    names = aliases + [entry['Name'] for entry in entries]
    near = get_close_matches(name.lower(), names, 1)
    hint = (
        f'did you mean {near[0]!r}?'
        if near
        else f'models of this package are {", ".join(aliases)}, or a checkpoint of a '
        'training'
    )
    return f'there is no config and no model {name!r}; {hint}'


def _aliases(entry: dict) -> list[str]:
    aliases = entry.get('Alias', [])
    return [aliases] if isinstance(aliases, str) else list(aliases)


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
