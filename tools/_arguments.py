"""What the command lines of several tools share.

Free of heavy imports: MIM asks a tool for its help before it runs it.
"""

import argparse
import os
import os.path as osp
import pickle
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.error import URLError

import _interruption  # noqa: F401
from mmengine.config import Config, DictAction

if TYPE_CHECKING:
    from hamuco_mm.structures import PredictedViews

_main = sys.modules['__main__']
if sys.modules.get('__mp_main__', _main) is not _main:
    # in a process that is spawned, such as a data loader's worker: its data set may be
    # one of MMPose, which needs what hamuco_mm makes up for
    import hamuco_mm  # noqa: F401

# PyTorch's errors of processes that wait in vain share no type. Gloo's name its file of
# the connection, and then how that ended: closed, reset, a broken pipe.
_NO_ANSWER = re.compile('Timed out waiting|Connection closed by peer|gloo/transport/')
# How dictionaries begin, within the value of a setting.
_DICTIONARY = re.compile(r"""(?:^|[\[(,])\s*(?:dict\(|\{\s*['"]?\w+['"]?\s*:)""")
# The values of hamuco_mm.structures.Stage, whose import takes seconds.
STAGES = ('single', 'interact', 'fusion')
# Frames per second of a recording of which nobody knows it.
FPS = 30


def positive(text: str) -> int:
    """Type of an argument that is a positive whole number."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'should be positive, got {text}')
    return number


def not_negative(text: str) -> int:
    """Type of an argument that is a number >= 0."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f'{text} should be a number >= 0')
    return number


def output_file(text: str) -> Path:
    """Type of an argument that names a file to write, which is tried now."""
    from hamuco_mm.utils.outputs import check_output_file

    return _tried(check_output_file, text)


def output_folder(text: str) -> Path:
    """Type of an argument that names a folder to write into, which is tried now."""
    from hamuco_mm.utils.outputs import check_output_folder

    return _tried(check_output_folder, text)


def output_path(text: str) -> Path:
    """Type of an argument that names a file, ``*.json``, or a folder to write."""
    return (output_file if text.endswith('.json') else output_folder)(text)


def _tried(check: Callable[[Path], None], text: str) -> Path:
    try:
        check(Path(text))
    except OSError as error:
        raise argparse.ArgumentTypeError(error.strerror or str(error)) from error
    return Path(text)


def device(text: str) -> str:
    """Type of an argument that names a device of PyTorch, which has to be there."""
    import torch  # takes seconds, and --help needs none

    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    there = ['cpu']
    if gpus:
        there += ['cuda', *(f'cuda:{number}' for number in range(gpus))]
    if torch.backends.mps.is_available():
        there.append('mps')
    if text not in there:
        raise argparse.ArgumentTypeError(
            f'PyTorch has no device {text!r} here, only {", ".join(there)}'
        )
    return text


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add the argument of tools that run a network on one device."""
    parser.add_argument(
        '--device',
        type=device,
        help='cpu, cuda or cuda:N (default: a GPU, if there is one)',
    )


def add_side(parser: argparse.ArgumentParser) -> None:
    """Add the argument of tools that make meshes of files of predictions."""
    parser.add_argument(
        '--side',
        choices=['right', 'left'],
        help='which hand it is, where predictions do not say it (default: right); of '
        'predictions of both, the hands to take',
    )


def add_photos(parser: argparse.ArgumentParser) -> None:
    """Add the argument of tools that generate pictures."""
    parser.add_argument(
        '--photos',
        nargs='?',
        const=True,
        default=False,
        metavar='FOLDER',
        help='photographs among the backgrounds: those in a folder and its '
        'subfolders, or, without a folder, those of scikit-image',
    )


def hands_of_side(
    views: 'PredictedViews', path: str | Path, given: str | None
) -> tuple['PredictedViews', str]:
    """The hands of one side of a file or folder of predictions, and that side: what it
    says, or was given (``--side``), else 'right'.

    Raises:
        ValueError: If it says both, and nothing was given; or another than was given.
    """
    sides = views.hand_sides
    if len(sides) > 1 and given is not None:
        return views.of_side(given), given
    if len(sides) > 1:
        raise ValueError(
            f'{path} holds right and left hands: choose those of one side with '
            '--side right or --side left, each side in a run of its own'
        )
    if given is not None and not sides <= {given}:
        raise ValueError(
            f'{path} holds {next(iter(sides))} hands, not those of --side {given}; leave '
            f'--side out, or predict again with --hand-side {given}'
        )
    return views, next(iter(sides), given or 'right')


def short_warnings() -> None:
    """Show warnings without the line of code that gave them, which says nothing to
    who runs a tool; and none of MMEngine's own imports."""
    warnings.filterwarnings('ignore', 'pkg_resources is deprecated', UserWarning)
    warnings.formatwarning = lambda message, *_, **__: f'warning: {message}\n'


def require_files(
    parser: argparse.ArgumentParser, *paths: str | Path, kind: str = 'checkpoint'
) -> None:
    """End the tool if a file or folder of its arguments is not there; names the
    nearest. Addresses are left to what fetches them."""
    for path in paths:
        if '://' in str(path) or Path(path).exists():
            continue
        from hamuco_mm.utils.near_paths import near_path

        parser.exit(
            2, f'{parser.prog}: error: there is no {kind} {path}{near_path(path)}\n'
        )


def keep_inputs(
    parser: argparse.ArgumentParser, args: argparse.Namespace, *outputs: str
) -> None:
    """End the tool if a file that it is to write is one that it reads.

    Args:
        parser (argparse.ArgumentParser): Of the tool.
        args (argparse.Namespace): All of its arguments.
        *outputs (str): Names of those that are files to write; all others that name an
            existing file are taken for inputs.
    """
    for name in outputs:
        out = getattr(args, name)
        if out is None or not out.exists():
            continue
        for other, given in vars(args).items():
            values = given if isinstance(given, (list, tuple)) else [given]
            paths = [Path(x) for x in values if isinstance(x, (str, Path))]
            if other not in outputs and any(_is_same(path, out) for path in paths):
                parser.error(f'{out} is read, and would be replaced: write elsewhere')


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:  # no such file, or no name of one
        return False


def require_owner(
    parser: argparse.ArgumentParser,
    args: argparse.Namespace,
    options: Sequence[str],
    owner: str,
    there: object,
) -> None:
    """End the tool if options are given without what they belong to: they would do
    nothing.

    Args:
        parser (argparse.ArgumentParser), args (argparse.Namespace): Of the tool.
        options (Sequence[str]): Such as ``--interval``. One that has its default counts
            as not given.
        owner (str): For the message, such as ``--show or --show-dir``.
        there (object): Whether it is there, as by ``bool``.
    """
    for option in [] if there else options:
        if is_given(parser, args, option):
            parser.error(f'{option} needs {owner}')


def frame_rate(views: 'PredictedViews', given: float | None, is_needed: bool) -> float:
    """Frames per second of a recording: as given, else by the times in its
    predictions, else assumed, which is said.

    Args:
        views (PredictedViews): The predictions.
        given (float, optional): Of ``--fps``.
        is_needed (bool): Whether it makes a difference; else nothing is said.
    """
    known = views.frames_per_second if given is None else given
    if known is not None:
        return known
    if is_needed:
        print(f'{FPS} frames per second are assumed; --fps says another rate')
    return FPS


def require_config(
    parser: argparse.ArgumentParser, args: argparse.Namespace, source: str
) -> None:
    """End the tool if options of a config are given with data that have none.

    Args:
        parser (argparse.ArgumentParser), args (argparse.Namespace): Of the tool.
        source (str): A config, or data.
    """
    of_config = ['--phase', '--cfg-options']
    require_owner(parser, args, of_config, 'a config', source.endswith('.py'))


def is_given(
    parser: argparse.ArgumentParser, args: argparse.Namespace, option: str
) -> bool:
    """Whether an option, such as ``--interval``, has another value than its default."""
    name = option.lstrip('-').replace('-', '_')
    return getattr(args, name) != parser.get_default(name)


@contextmanager
def short_errors(work_dir: str | None = None, cfg: Config | None = None) -> Iterator:
    """End the tool with one short message where a user can mend what is wrong, or
    ended it (Ctrl-C).

    Args:
        work_dir (str, optional): Where the traceback goes, as ``error.txt``.
            Without, it goes nowhere: the message says all.
        cfg (Config, optional): Names the weights that are fetched.
    """
    try:
        yield
    except KeyboardInterrupt:
        kept = '' if work_dir is None else f'; what was saved is in {work_dir}'
        # 128 + SIGINT, as a shell has it
        print(f'\nInterrupted{kept}.', file=sys.stderr)
        sys.exit(130)
    except (
        ArithmeticError,
        ImportError,
        LookupError,
        OSError,
        TypeError,
        ValueError,
        pickle.UnpicklingError,
    ) as error:
        text = str(error)
        if isinstance(error, (LookupError, TypeError)):
            text = f'{type(error).__name__}: {text}'
        if isinstance(error, URLError):
            text = _cannot_fetch(error, cfg)
        elif isinstance(error, FileNotFoundError) and error.filename:
            from hamuco_mm.utils.near_paths import near_path

            text = f'there is no file {error.filename}{near_path(error.filename)}'
        _end(text, work_dir)
    except RuntimeError as error:
        if not is_no_answer(error):
            raise
        _end(_no_answer(cfg), work_dir)


def is_no_answer(error: RuntimeError) -> bool:
    """Whether another process of a distributed run was waited for in vain."""
    return bool(_NO_ANSWER.search(str(error)))


def _end(text: str, work_dir: str | None) -> NoReturn:
    """End the tool; the traceback goes where the message says."""
    if work_dir is not None:
        path = Path(work_dir) / 'error.txt'
        # the disk may be full, which is then the error to tell
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(traceback.format_exc())
            text += f'\n(where it happened: {path})'
    sys.exit(f'error: {text}')


def _no_answer(cfg: Config | None) -> str:
    """What to do when another process of a distributed run is waited for in vain."""
    timeout = (cfg or {}).get('env_cfg', {}).get('dist_cfg', {}).get('timeout')
    limit = '' if timeout is None else f' for {timeout} seconds'
    return (
        f'another process of this run has ended, or has not answered{limit}. See what '
        'it printed, and whether its machine has memory left; a training goes on with '
        '--resume. If a process may be busy for longer: '
        '--cfg-options env_cfg.dist_cfg.timeout=SECONDS'
    )


def _cannot_fetch(error: URLError, cfg: Config | None) -> str:
    """Which weights of a config cannot be fetched, and what to do."""
    addresses = sorted(set(_addresses(cfg._cfg_dict))) if cfg is not None else []
    addresses = [_with_url(address) for address in addresses]
    return (
        f'{" or ".join(addresses) or "a file"} cannot be fetched ({error.reason}). '
        'Fetch it where there is a network and name the file: --cfg-options '
        'model.backbone.init_cfg.checkpoint=FILE; or start from a checkpoint of the '
        'same network: model.backbone.init_cfg=None load_from=CHECKPOINT'
    )


def _with_url(address: str) -> str:
    """An address of MMEngine's, with the one that a browser knows."""
    from mmengine.runner.checkpoint import get_torchvision_models

    scheme, _, name = address.partition('://')
    url = get_torchvision_models().get(name) if scheme == 'torchvision' else None
    return address if url is None else f'{address} ({url})'


def _addresses(part: object) -> Iterator[str]:
    """Weights that a config names and that do not come with a package."""
    if isinstance(part, dict):
        for name, inside in part.items():
            if name in ('checkpoint', 'load_from') and isinstance(inside, str):
                if '://' in inside and not inside.startswith('hamuco_mm://'):
                    yield inside
            else:
                yield from _addresses(inside)
    elif isinstance(part, (list, tuple)):
        for inside in part:
            yield from _addresses(inside)


class SettingsAction(DictAction):
    """MMEngine's action of ``--cfg-options``, which takes dictionaries for text, or does
    not end where they hold a comma: they are refused."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Sequence[str],
        option_string: str | None = None,
    ) -> None:
        for setting in values:
            key, _, value = setting.partition('=')
            if _DICTIONARY.search(value):
                parser.error(
                    f'{option_string} {key}: a command line holds no dictionaries. Set '
                    f'their keys one by one ({key}.type=..., in a list '
                    f'{key}.0.type=...), or write a config that inherits from this one'
                )
        super().__call__(parser, namespace, values, option_string)


def add_cfg_options(
    parser: argparse.ArgumentParser,
    example: str = 'train_dataloader.batch_size=4',
) -> None:
    """Add the argument of all tools that take a config.

    Args:
        parser (argparse.ArgumentParser): Of the tool.
        example (str): A setting that this tool reads.
    """
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=SettingsAction,
        default={},
        metavar='KEY=VALUE',
        help=f'change settings of the config, e.g. {example} key="[1,2]" key=a,b '
        'key="[(a,b),(c,d)]"; quote values with brackets, no white space. A '
        'setting that nobody reads is an error',
    )


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that training and testing share."""
    parser.add_argument(
        '--work-dir',
        type=output_folder,
        help='folder for logs, checkpoints and results (default: the work_dir '
        'of the config, else ./work_dirs/<name of the config>)',
    )
    parser.add_argument(
        '--show-dir',
        type=output_folder,
        help='folder to save pictures of predictions in',
    )
    parser.add_argument(
        '--show', action='store_true', help='open a window with predictions'
    )
    parser.add_argument(
        '--interval', type=int, default=1, help='picture every n-th batch'
    )
    parser.add_argument(
        '--wait-time', type=float, default=1, help='seconds that a window stays open'
    )
    add_cfg_options(parser)
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='what started the processes of a distributed run',
    )
    # torch.distributed.launch passes one spelling or the other
    parser.add_argument(
        '--local_rank', '--local-rank', type=int, default=0, help=argparse.SUPPRESS
    )


def check_common_arguments(
    parser: argparse.ArgumentParser, args: argparse.Namespace
) -> None:
    """End the tool if one of its common arguments would do nothing."""
    pictures = args.show or args.show_dir is not None
    require_owner(parser, args, ['--interval'], '--show or --show-dir', pictures)
    require_owner(parser, args, ['--wait-time'], '--show', args.show)


def load_config(args: argparse.Namespace) -> Config:
    """Read the config and put its options and the common arguments into it.

    The options come first: what the other arguments do is done to the config as
    the options leave it.

    Raises:
        FileNotFoundError: If there is no such config.
        ValueError: If nobody would read an option, if a part of the config cannot
            be built or does not belong to the others, or if pictures are asked for
            and the config has no hook that makes them.
        OSError: If its work directory cannot be written.
    """
    from hamuco_mm.utils.config_options import check_config, read_config
    from hamuco_mm.utils.outputs import check_output_folder

    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = read_config(args.config, args.cfg_options)
    check_config(cfg)
    _warn_of_unused_backends(cfg)
    cfg.launcher = args.launcher
    if args.work_dir is not None:
        cfg.work_dir = str(args.work_dir)
    elif cfg.get('work_dir') is None:
        name = osp.splitext(osp.basename(args.config))[0]
        cfg.work_dir = osp.join('work_dirs', name)
    check_output_folder(cfg.work_dir)
    if args.show or args.show_dir is not None:
        hook = cfg.get('default_hooks', {}).get('visualization')
        if hook is None:
            raise ValueError(
                f'{args.config} has no default_hooks.visualization, which '
                '--show and --show-dir need; add '
                "visualization=dict(type='PoseVisualizationHook')"
            )
        hook.update(
            enable=True,
            show=args.show,
            out_dir=None if args.show_dir is None else str(args.show_dir),
            interval=args.interval,
            wait_time=args.wait_time if args.show else 0,
        )
    return cfg


def _warn_of_unused_backends(cfg: Config) -> None:
    """``vis_backends`` serves only as a variable of the file that has the
    visualizer: set in a file that inherits it, it does nothing."""
    used = _types((cfg.get('visualizer') or {}).get('vis_backends') or [])
    # the local one is what the variable of the configs here says
    unused = set(_types(cfg.get('vis_backends') or [])) - {*used, 'LocalVisBackend'}
    if unused:
        warnings.warn(
            f'{cfg.filename}: vis_backends {sorted(unused)} is not used, the '
            f'visualizer has {used}. Write visualizer=dict(vis_backends=[...])',
            stacklevel=3,
        )


def _types(backends: list) -> list:
    return [backend.get('type') for backend in backends]
