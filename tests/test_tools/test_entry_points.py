"""train.py, test.py and the scripts that start them."""

import json
import os
import pickle
import sys
from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from urllib.error import URLError

import pytest
from command_checks import load_script
from mmengine.config import Config
from ranks import free_port

from hamuco_mm.structures import Stage

MIM = Path(sys.executable).with_name('mim')


@pytest.fixture(scope='module')
def tools(repository) -> Path:
    return repository / 'tools'


@pytest.fixture
def load_config(tools, monkeypatch):
    monkeypatch.syspath_prepend(tools)
    # load_config sets it as a launcher would; not beyond this test
    monkeypatch.setenv('LOCAL_RANK', '0')
    from _arguments import load_config

    def load(config: Path, **arguments):
        defaults = dict(
            config=str(config),
            work_dir=None,
            launcher='none',
            local_rank=0,
            show=False,
            show_dir=None,
            interval=1,
            wait_time=1,
            cfg_options={},
        )
        return load_config(Namespace(**{**defaults, **arguments}))

    return load


@pytest.mark.parametrize('script', ['train.py', 'test.py'])
def test_help_is_light(tools, run_command, script):
    """MIM runs ``train.py -h`` first, and reads --gpus as an old code base."""
    printed = run_command(
        sys.executable,
        '-c',
        'import runpy, sys\n'
        f'sys.path.insert(0, {str(tools)!r})\n'
        f'sys.argv = [{script!r}, "-h"]\n'
        'try:\n'
        f'    runpy.run_path({str(tools / script)!r}, run_name="__main__")\n'
        'except SystemExit:\n'
        '    print("torch" in sys.modules)',
    )
    assert printed.splitlines()[-1] == 'False'
    assert '--gpus' not in printed
    for flag in ('--work-dir', '--cfg-options', '--launcher', '--show-dir'):
        assert flag in printed


def test_tools_offer_the_stages_of_the_package(tools, monkeypatch):
    monkeypatch.syspath_prepend(tools)
    from _arguments import STAGES

    assert list(STAGES) == [str(stage) for stage in Stage]


def test_devices_are_those_of_the_machine(tools, monkeypatch):
    monkeypatch.syspath_prepend(str(tools))
    from _arguments import device

    monkeypatch.setattr('torch.backends.mps.is_available', lambda: False)
    monkeypatch.setattr('torch.cuda.is_available', lambda: True)
    monkeypatch.setattr('torch.cuda.device_count', lambda: 2)
    there = ['cpu', 'cuda', 'cuda:0', 'cuda:1']
    assert [device(text) for text in there] == there
    for text in ('cuda:2', 'gpu0'):
        with pytest.raises(ArgumentTypeError, match=f'{text}.*only {", ".join(there)}'):
            device(text)


@pytest.mark.slow
def test_both_spellings_of_local_rank(tools, run_command):
    for flag in ('--local-rank=1', '--local_rank=1'):
        printed = run_command(
            sys.executable, tools / 'test.py', 'config.py', 'none.pth', flag, status=2
        )
        assert 'there is no checkpoint none.pth' in printed


def test_work_dir(load_config, tmp_path):
    config = tmp_path / 'my_hand.py'
    config.write_text('a = 1')
    assert load_config(config).work_dir == 'work_dirs/my_hand'
    config.write_text("work_dir = 'of_the_config'")
    assert load_config(config).work_dir == 'of_the_config'
    assert load_config(config, work_dir='given').work_dir == 'given'


def test_pictures_need_the_hook(load_config, tmp_path):
    config = tmp_path / 'config.py'
    config.write_text("default_hooks = dict(logger=dict(type='LoggerHook'))")
    with pytest.raises(ValueError, match='no default_hooks.visualization'):
        load_config(config, show_dir='pictures')
    config.write_text('default_hooks = dict(visualization=dict(enable=False))')
    hook = load_config(
        config, show_dir='pictures', interval=5
    ).default_hooks.visualization
    assert hook.enable and hook.out_dir == 'pictures' and hook.interval == 5
    assert not load_config(config).default_hooks.visualization.enable


def test_options_come_before_what_other_arguments_do(load_config, tmp_path):
    config = tmp_path / 'config.py'
    config.write_text('default_hooks = dict(visualization=dict(enable=False))')
    options = {'default_hooks.visualization.interval': 7, 'work_dir': 'optional'}
    cfg = load_config(config, cfg_options=options, show_dir='p', interval=5)
    assert cfg.default_hooks.visualization.interval == 5
    assert cfg.work_dir == 'optional'


def test_backends_that_nobody_uses(load_config, tmp_path, recwarn):
    base = tmp_path / 'base.py'
    base.write_text(
        "vis_backends = [dict(type='LocalVisBackend')]\n"
        'visualizer = dict(vis_backends=vis_backends)\n'
    )
    backends = "[dict(type='TensorboardVisBackend')]"
    config = tmp_path / 'config.py'
    config.write_text(f"_base_ = ['base.py']\nvis_backends = {backends}\n")
    with pytest.warns(UserWarning, match=r'TensorboardVisBackend.* is not used'):
        load_config(config)
    recwarn.clear()
    config.write_text(
        f"_base_ = ['base.py']\nvisualizer = dict(vis_backends={backends})\n"
        f'vis_backends = {backends}\n'
    )
    load_config(config)
    # as docs/mmpose_tools.md has it: the variable is that of the base
    config.write_text(
        f"_base_ = ['base.py']\nvisualizer = dict(vis_backends={backends})\n"
    )
    used = load_config(config).visualizer.vis_backends
    load_config(base)
    assert not recwarn and used[0].type == 'TensorboardVisBackend'


@pytest.mark.slow
def test_no_validate_with_options_of_the_validation(
    write_config, tools, run_command, tmp_path, demo_data
):
    """As the documentation gives them for a data set that is elsewhere."""
    printed = run_command(
        sys.executable,
        tools / 'train.py',
        write_config(),
        '--no-validate',
        '--work-dir',
        tmp_path / 'work',
        '--cfg-options',
        f'val_dataloader.dataset.dataset.data_root={demo_data}',
        'val_evaluator.type=HandMeshMetric',
    )
    assert 'Epoch(train)' in printed and 'Epoch(val)' not in printed


@pytest.mark.parametrize(
    'script, arguments, expected',
    [
        (
            'slurm_train.sh',
            ['part', 'job', 'c.py', 'work dir', '--amp'],
            'train.py c.py --work-dir work dir --launcher slurm --amp',
        ),
        (
            'slurm_test.sh',
            ['part', 'job', 'c.py', 'w.pth', '--out', 'm.json'],
            'test.py c.py w.pth --launcher slurm --out m.json',
        ),
    ],
)
def test_slurm_scripts(tools, run_command, tmp_path, script, arguments, expected):
    srun = tmp_path / 'srun'
    srun.write_text('#!/bin/sh\nprintf "%s\\n" "$*"\nprintf "<%s>\\n" "$@"\n')
    srun.chmod(0o755)
    printed = run_command(
        'bash',
        tools / script,
        *arguments,
        GPUS='4',
        GPUS_PER_NODE='2',
        SRUN_ARGS='--mem 8G',
        PATH=f'{tmp_path}:{os.environ["PATH"]}',
    )
    assert printed.splitlines()[0].startswith(
        '-p part --job-name=job --gres=gpu:2 --ntasks=4 --ntasks-per-node=2 '
        '--cpus-per-task=5 --kill-on-bad-exit=1 --mem 8G'
    )
    assert printed.splitlines()[0].endswith(f'{tools}/{expected}')
    # words with blanks stay whole, SRUN_ARGS is taken apart
    assert '<--mem>' in printed and not (
        'work dir' in expected and '<work dir>' not in printed
    )


@pytest.mark.parametrize(
    'script', ['dist_train.sh', 'dist_test.sh', 'slurm_train.sh', 'slurm_test.sh']
)
def test_usage(tools, run_command, script):
    assert 'usage:' in run_command('bash', tools / script, 'c.py', status=2)


@pytest.mark.slow
def test_mim_trains_resumes_and_tests_outside_the_repository(
    write_config, run_command, tmp_path
):
    config = write_config()
    run_command(MIM, 'train', 'hamuco_mm', config, '--work-dir', 'work')
    printed = run_command(
        MIM,
        'train',
        'hamuco_mm',
        write_config(max_epochs=2),
        '--work-dir',
        'work',
        '--resume',
        '--no-validate',
    )
    assert 'resumed epoch: 1' in printed
    assert 'Epoch(train) [2]' in printed and 'Epoch(train) [1]' not in printed
    assert 'Epoch(val)' not in printed
    run_command(
        MIM,
        'test',
        'hamuco_mm',
        config,
        '--checkpoint',
        'work/epoch_2.pth',
        '--work-dir',
        'work',
        '--out',
        'metrics.json',
        '--dump',
        'views.pkl',
    )
    metrics = json.loads((tmp_path / 'metrics.json').read_text())
    assert 0 < metrics['fusion/PA-MPJPE'] < 200
    views = pickle.loads((tmp_path / 'views.pkl').read_bytes())
    assert len(views) == 2 * 8
    assert len({view['img_id'] for view in views}) == 2 * 8


@pytest.mark.slow
def test_mim_finds_a_config_by_its_name(run_command):
    """Without a path, MIM looks in the package; what it finds is started."""
    printed = run_command(
        MIM,
        'train',
        'hamuco_mm',
        'hamuco_demo.py',
        '--cfg-options',
        'train_dataloader.dataset.dataset.data_root=nowhere',
        status=1,
    )
    assert 'but we find the config file' in printed
    assert 'nowhere' in printed.split('Training command is')[1]


@pytest.mark.slow
def test_two_processes_without_gpu(tools, write_config, run_command, tmp_path):
    """Trains and tests; the metrics are those of one process."""
    config = write_config()
    run_command(
        'bash',
        tools / 'dist_train.sh',
        config,
        2,
        '--work-dir',
        'work',
        '--no-validate',
        PORT=free_port(),
        CUDA_VISIBLE_DEVICES='',
    )
    log = next((tmp_path / 'work').glob('*/*.log')).read_text()
    assert 'GPU number: 2' in log
    checkpoint = tmp_path / 'work' / 'epoch_1.pth'
    run_command(
        'bash',
        tools / 'dist_test.sh',
        config,
        checkpoint,
        2,
        '--work-dir',
        'work',
        '--out',
        'two.json',
        '--dump',
        'two.pkl',
        PORT=free_port(),
        CUDA_VISIBLE_DEVICES='',
    )
    run_command(
        sys.executable,
        tools / 'test.py',
        config,
        checkpoint,
        '--work-dir',
        'work',
        '--out',
        'one.json',
        CUDA_VISIBLE_DEVICES='',
    )
    one, two = (
        json.loads((tmp_path / name).read_text()) for name in ('one.json', 'two.json')
    )
    assert two == pytest.approx(one, rel=1e-4)
    assert len(pickle.loads((tmp_path / 'two.pkl').read_bytes())) == 2 * 8


RIG = 'hand_3d_keypoint/hamuco/rig/hamuco_res18w32_1xb8-10e_rig-96x96.py'


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['no_such.py'], 'there is no config no_such.py'),
        (['{config}', '--cfg-options', 'train_cfg.max_epoch=1'], 'did you mean'),
        (['{config}', '--cfg-options', 'load_from=none.pth'], 'no checkpoint none.pth'),
        (
            ['{config}', '--amp', '--cfg-options', 'optim_wrapper.type=OptimWrapper'],
            'optim_wrapper.type=BFloat16OptimWrapper',
        ),
        (['{config}', '--amp'], 'in bfloat16 already'),
        (['{config}', '--minutes', '0'], 'minutes=0'),
    ],
)
def test_mistakes_are_one_short_message(
    tools, repository, monkeypatch, capsys, tmp_path, arguments, message
):
    """Before anything is logged, but for what only building shows."""
    monkeypatch.syspath_prepend(tools)
    monkeypatch.setenv('LOCAL_RANK', '0')
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    train = load_script(tools / 'train.py')
    config = str(repository / 'configs' / RIG)
    words = [word.format(config=config) for word in arguments]
    monkeypatch.setattr(
        sys, 'argv', ['train.py', *words, '--work-dir', str(tmp_path / 'work')]
    )
    with pytest.raises(SystemExit) as caught:
        train.main()
    text = str(caught.value)
    assert text.startswith('error: ') and message in text
    assert len(text.splitlines()) <= 2


NO_ANSWER = pytest.mark.parametrize(
    'message',
    [
        '[/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:538] Read error '
        '[127.0.0.1]:27289: Connection reset by peer',
        '[/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:547] Connection closed '
        'by peer [127.0.0.1]:27289',
        'Timed out waiting 10000ms for recv operation to complete',
    ],
)


@NO_ANSWER
def test_another_process_that_is_gone(tools, monkeypatch, tmp_path, message):
    """However its connection ended; other errors of the kind keep their traceback."""
    monkeypatch.syspath_prepend(tools)
    from _arguments import short_errors

    with pytest.raises(SystemExit) as caught, short_errors(str(tmp_path)):
        raise RuntimeError(message)
    assert str(caught.value).startswith('error: another process of this run has ended')
    assert message in (tmp_path / 'error.txt').read_text()
    with pytest.raises(RuntimeError, match='shape'), short_errors(str(tmp_path)):
        raise RuntimeError('mat1 and mat2 have no such shape')


@NO_ANSWER
def test_another_labelling_process_that_is_gone(tools, monkeypatch, message):
    labeller = load_script(tools / 'misc/pseudo_label.py')
    said = RuntimeError(message)

    def label(args):
        raise said

    monkeypatch.setattr(labeller, 'label_with_model', label)
    monkeypatch.setattr(sys, 'argv', ['pseudo_label.py', 'rig', 'net.py', 'net.pth'])
    with pytest.raises(SystemExit, match='another process of this run has ended'):
        labeller.main()
    said = RuntimeError('mat1 and mat2 have no such shape')
    with pytest.raises(RuntimeError, match='shape'):
        labeller.main()


@pytest.mark.parametrize(
    'address, named',
    [
        ('https://somewhere/resnet18.pth', 'https://somewhere/resnet18.pth'),
        # MMEngine's name, which no browser knows
        ('torchvision://resnet18', 'https://download.pytorch.org/models/resnet18'),
    ],
)
def test_weights_that_cannot_be_fetched(tools, monkeypatch, tmp_path, address, named):
    monkeypatch.syspath_prepend(tools)
    from _arguments import short_errors

    cfg = Config(dict(model=dict(init_cfg=dict(checkpoint=address)), load_from=None))
    with pytest.raises(SystemExit) as caught, short_errors(str(tmp_path), cfg):
        raise URLError('no route to host')
    text = str(caught.value)
    assert address in text and named in text and 'no route to host' in text
    assert 'model.backbone.init_cfg.checkpoint=FILE' in text
    assert 'URLError' in (tmp_path / 'error.txt').read_text()


@pytest.mark.parametrize(
    'tool',
    [
        'test',
        'train',
        'analysis_tools/browse_dataset',
        'analysis_tools/check_rig',
        'analysis_tools/dataset_statistics',
        'analysis_tools/draw_predictions',
        'analysis_tools/estimate_extrinsics',
        'analysis_tools/evaluate_absolute',
        'analysis_tools/evaluate_baselines',
        'analysis_tools/evaluate_views',
        'deployment/export_onnx',
    ],
)
def test_tools_with_a_config_take_options(tools, monkeypatch, tool):
    monkeypatch.syspath_prepend(tools)
    parser = load_script(tools / f'{tool}.py').build_parser()
    assert '--cfg-options' in parser.format_help()
