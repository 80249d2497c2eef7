"""Build a data set from a config, from a file or from a directory."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS

from ..utils.config_options import read_config
from ..utils.frame_names import sequence_of_view
from ..utils.near_paths import near_path
from .hand_model_loan import head_hand_model, lend_hand_model
from .multiview_dataset import MultiViewDataset
from .storage import open_folder


def open_dataset(
    source: str, phase: str = 'train', cfg_options: dict | None = None
) -> MultiViewDataset:
    """Build a data set for looking at it, view by view.

    Args:
        source (str): A config file (``.py``), the JSON file or the folder of
            a rig (whose ``rig.json`` is taken if it is there), or a directory
            in HanCo's layout.
        phase (str): Whose dataloader of a config: 'train', 'val', 'test'.
        cfg_options (dict, optional): Settings that replace the config's.

    Returns:
        MultiViewDataset: Time steps with all their views in a fixed order.

    Raises:
        FileNotFoundError: If there is no such file or directory.
        ValueError: If it is none of these.
    """
    init_default_scope('mmpose')
    path = Path(source)
    if path.suffix != '.py' or not path.is_file():
        if path.is_file() and path.suffix != '.json':
            raise ValueError(
                f'{source} should be a config (.py), a JSON file of a rig, or a '
                'directory'
            )
        layout, path = find_layout(path)
        if layout == 'hanco':
            return _views(dict(type='HanCoDataset', data_root=str(path)))
        where = dict(data_root=str(path))
        if path.is_file():
            where = dict(data_root=str(path.parent), ann_file=path.name)
        return _views(dict(type='RigHandDataset', **where))
    cfg = read_config(source, cfg_options)
    loader = cfg[f'{phase}_dataloader']
    if loader.dataset.type == 'FrameWindowDataset':
        loader.dataset = loader.dataset.dataset
    if loader.dataset.type == 'MultiViewDataset':
        loader.dataset.num_views = None
        return build_dataset(cfg, phase)
    return MultiViewDataset(build_dataset(cfg, phase))


def build_dataset(cfg: Config, phase: str) -> BaseDataset:
    """Build the data set of a config as it is, without a runner.

    Args:
        cfg (Config): A whole config; its head lends its hand model to the data
            set, if that asks for it.
        phase (str): Whose dataloader of the config: 'train', 'val', 'test'.
    """
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    dataset = DATASETS.build(cfg[f'{phase}_dataloader'].dataset)
    lend_hand_model(dataset, head_hand_model(cfg))
    return dataset


def find_layout(path: Path) -> tuple[Literal['rig', 'hanco'], Path]:
    """The layout of data that has no config.

    Args:
        path (Path): JSON file or folder of a rig, or a directory in HanCo's
            layout.

    Returns:
        tuple: 'rig' and its JSON file, which is ``rig.json`` of a folder that
        has one, or its folder; or 'hanco' and the directory.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If it is none of these.
    """
    if not path.exists():
        raise FileNotFoundError(f'there is no {path}{near_path(path)}')
    if (path / 'rig.json').is_file():
        path = path / 'rig.json'
    if path.suffix == '.json' or (path / 'images').is_dir():
        return 'rig', path
    if open_folder(path / 'rgb').is_there():
        return 'hanco', path
    raise ValueError(
        f'{path} is neither a rig (rig.json, or images/<sequence>/<camera>) nor '
        "in HanCo's layout (rgb)"
    )


def views_by_time_step(dataset: BaseDataset) -> Iterator[list[dict]]:
    """Data infos of the views of each time step, without their images. An
    item of a data set that groups no views is a time step of one."""
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        yield info.get('views', [info])


def views_by_sequence(dataset: MultiViewDataset) -> dict[str, list[dict]]:
    """Data infos of all views, in the order of time within each sequence."""
    return {
        sequence: views_at(dataset, steps)
        for sequence, steps in time_steps_by_sequence(dataset).items()
    }


def time_steps_by_sequence(dataset: MultiViewDataset) -> dict[str, list[int]]:
    """Items of each sequence, in order. Makes the info of one view of each
    time step, and keeps none. Infos without a ``sequence`` are of that which
    ``<sequence>/<frame>`` as their ``frame_id`` names, else of one without a name."""
    found: dict[str, list[int]] = {}
    for (sequence, _), steps in time_steps_by_hand(dataset).items():
        found.setdefault(sequence, []).extend(steps)
    return {sequence: sorted(steps) for sequence, steps in found.items()}


def time_steps_by_hand(
    dataset: MultiViewDataset,
) -> dict[tuple[str, str | None], list[int]]:
    """Items of each hand of each sequence, in order: :func:`time_steps_by_sequence`,
    with the ``hand_side``, as the hands of a person are time steps of their own."""
    dataset.full_init()
    found: dict[tuple[str, str | None], list[int]] = {}
    for step, group in enumerate(dataset.data_list):
        view = dataset.dataset.get_data_info(int(group[0]))
        hand = sequence_of_view(view), view.get('hand_side')
        found.setdefault(hand, []).append(step)
    return found


def views_at(dataset: MultiViewDataset, steps: Iterable[int]) -> list[dict]:
    """Data infos of all views of these time steps."""
    return [view for step in steps for view in dataset.get_data_info(step)['views']]


def _views(dataset: dict) -> MultiViewDataset:
    built: BaseDataset = DATASETS.build(dict(dataset, test_mode=True))
    return MultiViewDataset(built)
