"""Label files of other programs in their own layouts, of one made-up hand."""

import pickle

import h5py
import numpy as np

# wrist, then thumb to pinky from base to tip, pixels of an image of 640 x 480
POINTS = np.stack([200 + 7.5 * np.arange(21), 300 - 9.25 * np.arange(21)], 1)
SCORES = np.linspace(0.35, 0.95, 21).round(4)

_FINGERS = ('thumb', 'index', 'middle', 'ring', 'pinky')
# COCO-WholeBody-Hand's names in MMPose
MMPOSE_NAMES = ['wrist'] + [
    f'{finger}{i}'
    for finger in (
        'thumb',
        'forefinger',
        'middle_finger',
        'ring_finger',
        'pinky_finger',
    )
    for i in (1, 2, 3, 4)
]
# as users of DeepLabCut call them
BODYPARTS = ['Wrist'] + [
    f'{finger.capitalize()}{part}'
    for finger in _FINGERS
    for part in (
        ('CMC', 'MCP', 'IP', 'Tip')
        if finger == 'thumb'
        else ('MCP', 'PIP', 'DIP', 'Tip')
    )
]


def mmpose_instance(points=POINTS, scores=SCORES, **more):
    """As MMPose's ``split_instances`` makes it."""
    return dict(
        keypoints=np.asarray(points).tolist(),
        keypoint_scores=np.asarray(scores).tolist(),
        bbox=[[180.0, 90.0, 380.0, 320.0]],
        bbox_score=0.98,
        **more,
    )


def mmpose_meta(names=MMPOSE_NAMES):
    """The part of ``dataset_meta`` that says the joints, as JSON has it."""
    return dict(
        dataset_name='coco_wholebody_hand',
        num_keypoints=len(names),
        keypoint_id2name={str(i): name for i, name in enumerate(names)},
        keypoint_name2id={name: i for i, name in enumerate(names)},
    )


def whole_body(left=POINTS, right=POINTS + 40):
    """133 keypoints: 17 of the body, 6 of the feet, 68 of the face, two hands."""
    return np.concatenate([np.full((91, 2), 5.0), left, right])


def mediapipe_points(points=POINTS, size=(640, 480), **fields):
    """NormalizedLandmark, as MediaPipe's classes have it."""
    return [
        dict(x=float(x), y=float(y), z=-0.01, **fields)
        for x, y in np.asarray(points) / size
    ]


def deeplabcut_csv(frames, individuals=None, index=None, extra=()):
    """A table as pandas writes it for DeepLabCut.

    Args:
        frames: (points, scores) of each frame; of several individuals, a list of
            these.
        individuals: Names, where there are several.
        index: What the lines are called; numbers by default.
        extra: Further body parts, at (1, 1).
    """
    parts = [*BODYPARTS, *extra]
    names = individuals or ['']
    columns = [
        (n, p, c) for n in names for p in parts for c in ('x', 'y', 'likelihood')
    ]
    head = [['scorer', *['DLC_resnet50_handJun1shuffle1_50000'] * len(columns)]]
    if individuals:
        head.append(['individuals', *[n for n, _, _ in columns]])
    head.append(['bodyparts', *[p for _, p, _ in columns]])
    head.append(['coords', *[c for _, _, c in columns]])
    lines = [','.join(row) for row in head]
    for number, hands in enumerate(frames):
        cells = []
        for points, scores in hands if individuals else [hands]:
            for (x, y), score in zip(points, scores):
                cells += [x, y, score]
            cells += [1.0, 1.0, 0.5] * len(extra)
        name = number if index is None else index[number]
        text = ['' if np.isnan(cell) else repr(float(cell)) for cell in cells]
        lines.append(','.join([str(name), *text]))
    return '\n'.join(lines) + '\n'


def deeplabcut_h5(path, frames, individuals=None, columns=None):
    """The same table as pandas and PyTables write it into an HDF5 file.

    Args:
        path: The file.
        frames, individuals: See :func:`deeplabcut_csv`.
        columns: What is kept as names of the columns; those of the table by
            default. Bytes are kept as they are, else they are pickled.
    """
    names = individuals or [None]
    if columns is None:
        columns = [
            ('DLC_resnet50', *(() if n is None else (n,)), part, coordinate)
            for n in names
            for part in BODYPARTS
            for coordinate in ('x', 'y', 'likelihood')
        ]
    rows = [
        np.concatenate(
            [
                np.column_stack([points, np.broadcast_to(scores, 21)]).ravel()
                for points, scores in (hands if individuals else [hands])
            ]
        )
        for hands in frames
    ]
    fields = [('index', '<i8'), ('values_block_0', '<f8', (len(rows[0]),))]
    table = np.array(list(enumerate(rows)), fields)
    if not isinstance(columns, bytes):
        columns = pickle.dumps(columns, protocol=0)
    with h5py.File(path, 'w') as file:
        group = file.create_group('df_with_missing')
        group.attrs['pandas_type'] = np.bytes_('frame_table')
        stored = group.create_dataset('table', data=table)
        stored.attrs['values_block_0_kind'] = np.bytes_(columns)
