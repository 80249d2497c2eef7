"""Train again with the labels that a trained network gives (paper, section 4.6).

Each round trains the config, with the labels of the round before, and writes labels:
the network's fused hand in each view of the training set, with the agreement of the
views as confidence. The data set is in HanCo's layout. WORK_DIR/round_<n> holds the
training, and its labels in the data set's format. Run again, the command goes on where
it was interrupted. See docs/pseudo_labels.md.
"""

import argparse
import copy
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

TOOLS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOOLS))

from _arguments import (  # noqa: E402
    add_cfg_options,
    add_device,
    output_folder,
    positive,
    require_files,
    short_errors,
)
from _interruption import exit_when_terminated, run_program  # noqa: E402

if TYPE_CHECKING:
    from mmengine.config import Config


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config of HaMuCo on a data set in that layout')
    parser.add_argument(
        'checkpoint',
        nargs='?',
        type=Path,
        help='a trained network of the config, in place of the training of round 1',
    )
    parser.add_argument('--rounds', type=positive, default=1, help='default: 1')
    parser.add_argument(
        '--work-dir',
        type=output_folder,
        help='default: work_dirs/<name of the config>_relabel',
    )
    parser.add_argument(
        '--batch-size', type=positive, default=8, help='time steps to label at a time'
    )
    parser.add_argument(
        '--workers', type=int, default=2, help='processes that load images to label'
    )
    parser.add_argument(
        '--shard-size',
        type=positive,
        default=200,
        help='time steps per file of intermediate results',
    )
    add_device(parser)
    add_cfg_options(parser)
    return parser


def check_data(cfg: 'Config') -> None:
    """Refuse a config whose training set has another form.

    Raises:
        ValueError: Saying which form it has.
    """
    dataset = cfg.train_dataloader.dataset
    if dataset.type == 'FrameWindowDataset':
        raise ValueError(
            f'{cfg.filename}: train_dataloader.dataset is a FrameWindowDataset; '
            'relabel.py takes time steps one by one: give a config with the '
            'MultiViewDataset that it wraps in its place'
        )
    inside = dataset.get('dataset') or {}
    if (dataset.type, inside.get('type')) != ('MultiViewDataset', 'HanCoDataset'):
        raise ValueError(
            f'{cfg.filename}: train_dataloader.dataset is a {dataset.type} of '
            f'{inside.get("type")}; relabel.py takes a MultiViewDataset of a '
            'HanCoDataset. tools/misc/pseudo_label.py labels other data sets'
        )


def config_of_round(cfg: 'Config', labels: Path | None) -> str:
    """The text of a config that trains with the labels of the round before."""
    cfg = copy.deepcopy(cfg)
    if labels is not None:
        views = cfg.train_dataloader.dataset.dataset
        prefix = views.get('data_prefix') or {}
        views.data_prefix = dict(prefix, keypoints=str(labels.resolve()))
    return cfg.pretty_text


def settings_of_round(config: str, checkpoint: Path | None) -> dict:
    """What the labels of a round depend on.

    Args:
        config (str): The text of its config.
        checkpoint (Path, optional): That is given in place of its training.
    """
    from hamuco_mm.utils.files import file_digest

    return dict(
        config_sha256=hashlib.sha256(config.encode()).hexdigest(),
        given_sha256=None if checkpoint is None else file_digest(checkpoint),
    )


def is_of_other_settings(labels: Path, settings: dict) -> bool:
    """Whether the labels of a complete round were made otherwise than they would be
    now."""
    from hamuco_mm.labelling.hanco_labels import SOURCE_FILE

    known = json.loads((labels / SOURCE_FILE).read_bytes())
    return any(known.get(key) != value for key, value in settings.items())


def train(config: str, folder: Path) -> Path:
    """Train in a folder, or go on there; the last checkpoint.

    Args:
        config (str): The text of the config.
        folder (Path): Of the round.
    """
    from mmengine.runner import find_latest_checkpoint

    from hamuco_mm.utils.files import write_atomically

    folder.mkdir(parents=True, exist_ok=True)
    written = folder / 'relabel_config.py'
    write_atomically(written, config)
    command = [TOOLS / 'train.py', written, '--work-dir', folder, '--resume']
    status = run_program([sys.executable, *map(str, command)])
    if status:
        sys.exit(status)  # it has said why
    checkpoint = find_latest_checkpoint(folder)
    if checkpoint is None:
        raise FileNotFoundError(f'the training left no checkpoint in {folder}')
    return Path(checkpoint)


def label(
    cfg: 'Config',
    checkpoint: Path,
    out: Path,
    settings: dict,
    args: argparse.Namespace,
) -> None:
    """Write the labels of a trained network."""
    from mmpose.apis import init_model
    from mmpose.registry import DATASETS
    from rich.progress import Progress

    from hamuco_mm.labelling import Shards, predict_labels, write_labels
    from hamuco_mm.labelling.processes import default_device
    from hamuco_mm.utils.files import file_digest

    cfg = copy.deepcopy(cfg)
    views = cfg.train_dataloader.dataset.dataset
    root = Path(views.data_root)
    views.update(test_mode=True, pipeline=cfg.test_dataloader.dataset.dataset.pipeline)
    device = args.device or default_device()
    model = init_model(cfg, str(checkpoint), device=device)
    dataset = DATASETS.build(dict(type='MultiViewDataset', dataset=views))
    source = dict(
        config=Path(args.config).name,
        checkpoint=str(checkpoint),
        sha256=file_digest(checkpoint),
        **settings,
    )
    shards = Shards(
        out.with_name(out.name + '.shards'),
        (f'time step {number}' for number in range(len(dataset))),
        source,
        args.shard_size,
    )
    shards.open()
    todo = sum(len(shards.items(shard)) for shard in shards.missing())
    with Progress() as progress:
        task = progress.add_task('labelling', total=todo)
        predict_labels(
            model,
            dataset,
            shards,
            args.batch_size,
            args.workers,
            lambda number: progress.advance(task, number),
        )
    new, kept = write_labels(shards, root, out, source)
    shards.remove()
    print(f'{out}: {new} new labels, {kept} of the data set kept')


def main() -> None:
    parser = build_parser()
    args = parser.parse_args()
    require_files(parser, *filter(None, [args.checkpoint]))

    import hamuco_mm  # noqa: F401  before mmpose
    from hamuco_mm.utils.config_options import check_config, read_config

    with short_errors():
        cfg = read_config(args.config, args.cfg_options)
        check_config(cfg)
        check_data(cfg)
        name = f'{Path(args.config).stem}_relabel'
        work_dir = args.work_dir or Path('work_dirs') / name
        labels = None
        for number in range(1, args.rounds + 1):
            folder = work_dir / f'round_{number}'
            out = folder / 'labels'
            given = args.checkpoint if number == 1 else None
            config = config_of_round(cfg, labels)
            settings = settings_of_round(config, given)
            if not out.exists():
                label(cfg, given or train(config, folder), out, settings, args)
            else:
                print(f'round {number} is complete: {out}')
                if is_of_other_settings(out, settings):
                    print(
                        f'warning: {folder} was made with another config, other '
                        '--cfg-options or another checkpoint than are given now: remove '
                        'it, or give another --work-dir, to make it anew'
                    )
            labels = out


if __name__ == '__main__':
    exit_when_terminated()
    main()
