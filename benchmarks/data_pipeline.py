"""From files to batches: stages of the pipeline, start-up, memory, workers.

Makes a data set in HanCo's layout (224x224 JPEGs of coloured noise with the
spectrum of photographs) and, for start-up and memory, indices of many time
steps without files.
"""

import argparse
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from _timing import (
    ROOT,
    interleaved,
    make_parser,
    milliseconds,
    prepare,
    print_table,
    ratio,
    report,
)

if TYPE_CHECKING:
    import numpy as np

    from hamuco_mm.datasets import MultiViewDataset

VIEWS = 8
IMAGE_SIZE = 224
CONFIG = ROOT / 'configs/_base_/datasets/hanco.py'
FRAMES_PER_SEQUENCE = 71  # as HanCo: 107,538 time steps of 1,517 sequences


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument('--time-steps', type=int, default=24, help='with images')
    parser.add_argument(
        '--index-sizes',
        type=int,
        nargs='+',
        default=[1000, 10_000, 107_538],
        help='time steps of the indices without images',
    )
    parser.add_argument('--workers', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--jpeg-quality', type=int, default=95)
    return parser


def make_image(rng: 'np.random.Generator') -> 'np.ndarray':
    """Noise whose amplitude falls with frequency, as a photograph's does."""
    import numpy as np

    fy, fx = np.meshgrid(*[np.fft.fftfreq(IMAGE_SIZE)] * 2, indexing='ij')
    radius = np.maximum(np.hypot(fx, fy), 1 / IMAGE_SIZE)
    spectrum = np.fft.fft2(rng.normal(size=(3, IMAGE_SIZE, IMAGE_SIZE)))
    image = np.fft.ifft2(spectrum / radius**1.2).real.transpose(1, 2, 0)
    return (128 + 50 * image / image.std()).clip(0, 255).astype(np.uint8)


def make_files(root: Path, time_steps: int, quality: int) -> int:
    """A data set of one sequence; returns the bytes of a mean image."""
    import cv2
    import numpy as np

    rng = np.random.default_rng(0)
    sizes = []
    camera = dict(
        K=[[[450.0, 0, 112], [0, 450, 112], [0, 0, 1]]] * VIEWS,
        M=[np.eye(4).tolist()] * VIEWS,
    )
    for frame in range(time_steps):
        for view in range(VIEWS):
            name = f'0000/cam{view}/{frame:08d}'
            for folder in ('rgb', 'rgb_2D_keypoints'):
                (root / folder / name).parent.mkdir(parents=True, exist_ok=True)
            path = root / 'rgb' / f'{name}.jpg'
            cv2.imwrite(str(path), make_image(rng), [cv2.IMWRITE_JPEG_QUALITY, quality])
            sizes.append(path.stat().st_size)
            label = [rng.uniform(60, 160, (21, 2)).tolist(), [0.8] * 21]
            (root / 'rgb_2D_keypoints' / f'{name}.json').write_text(json.dumps(label))
        for folder, content in (
            ('calib', camera),
            ('xyz', rng.normal(0, 0.05, (21, 3)).tolist()),
        ):
            path = root / folder / '0000' / f'{frame:08d}.json'
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))
    return round(sum(sizes) / len(sizes))


def make_index(root: Path, time_steps: int) -> None:
    """Directories and the index of a data set without files."""
    import numpy as np

    from hamuco_mm.datasets.hanco.index import FORMAT_VERSION, fingerprint_of_files
    from hamuco_mm.datasets.hanco.layout import DEFAULT_PREFIX, HanCoLayout

    num_sequences = -(-time_steps // FRAMES_PER_SEQUENCE)
    names = [f'{number:04d}' for number in range(num_sequences)]
    for name in names:
        for view in range(VIEWS):
            for folder in ('rgb', 'rgb_2D_keypoints'):
                (root / folder / name / f'cam{view}').mkdir(parents=True)
        for folder in ('calib', 'xyz', 'shape'):
            (root / folder / name).mkdir(parents=True)
    layout = HanCoLayout(str(root), DEFAULT_PREFIX)
    num_views = time_steps * VIEWS
    sequence = np.arange(time_steps) // FRAMES_PER_SEQUENCE
    frame = np.arange(time_steps) % FRAMES_PER_SEQUENCE
    columns = dict(
        frame=np.repeat(np.arange(time_steps, dtype=np.int32), VIEWS),
        camera=np.tile(np.arange(VIEWS, dtype=np.int16), time_steps),
        keypoints=np.full((num_views, 21, 2), 100, np.float32),
        confidence=np.ones((num_views, 21), np.float32),
        has_camera=np.ones(num_views, bool),
        K=np.tile(np.eye(3, dtype=np.float32), (num_views, 1, 1)),
        R=np.tile(np.eye(3, dtype=np.float32), (num_views, 1, 1)),
        t=np.zeros((num_views, 3), np.float32),
        image_size=np.full((num_views, 2), IMAGE_SIZE, np.int32),
        frame_xyz=np.zeros((time_steps, 21, 3), np.float32),
        frame_fit=np.zeros((time_steps, 61), np.float32),
        frame_name=np.array([f'{n:08d}' for n in frame], np.bytes_),
        frame_sequence=sequence.astype(np.int32),
        frame_meta=np.ones((time_steps, 5), np.int32),
    )
    directory = root / '.hamuco_index'
    (directory / 'arrays').mkdir(parents=True)
    for name, column in columns.items():
        np.save(directory / 'arrays' / f'{name}.npy', column)
    manifest = dict(
        format_version=FORMAT_VERSION,
        fingerprint=layout.fingerprint(),
        files=fingerprint_of_files(layout, names, columns),
        built_at=time.time(),
        arrays='arrays',
        num_columns=len(columns),
        sequences=names,
        problems={},
    )
    (directory / f'{layout.key()}.json').write_text(json.dumps(manifest))


def build_dataset(
    root: Path, views: int = VIEWS, size: int = 256
) -> 'MultiViewDataset':
    """The training set of HanCo's config, of all sequences.

    Args:
        root (Path): Its folder.
        views (int): Of each time step.
        size (int): Side of the crops in pixels.
    """
    from mmengine.config import Config
    from mmpose.registry import DATASETS

    cfg = Config.fromfile(CONFIG).train_dataloader.dataset
    cfg.dataset.update(data_root=str(root), split='all')
    cfg.num_views = views
    for transform in cfg.dataset.pipeline:
        for part in (transform, transform.get('encoder', {})):
            if 'input_size' in part:
                part.input_size = (size, size)
    return DATASETS.build(cfg)


def measure_stages(dataset: 'MultiViewDataset', rounds: int) -> tuple[dict, dict]:
    """Milliseconds per time step of each stage, and of the whole."""
    import _timing
    import cv2
    import numpy as np

    from hamuco_mm.datasets import multiview_collate

    stages = defaultdict(list)

    def clock(name, function, *arguments):
        start = _timing.clock()
        result = function(*arguments)
        stages[name][-1] += _timing.clock() - start
        return result

    def each(transform, views):
        return [transform(view) for view in views]

    def by_stages(index):
        transforms = dataset.dataset.pipeline.transforms
        names = [type(transform).__name__ for transform in transforms]
        for name in dict.fromkeys(['data info', *names, 'collate']):
            stages[name].append(0.0)
        records = clock('data info', dataset.get_data_info, index)['views']
        packed = [dict(record, dataset=dataset.dataset) for record in records]
        for name, transform in zip(names, transforms):
            packed = clock(name, each, transform, packed)
        clock('collate', multiview_collate, packed)

    files = [
        [view['img_path'] for view in dataset.get_data_info(i)['views']]
        for i in range(len(dataset))
    ]
    matrix = cv2.getRotationMatrix2D((IMAGE_SIZE / 2,) * 2, 30, 1.8)
    contents = [[Path(path).read_bytes() for path in step] for step in files]

    def decode_and_warp(index):
        for content in contents[index]:
            image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
            cv2.warpAffine(image, matrix, (256, 256), flags=cv2.INTER_LINEAR)

    counter = iter(range(10**9))
    current = [0]

    def next_index():
        current[0] = next(counter) % len(dataset)
        return current[0]

    seconds = interleaved(
        dict(
            item_and_collate=lambda: multiview_collate([dataset[next_index()]]),
            decode_and_warp=lambda: decode_and_warp(current[0]),
            stages=lambda: by_stages(current[0]),
        ),
        rounds,
        warmup=2,
    )
    table = {name: milliseconds(times) for name, times in stages.items()}
    return seconds, table


def private_bytes(pid: int) -> int:
    """Memory that each further process of this kind would need: pages that
    this one alone has written, without pages of files such as the index."""
    total, of_file = 0, False
    for line in Path(f'/proc/{pid}/smaps').read_text().splitlines():
        fields = line.split()
        if not fields[0].endswith(':'):  # the head of a mapping
            of_file = fields[4] != '0'  # its inode
        elif fields[0] == 'Private_Dirty:' and not of_file:
            total += int(fields[1]) * 1024
    return total


class DataInfos:
    """The data infos alone, of a data set that has no images."""

    def __init__(self, dataset):
        self.dataset = dataset

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        return os.getpid(), len(self.dataset.get_data_info(index)['views'])


def measure_start_up(time_steps: int) -> dict:
    """Seconds from the cache to a usable data set, and memory per worker."""
    import numpy as np
    from torch.utils.data import DataLoader

    with tempfile.TemporaryDirectory() as folder:
        make_index(Path(folder), time_steps)
        seconds = interleaved(
            dict(start=lambda: build_dataset(Path(folder)).full_init()), 3
        )
        dataset = build_dataset(Path(folder))
        dataset.full_init()
        # 800 time steps from all over the index. A sampler of the whole set
        # would grow the main process while the worker still shares its pages.
        sampled = np.random.default_rng(0).integers(time_steps, size=800)
        loader = DataLoader(
            DataInfos(dataset),
            batch_size=50,
            num_workers=1,
            sampler=sampled.tolist(),
            collate_fn=list,
        )
        for (pid, _), *_ in loader:
            private = private_bytes(pid)
    return dict(
        time_steps=time_steps,
        seconds=round(min(seconds['start']), 3),
        worker_private_mib=round(private / 2**20, 1),
    )


def measure_workers(
    dataset: 'MultiViewDataset', workers: Iterable[int], rounds: int
) -> list[tuple[int, float]]:
    """Time steps per second through data loaders, batches of 8 time steps."""
    import _timing
    from torch.utils.data import DataLoader

    from hamuco_mm.datasets import multiview_collate

    rows = []
    for count in workers:
        loader = DataLoader(
            dataset,
            batch_size=min(8, len(dataset)),
            num_workers=count,
            shuffle=True,
            persistent_workers=count > 0,
            collate_fn=multiview_collate,
        )
        for _ in loader:
            pass
        epochs = 0
        start = time.perf_counter()
        for _ in _timing.time_box.within(range(rounds)):
            for _ in loader:
                pass
            epochs += 1
        elapsed = time.perf_counter() - start
        rows.append((count, round(epochs * len(dataset) / elapsed, 1)))
        del loader
    return rows


def main() -> None:
    args = build_parser().parse_args()
    if args.quick:
        args.time_steps, args.index_sizes, args.workers = 2, [100], [0]
    import cv2
    import torch

    prepare(args, parts=1 + len(args.workers) + len(args.index_sizes))
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    with tempfile.TemporaryDirectory() as folder:
        image_bytes = make_files(Path(folder), args.time_steps, args.jpeg_quality)
        dataset = build_dataset(Path(folder))
        seconds, stages = measure_stages(
            dataset, args.rounds or (2 if args.quick else 60)
        )
        workers = measure_workers(dataset, args.workers, 1 if args.quick else 4)
    start_up = [measure_start_up(size) for size in args.index_sizes]

    print_table(
        'milliseconds a time step of 8 views',
        ('stage', 'ms'),
        [
            *stages.items(),
            *(
                (title, milliseconds(seconds[name]))
                for title, name in (
                    ('an item and its collate, as a whole', 'item_and_collate'),
                    ('decoding by OpenCV and one warp alone', 'decode_and_warp'),
                )
            ),
        ],
    )
    print_table('workers', ('workers', 'time steps per second'), workers)
    print_table(
        'start-up from the cache', start_up[0], [row.values() for row in start_up]
    )
    last = start_up[-1]
    report(
        'data_pipeline',
        args,
        {
            'data_ms_per_time_step (target <= 10)': milliseconds(
                seconds['item_and_collate']
            ),
            'data_over_decode_and_warp (target <= 1.3)': ratio(
                seconds['item_and_collate'], seconds['decode_and_warp']
            ),
            f'index_start_up_seconds_{last["time_steps"]} (target <= 1)': last[
                'seconds'
            ],
            'worker_memory_largest_over_smallest_index (target: constant)': round(
                last['worker_private_mib'] / start_up[0]['worker_private_mib'], 3
            ),
        },
        image_bytes=image_bytes,
        stages_ms=stages,
        workers=workers,
        start_up=start_up,
    )


if __name__ == '__main__':
    main()
