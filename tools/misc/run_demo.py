"""Run the demo: make its data, train, test, compare, draw and tabulate.

Every step is a command that you can run by hand; it is shown before it runs. A
step whose results exist is skipped, and an interrupted training continues.
Results of another config are moved aside, not mixed with these.
"""

import argparse
import hashlib
import json
import os.path as osp
import shlex
import sys
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _interruption import exit_when_terminated, run_program
from mmengine.config import Config

TOOLS = Path(__file__).resolve().parents[1]
ANALYSIS = TOOLS / 'analysis_tools'
DEMO = TOOLS.parent / 'demo'


class Step(NamedTuple):
    """A command, and the files that show that it is done."""

    name: str
    command: list[str]
    results: tuple[Path, ...]

    @property
    def is_done(self) -> bool:
        return all(path.exists() for path in self.results)

    @property
    def shown_command(self) -> str:
        program, *rest = self.command
        return shlex.join([osp.basename(program), *map(shorten, rest)])


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'config',
        nargs='?',
        default=shorten(TOOLS.parent / 'configs' / 'hamuco_demo.py'),
        help='config file (default: %(default)s)',
    )
    parser.add_argument(
        '--work-dir',
        type=Path,
        default='work_dirs/hamuco_demo',
        help='folder for the results (default: %(default)s)',
    )
    parser.add_argument(
        '--list', action='store_true', help='show the commands, run nothing'
    )
    return parser


def shorten(argument: str | Path) -> str:
    """A path below the current folder as the relative one."""
    here = str(Path.cwd()) + '/'
    return str(argument).removeprefix(here)


def mim(*arguments: str | Path) -> list[str]:
    """MIM of this environment, whatever PATH says."""
    return [str(Path(sys.executable).with_name('mim')), *map(str, arguments)]


def python(script: Path, *arguments: str | Path) -> list[str]:
    return [sys.executable, str(script), *map(str, arguments)]


def plan(config_file: str, config: Config, work_dir: Path) -> list[Step]:
    """All steps in their order."""
    checkpoint = work_dir / f'epoch_{config.train_cfg.max_epochs}.pth'
    metrics = work_dir / 'test_metrics.json'
    baselines = work_dir / 'baselines.json'
    # trained on with the pseudo labels of the recordings to reconstruct
    adapted = work_dir / 'adapted' / checkpoint.name
    absolute = work_dir / 'absolute.json'
    start = work_dir / 'start_metrics.json'
    half = work_dir / 'half_of_the_cameras_metrics.json'
    uncalibrated = work_dir / 'uncalibrated_metrics.json'
    page = work_dir / 'page.html'
    photograph = DEMO / 'resources' / 'left_hand.jpg'
    drawn = work_dir / 'photograph'

    def test(name: str, weights: str | Path, out: Path, *options: str) -> Step:
        return Step(
            name,
            mim(
                *('test', 'hamuco_mm', config_file, '--checkpoint', weights),
                *('--work-dir', work_dir / 'tests', '--out', out),
                *(('--cfg-options', *options) if options else ()),
            ),
            (out,),
        )

    # of a config that names the weights it starts from
    weights = config.get('weights')
    first = [test('start', weights, start)] if weights else []
    of_start = [f'start={start}:single,fusion'] if weights else []
    return [
        Step(
            'data',
            python(
                *(TOOLS / 'misc' / 'generate_demo_data.py', config.data_root),
                *('--look', 'lab', '--num-train-sequences', '80'),
                *('--num-val-sequences', '4'),
            ),
            (Path(config.data_root) / 'demo.json',),
        ),
        *first,
        Step(
            'train',
            mim('train', 'hamuco_mm', config_file, '--work-dir', work_dir, '--resume'),
            (checkpoint,),
        ),
        test('test', checkpoint, metrics),
        # of the eight
        test('half', checkpoint, half, 'test_dataloader.dataset.num_views=4'),
        test(
            'uncalibrated',
            checkpoint,
            uncalibrated,
            'model.use_extrinsics=False',
            'model.absolute=None',
        ),
        Step(
            'baselines',
            python(ANALYSIS / 'evaluate_baselines.py', config_file, '--out', baselines),
            (baselines,),
        ),
        Step(
            'adapt',
            mim(
                'train',
                'hamuco_mm',
                config_file,
                '--work-dir',
                adapted.parent,
                '--cfg-options',
                f'load_from={checkpoint}',
                f'train_cfg.val_interval={config.train_cfg.max_epochs}',
                'train_dataloader.dataset.dataset.split=test',
            ),
            (adapted,),
        ),
        Step(
            'absolute',
            python(
                ANALYSIS / 'evaluate_absolute.py',
                config_file,
                checkpoint,
                adapted,
                '--labels',
                'hamuco',
                'hamuco_adapted',
                '--out',
                absolute,
            ),
            (absolute,),
        ),
        Step(
            'pictures',
            python(
                ANALYSIS / 'draw_predictions.py',
                config_file,
                checkpoint,
                '--out-dir',
                work_dir,
                '--choose',
                'error',
            ),
            (work_dir / 'predictions.png', work_dir / 'views.png'),
        ),
        Step(
            'page',
            python(
                ANALYSIS / 'make_3d_page.py', config_file, checkpoint, '--out', page
            ),
            (page,),
        ),
        # by the weights of the package: the demo's own know gloves in blue light
        Step(
            'photograph',
            python(
                *(DEMO / 'hamuco_demo.py', photograph, '--hand-side', 'left'),
                *('--out-dir', drawn),
            ),
            (drawn / 'visualizations' / photograph.name,),
        ),
        Step(
            'curves',
            python(ANALYSIS / 'plot_curves.py', work_dir, '--baselines', baselines),
            (work_dir / 'curves.png',),
        ),
        Step(
            'table',
            python(
                ANALYSIS / 'summarize_results.py',
                work_dir,
                '--metrics',
                metrics,
                '--baselines',
                baselines,
                '--also',
                *of_start,
                f'half_of_the_cameras={half}:fusion',
                f'uncalibrated={uncalibrated}:fusion',
                '--minutes',
                work_dir / 'timings.json',
            ),
            (work_dir / 'results.json',),
        ),
    ]


def set_aside_other_results(work_dir: Path, config: Config) -> None:
    """Keep the results of another config from being taken for this one's."""
    from hamuco_mm.utils.files import write_atomically

    fingerprint = hashlib.sha256(config.pretty_text.encode()).hexdigest()
    record = work_dir / 'config.sha256'
    if record.exists() and record.read_text() != fingerprint:
        other = work_dir.with_name(
            work_dir.name + time.strftime('_until_%Y%m%d_%H%M%S')
        )
        work_dir.rename(other)
        print(f'{work_dir} held results of another config: now in {other}')
    work_dir.mkdir(parents=True, exist_ok=True)
    write_atomically(record, fingerprint)


def run(step: Step, work_dir: Path) -> int:
    """Run a step and add the minutes it took to timings.json.

    Returns:
        int: Its exit status.
    """
    from hamuco_mm.utils.json_files import write_json

    timings = work_dir / 'timings.json'
    minutes = json.loads(timings.read_text()) if timings.exists() else {}
    start = time.monotonic()
    try:
        return run_program(step.command)
    finally:
        # an interrupted training took its time too
        minutes[step.name] = round(
            minutes.get(step.name, 0) + (time.monotonic() - start) / 60, 2
        )
        write_json(timings, minutes)


def failure(step: Step, status: int, work_dir: Path) -> str:
    lines = [
        f'The step "{step.name}" of the demo failed (exit status {status}); '
        'the reason is further up.',
        f'  command: {step.shown_command}',
        '  Run this again when it is mended: it goes on with that step.',
    ]
    logs = sorted(work_dir.glob('*/*.log'))
    if logs and step.name in ('train', 'adapt'):
        lines.insert(2, f'  log:     {logs[-1]}')
    return '\n'.join(lines)


def main() -> None:
    args = build_parser().parse_args()
    exit_when_terminated()
    # the demo's steps import the package's parts as they need them
    config = Config.fromfile(args.config, import_custom_modules=False)
    steps = plan(args.config, config, args.work_dir)
    if args.list:
        print(*(step.shown_command for step in steps), sep='\n')
        return
    set_aside_other_results(args.work_dir, config)
    for number, step in enumerate(steps, 1):
        title = f'-- {number}/{len(steps)} {step.name}'
        if step.is_done:
            print(f'{title}: is there', flush=True)
            continue
        print(f'{title}: {step.shown_command}', flush=True)
        try:
            status = run(step, args.work_dir)
        except KeyboardInterrupt:
            sys.exit('\nInterrupted. Run this again to go on.')
        if status:
            sys.exit(failure(step, status, args.work_dir))
    print(
        f'The results are in {args.work_dir}: results.md (the table), '
        'absolute.md (hands in the world), predictions.png, views.png, '
        'curves.png and photograph/.\nHands to turn round, in a browser: '
        f'{(args.work_dir / "page.html").resolve()}'
    )


if __name__ == '__main__':
    main()
