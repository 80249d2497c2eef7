"""The mistakes that people make, typed as they type them: each is a short message
that says what to do."""

import json
import runpy
import sys

import cv2
import numpy as np
import pytest
from ring_rig import RingRig, moving_hand

DEMO, RIG = 'demo/hamuco_demo.py', 'tools/dataset_converters/rig2coco.py'
TRAIN, TEST = 'tools/train.py', 'tools/test.py'
CONFIG = '{configs}/hand_3d_keypoint/hamuco/rig/hamuco_res18w32_1xb8-10e_rig-96x96.py'
CALIBRATION = ['--calibration', 'take/cameras.json', '--overwrite']
CAMERAS = ['--cameras', 'take/cameras.json']
CHECK = 'tools/analysis_tools/check_rig.py'
BROWSE = 'tools/analysis_tools/browse_dataset.py'
PAGE = 'tools/analysis_tools/make_3d_page.py'
LABEL, CLEAN = 'tools/misc/pseudo_label.py', 'tools/misc/clean_labels.py'
EXPORT, BENCH = 'tools/misc/export_predictions.py', 'tools/benchmark.py'
DRAW, RELABEL = 'tools/analysis_tools/draw_predictions.py', 'tools/misc/relabel.py'
EXTRINSICS = 'tools/analysis_tools/estimate_extrinsics.py'
SMOOTH = 'tools/analysis_tools/smooth_predictions.py'
MINE, TO = 'work_dirs/mine/epoch_2.pth', ['--out-dir', 'out']
ROOT = 'train_dataloader.dataset.dataset.data_root=dta'
LIVE, SIGMAS = 'demo/webcam_demo.py', 'tools/misc/calibrate_sigmas.py'
NO_WINDOW = ['--no-show', '--out-file', 'out.mp4']
SHOW = ['--not-show', '--output-dir', 'out']
STATISTICS = 'tools/analysis_tools/dataset_statistics.py'
PIPE = ['--mediapipe', 'take', '--coordinates', 'pixels']
STOPPING = 'default_hooks.early_stopping'
ITERATIONS = [
    f'train_cfg.{setting}'
    for setting in ('_delete_=True', 'type=IterBasedTrainLoop', 'max_iters=9')
]
FLOAT16 = 'optim_wrapper.type=AmpOptimWrapper'
BFLOAT16 = 'optim_wrapper.type=BFloat16OptimWrapper'


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    """A folder with the recording ``take`` of three cameras, its calibration and
    labels; a work directory with a checkpoint; and an empty video, an empty data set
    and empty predictions."""
    root = tmp_path_factory.mktemp('mistakes')
    rig = RingRig(moving_hand(12), 3)
    cameras = {}
    for view in rig.views():
        name, step = f'cam{view["camera_id"]}', int(view['frame_id'].split('/')[-1])
        cameras[name] = {
            key: np.asarray(value).tolist()
            for key, value in view['camera_param'].items()
        }
        folder = root / 'take' / name
        labels = root / 'labels' / name
        for directory in (folder, labels):
            directory.mkdir(parents=True, exist_ok=True)
        image = np.full((480, 640, 3), step, np.uint8)
        cv2.imwrite(str(folder / f'{step:04d}.png'), image)
        joints = np.column_stack([view['keypoints'][0], np.ones(21)])
        (labels / f'{step:04d}.json').write_text(
            json.dumps(dict(keypoints=joints.tolist()))
        )
    content = dict(extrinsics='world2cam', unit='m', cameras=cameras)
    (root / 'take/cameras.json').write_text(json.dumps(content))
    (root / 'work_dirs/mine').mkdir(parents=True)
    (root / 'work_dirs/mine/epoch_2.pth').touch()
    (root / 'data').mkdir()
    for name in ('empty.mp4', 'hands.json', 'data/rig.json'):
        (root / name).touch()
    (root / 'broken.mp4').write_bytes(b'no video')
    return root


@pytest.fixture
def typed(repository, place, monkeypatch, capfd):
    """Function: words of a command -> exit status, and what a terminal shows."""
    monkeypatch.chdir(place)
    monkeypatch.setenv('LOCAL_RANK', '0')
    monkeypatch.setenv('RIG_ROOT', 'rig')
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    # a logger of an earlier test writes to a terminal that is gone
    monkeypatch.setattr('logging.raiseExceptions', False)

    def run(script: str, *words: str) -> tuple[int, str]:
        arguments = [word.format(configs=repository / 'configs') for word in words]
        monkeypatch.setattr(sys, 'argv', [script, *arguments])
        monkeypatch.syspath_prepend(str((repository / script).parent))
        status: object = 0
        try:
            runpy.run_path(str(repository / script), run_name='__main__')
        except SystemExit as end:
            status = end.code
        shown = capfd.readouterr()
        text = shown.out + shown.err
        if isinstance(status, str):
            text, status = f'{text}{status}\n', 1
        return int(status or 0), text

    return run


@pytest.mark.parametrize(
    ('script', 'words', 'remedy'),
    [
        pytest.param(*case, id=f'{number}-{case[2][:24]}')
        for number, case in enumerate(
            [
                # a wrong path
                (DEMO, ['tak', *TO], 'did you mean take?'),
                (
                    DEMO,
                    ['take', *TO, '--cfg-options', 'model.absolutes=None'],
                    'did you mean model.absolute?',
                ),
                (
                    LIVE,
                    [*NO_WINDOW, '--onnx', 'a.onnx', '--cfg-options', 'model.head=1'],
                    'with --onnx, --cfg-options does nothing',
                ),
                (DEMO, ['take/cam0/hand.jpg', *TO], 'take/cam0 has 0000.png'),
                (RIG, ['rig', 'tak'], 'did you mean take?'),
                (RIG, ['rig', 'take', '--labels', 'label'], 'did you mean labels'),
                (TRAIN, [CONFIG, '--cfg-options', ROOT], 'did you mean data/rig.json?'),
                (CHECK, ['dta/rig.json'], 'did you mean data/rig.json?'),
                (
                    BROWSE,
                    ['dta/rig.json', '--mode', 'original', *SHOW],
                    'did you mean data/rig.json?',
                ),
                (LABEL, ['dta/rig.json', CONFIG, MINE], 'mean data/rig.json?'),
                (CLEAN, ['dta/rig.json', 'data/new.json'], 'mean data/rig.json?'),
                (EXPORT, ['hand.json', *TO], 'did you mean hands.json?'),
                (PAGE, ['hand.json', '--out', 'page.html'], 'mean hands.json?'),
                (BENCH, ['--preset', 'demo', '--only', 'part'], 'but labels, parts'),
                # a missing checkpoint
                (
                    DEMO,
                    ['take', *TO, '--model', 'work_dirs/mine/epoch_9.pth'],
                    'epoch_2.pth?',
                ),
                (
                    TRAIN,
                    [CONFIG, '--resume', 'work_dirs/mine/epoch_9.pth'],
                    'epoch_2.pth?',
                ),
                (TEST, [CONFIG, 'work_dirs/mine/epoch_9.pth'], 'epoch_2.pth?'),
                # a wrong name
                (
                    DEMO,
                    ['take', *TO, '--model', 'hamuco-dmo'],
                    "did you mean 'hamuco-demo'?",
                ),
                (
                    DEMO,
                    ['take', *TO, '--model', 'resnet'],
                    'models of this package are',
                ),
                # a typo in a key
                (TRAIN, [CONFIG, '--cfg-options', 'model.hed.x=1'], 'did you mean'),
                # a wrong side
                (DEMO, ['take', '--hand-side', 'rigth'], "choose from 'right', 'left'"),
                # an empty video
                (DEMO, ['empty.mp4', *TO], 'empty.mp4 is empty: it has no bytes'),
                (DEMO, ['broken.mp4', *TO], 'Convert it (ffmpeg'),
                (RIG, ['rig', 'cam0=empty.mp4'], 'empty.mp4 is empty: it has no bytes'),
                (RIG, ['rig', 'cam0=broken.mp4'], 'Convert it (ffmpeg'),
                # other camera names
                (
                    DEMO,
                    ['a=take/cam0', 'b=take/cam1', *CAMERAS, *TO],
                    '--camera-names VIEW=CAMERA',
                ),
                (
                    RIG,
                    ['rig', 'a=take/cam0', 'b=take/cam1', *CALIBRATION],
                    '--camera-names CAMERA=NAME',
                ),
                (
                    DEMO,
                    ['a=take/cam0', 'a=take/cam1', *TO],
                    'a name of its own, NAME=PATH',
                ),
                # float16 on a CPU
                (TRAIN, [CONFIG, '--cfg-options', FLOAT16], BFLOAT16),
                # a missing calibration
                (DEMO, ['take', *TO, '--cameras', 'take/camera.json'], 'cameras.json?'),
                # numbers that make no sense
                (
                    TRAIN,
                    [CONFIG, '--cfg-options', 'train_cfg.max_epochs=0'],
                    'train_cfg.max_epochs=0 should be a number >= 1',
                ),
                # the best by a score, where the config has an error
                (
                    TRAIN,
                    [CONFIG, '--cfg-options', f'{STOPPING}.monitor=fusion/AUC'],
                    f'Set {STOPPING}.rule=greater',
                ),
                # iterations, where the config counts epochs
                (TRAIN, [CONFIG, '--cfg-options', *ITERATIONS], 'Set by_epoch=False'),
                # a format that nothing writes, found after the test
                (
                    TEST,
                    [CONFIG, MINE, '--out', 'm.csv'],
                    'end with one of .json, .yaml',
                ),
                (CHECK, ['data/rig.json', '--max-shift', '-4'], 'a number >= 0'),
                (DEMO, ['none', *TO], 'this folder has broken.mp4'),
                # settings of a page
                (
                    PAGE,
                    [CONFIG, MINE, '--out', 'p.html', '--cfg-options', 'model.hed=1'],
                    'did you mean model.head?',
                ),
                (
                    PAGE,
                    ['hands.json', '--out', 'p.html', '--cfg-options', 'model.head=1'],
                    '--cfg-options needs a config',
                ),
            ]
        )
    ],
)
def test_one_short_message(typed, script, words, remedy):
    status, text = typed(script, *words)
    assert status in (1, 2)
    assert 'Traceback' not in text
    lines = text.strip().splitlines()
    assert len(lines) < 25
    if lines[-1].startswith('(where it happened'):
        lines.pop()
    last = lines[-1]
    assert remedy in last
    assert len(last) < 400


@pytest.mark.parametrize(
    'value',
    [
        "dict(type='EMAHook')",
        "[dict(type='EMAHook')]",
        "dict(type='EMAHook',momentum=0.1)",
        "{{'type':'EMAHook','momentum':0.1}}",
        '[(1,2),({{"type":1}},3)]',
    ],
)
def test_dictionaries_among_settings(typed, value):
    """MMEngine takes them for text, or splits them for ever."""
    setting = f'custom_hooks={value}'
    status, text = typed(TRAIN, CONFIG, '--cfg-options', 'work_dir=a', setting)
    assert status == 2 and 'custom_hooks.0.type=...' in text.splitlines()[-1]


def test_texts_that_are_no_dictionaries(typed):
    texts = ['work_dir={{}}.pth', 'load_from=dict/a.pth', 'train_cfg.val_interval=1']
    status, text = typed(TRAIN, CONFIG, '--cfg-options', *texts)
    assert 'there is no checkpoint dict/a.pth' in text


@pytest.mark.parametrize(
    ('script', 'words', 'remedy'),
    [
        (RIG, ['rig', 'take', '--unit', 'mm'], '--unit needs --calibration'),
        (RIG, ['rig', 'take', '--axes', 'opengl'], '--axes needs --calibration'),
        (
            RIG,
            ['rig', 'take', '--camera-names', 'cam0=C0'],
            '--camera-names needs --calibration',
        ),
        (
            RIG,
            ['rig', 'take', '--rescale-intrinsics'],
            '--rescale-intrinsics needs --calibration',
        ),
        (RIG, ['rig', 'take', '--label-offset', '1'], '--label-offset needs --labels'),
        (
            TEST,
            [CONFIG, MINE, '--interval', '2'],
            '--interval needs --show or --show-dir',
        ),
        (
            TEST,
            [CONFIG, MINE, '--show-dir', 'out', '--wait-time', '2'],
            '--wait-time needs --show',
        ),
        (TRAIN, [CONFIG, '--interval', '2'], '--interval needs --show or --show-dir'),
        (
            SIGMAS,
            [CONFIG, MINE, 'out.pth', '--interval', '2'],
            '--interval needs --show or --show-dir',
        ),
        *(
            (LIVE, [*NO_WINDOW, '--onnx', 'a.onnx', *given], 'with --onnx, --')
            for given in (
                ['--model', 'hamuco-demo'],
                ['--weights', MINE],
                ['--device', 'cpu'],
            )
        ),
        (DEMO, ['take'], 'nothing would be written: give --out-dir or --show'),
        (DEMO, ['take', *TO, '--unit', 'mm'], '--unit needs --cameras'),
        (
            DEMO,
            ['take', *TO, '--rescale-intrinsics'],
            '--rescale-intrinsics needs --cameras',
        ),
        (
            DEMO,
            ['take', '--show', '--pred-formats', 'csv'],
            '--pred-formats needs --out-dir or --pred-out-dir',
        ),
        (
            DEMO,
            ['take', '--vis-out-dir', 'out', '--save-vertices'],
            '--save-vertices needs --out-dir or --pred-out-dir',
        ),
        (
            DEMO,
            ['take', *TO, '--save-vertices', '--pred-formats', 'csv'],
            '--save-vertices needs --pred-formats json',
        ),
        (
            SMOOTH,
            ['hands.json', '--type', 'Gaussian', 'Savgol', '--fps', '60'],
            '--fps needs --type OneEuro',
        ),
        (
            DEMO,
            ['take', '--pred-out-dir', 'out', '--draw-bbox'],
            '--draw-bbox needs --out-dir or --vis-out-dir or --show',
        ),
        (
            DEMO,
            ['take', '--show', '--vis-fps', '5'],
            '--vis-fps needs --out-dir or --vis-out-dir',
        ),
        *(
            (DEMO, ['take', *TO, option, '1'], f'{option} needs --det-model')
            for option in ('--det-weights', '--det-cat-ids', '--bbox-thr', '--nms-thr')
        ),
        *(
            (LABEL, ['data/rig.json', *PIPE, *given], f'{given[0]} needs CONFIG and')
            for given in (
                ['--boxes', 'data'],
                ['--box', '1', '2', '3', '4'],
                ['--detector', 'rtmdet'],
                ['--launcher', 'pytorch'],
                ['--cfg-options', 'a=1'],
            )
        ),
        *(
            (LABEL, ['data/rig.json', CONFIG, MINE, *given], f'{given[0]} needs --{of}')
            for of, given in (
                ('mediapipe', ['--sides-as-is']),
                ('mediapipe or --openpose', ['--label-offset', '1']),
                ('openpose', ['--keypoint-scale', '3']),
                ('detector', ['--detector-weights', MINE]),
                ('detector', ['--detector-categories', '1']),
                ('launcher', ['--timeout', '9']),
            )
        ),
        *(
            (script, ['data/rig.json', *words, *given], f'{given[0]} needs a config')
            for script, words in (
                (CHECK, []),
                (STATISTICS, []),
                (BROWSE, ['--mode', 'original', *SHOW]),
            )
            for given in (['--phase', 'val'], ['--cfg-options', 'a=1'])
        ),
        (
            BROWSE,
            ['data/rig.json', '--mode', 'original', *SHOW, '--show-interval', '1'],
            '--show-interval needs a window',
        ),
        (
            CHECK,
            ['data/rig.json', '--sequences', '0', '--max-sequences', '2'],
            'leave out --max-sequences',
        ),
        (
            LABEL,
            ['data/rig.json', CONFIG, *PIPE],
            '.py is of a model: leave it out with label files',
        ),
        (
            DEMO,
            ['take', *TO, '--bbox', '1', '2', '9', '9', '--det-model', 'mediapipe'],
            'give --bbox or --det-model',
        ),
        *(
            (DEMO, ['take', *TO, *box, *given], f'{given[0]} needs hands to look for')
            for box in (['--bbox', '1', '2', '9', '9'], ['--det-model', 'whole_image'])
            for given in (['--box-passes', '1'], ['--track'])
        ),
        *(
            (
                DEMO,
                ['take', *TO, '--det-model', model, '--det-weights', 'a.pth'],
                '--det-weights needs a detector of MMDetection',
            )
            for model in ('mediapipe', 'whole_image')
        ),
        (
            BENCH,
            ['--preset', 'demo', '--docs', 'out'],
            '--docs needs --write-docs',
        ),
        (
            EXPORT,
            ['hands.json', *TO, '--formats', 'csv', '--fps', '3'],
            '--fps needs --formats animation',
        ),
        (
            EXPORT,
            ['hands.json', *TO, '--formats', 'csv', '--items', '0'],
            '--items needs --formats obj, ply, glb or animation',
        ),
    ],
)
def test_options_that_would_do_nothing(typed, script, words, remedy):
    status, text = typed(script, *words)
    assert status == 2
    assert remedy in text.splitlines()[-1]


@pytest.mark.parametrize(
    ('script', 'words', 'remedy'),
    [
        (
            RIG,
            ['none', 'take', '--max-frames', '0'],
            'should be positive, got 0',
        ),
        (
            RIG,
            ['none', 'take', '--quality', '200'],
            '200 should be between 1 and 100',
        ),
        (
            LIVE,
            [*NO_WINDOW, '--max-frames', '0'],
            '--max-frames 0 should be at least 1',
        ),
        (
            LIVE,
            [*NO_WINDOW, '--bbox', '60', '20', '10', '80'],
            'X1 < X2 and Y1 < Y2, got 60 20 10 80',
        ),
    ],
)
def test_numbers_that_make_no_images(typed, script, words, remedy):
    status, text = typed(script, *words)
    assert status == 2
    assert remedy in text.splitlines()[-1]


@pytest.mark.parametrize(
    ('script', 'words'),
    [
        (TEST, ['config.py', MINE, '--out', 'metrics.json', '--dump', MINE]),
        (CHECK, ['data/rig.json', '--out', 'work_dirs/../data/rig.json']),
        (STATISTICS, ['data/rig.json', '--out', 'data/rig.json']),
        (SMOOTH, ['hands.json', '--type', 'Savgol', '--out', 'hands.json']),
        (SMOOTH, ['hands.json', '--report', 'hands.json']),
        (PAGE, [CONFIG, MINE, '--out', MINE]),
        (EXTRINSICS, [CONFIG, MINE, '--report', MINE]),
        (SIGMAS, [CONFIG, MINE, MINE]),
        ('tools/analysis_tools/plot_auc.py', ['hands.json', '--out', 'hands.json']),
        ('tools/analysis_tools/evaluate_views.py', [CONFIG, MINE, '--out', MINE]),
        ('tools/analysis_tools/evaluate_absolute.py', [CONFIG, MINE, '--out', MINE]),
        (
            'tools/analysis_tools/evaluate_baselines.py',
            ['hands.json', '--out', 'hands.json'],
        ),
        ('tools/misc/export_weights.py', [MINE, MINE]),
        ('tools/deployment/export_onnx.py', [CONFIG, MINE, '--out', MINE]),
    ],
)
def test_a_file_that_is_read_is_not_replaced(typed, place, script, words):
    before = {path: path.read_bytes() for path in place.rglob('*') if path.is_file()}
    status, text = typed(script, *words)
    assert status == 2
    assert 'is read, and would be replaced: write elsewhere' in text.splitlines()[-1]
    assert before == {
        path: path.read_bytes() for path in place.rglob('*') if path.is_file()
    }


@pytest.mark.parametrize('device', ['cuda', 'cuda:1', 'gpu0'])
@pytest.mark.parametrize(
    ('script', 'words'),
    [
        (DEMO, ['take', *TO]),
        (LIVE, NO_WINDOW),
        (PAGE, [CONFIG, MINE, '--out', 'page.html']),
        (DRAW, [CONFIG, MINE, *TO]),
        (EXTRINSICS, [CONFIG, MINE, 'cameras.json']),
        (LABEL, ['data/rig.json', CONFIG, MINE]),
        (RELABEL, [CONFIG]),
    ],
)
def test_a_device_that_is_not_there(typed, script, words, device):
    status, text = typed(script, *words, '--device', device)
    assert status == 2
    last = text.splitlines()[-1]
    assert f"argument --device: PyTorch has no device '{device}' here, only cpu" in last


def test_a_side_that_the_labels_contradict(typed, place):
    """The option is for labels that do not say it."""
    for file in place.glob('labels/*/*.json'):
        target = place / 'sided' / file.parent.name / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        content = dict(json.loads(file.read_text()), hand_side='right')
        target.write_text(json.dumps(content))
    words = ['sides', 'take', '--labels', 'sided', *CALIBRATION, '--hand-side']
    status, text = typed(RIG, *words, 'left')
    assert status == 0
    assert '36 labels say another side than --hand-side left' in text
    assert 'another side' not in typed(RIG, *words, 'right')[1]


@pytest.mark.parametrize(
    ('options', 'fits', 'remedy'),
    [
        (
            ['--camera-names', 'cam0=cam1', 'cam1=cam0'],
            False,
            '--camera-names cam0=cam0',
        ),
        (['--hand-side', 'left'], True, 'rig2coco.py --hand-side right'),
    ],
)
def test_what_the_check_of_a_rig_says(typed, options, fits, remedy):
    """Of swapped cameras; and of the other hand, which the cameras fit all the same."""
    labels = ['--labels', 'labels', *CALIBRATION]
    status, text = typed(RIG, 'rig', 'take', *labels, *options)
    assert status == 0, text
    status, text = typed(CHECK, 'rig/rig.json')
    assert (status == 0) == fits == ('\nOK: cameras' in text)
    assert remedy in ' '.join(text.split())
