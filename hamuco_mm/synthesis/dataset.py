"""A generated data set on disk: HanCo's layout, made in parallel."""
import hashlib
import json
import os
import os.path as osp
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from multiprocessing import get_context
from typing import Callable, Dict, List, Optional, Tuple

import cv2
import torch

from hamuco_mm.version import __version__

from .calibration import label_statistics
from .hanco_files import (FIRST_TEST_SEQUENCE, is_generated, is_written, meta,
                          remove_leftovers, remove_sequence, start_folder,
                          write_sequence, write_text, written_sequences)
from .rendering import make_renderer
from .scene import SceneConfig, SceneGenerator

RECORD = 'demo.json'


@dataclass(frozen=True)
class DatasetConfig:
    """What goes into a generated data set.

    Attributes:
        num_train_sequences (int): Numbered from 0.
        num_test_sequences (int): Numbered from 1200, as HanCo splits.
        frames (int): Frames of each sequence.
        seed (int): Seed.
        train_stream (str): Where the training sequences come from: 'train',
            or 'pretrain' for a set that shares nothing with the others.
        train_subjects (int, optional): People in training; None gives every
            sequence its own.
        test_subjects (int, optional): The same for the test.
        renderer (str): 'numpy', 'moderngl' or 'auto'.
        scene (SceneConfig): The images. Its ``num_subjects`` is not used.
    """
    num_train_sequences: int = 40
    num_test_sequences: int = 10
    frames: int = 10
    seed: int = 0
    train_stream: str = 'train'
    train_subjects: Optional[int] = None
    test_subjects: Optional[int] = None
    renderer: str = 'numpy'
    scene: SceneConfig = field(default_factory=SceneConfig)

    def __post_init__(self) -> None:
        if min(self.num_train_sequences, self.num_test_sequences) < 0 or \
                not self.num_train_sequences + self.num_test_sequences:
            raise ValueError('there must be at least one sequence')
        if self.num_train_sequences > FIRST_TEST_SEQUENCE:
            raise ValueError(f'at most {FIRST_TEST_SEQUENCE} training '
                             'sequences: test sequences are numbered from '
                             'there')
        if self.frames < 1:
            raise ValueError(f'frames must be positive, got {self.frames}')

    @property
    def fingerprint(self) -> str:
        """Changes with everything that the files depend on but the number of
        sequences, so that a data set can grow."""
        settings = asdict(self)
        del settings['num_train_sequences'], settings['num_test_sequences']
        text = json.dumps([__version__, settings], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def sequences(self) -> Dict[int, Tuple[str, int]]:
        """Number in the data set -> stream and index within it."""
        train = {i: (self.train_stream, i)
                 for i in range(self.num_train_sequences)}
        test = {FIRST_TEST_SEQUENCE + i: ('test', i)
                for i in range(self.num_test_sequences)}
        return {**train, **test}

    def generator(self, stream: str) -> SceneGenerator:
        """The generator of one stream."""
        subjects = (
            self.test_subjects if stream == 'test' else self.train_subjects)
        return SceneGenerator(self.seed, stream,
                              replace(self.scene, num_subjects=subjects),
                              make_renderer(self.renderer))


class SettingsConflict(ValueError):
    """The folder holds a data set of other settings."""


def generate_dataset(config: DatasetConfig,
                     root: str,
                     workers: int = 1,
                     overwrite: bool = False,
                     progress: Optional[Callable[[int, int], None]] = None
                     ) -> Dict:
    """Make a data set, or what is missing of it.

    The files depend on the configuration alone, not on the number of workers
    nor on how often the run was interrupted. ``demo.json`` is removed first
    and written last: where it is, the data set is complete.

    Args:
        config (DatasetConfig): What to make.
        root (str): Folder to make it in.
        workers (int): Processes.
        overwrite (bool): Replace a data set of other settings.
        progress (callable, optional): Called with the number of finished
            sequences and of all.

    Returns:
        dict: What ``demo.json`` holds: version, settings and the statistics
        of the labels.

    Raises:
        SettingsConflict: If the folder holds other sequences and
            ``overwrite`` is not set.
    """
    wanted = config.sequences()
    fingerprint = config.fingerprint
    _make_room(config, root, overwrite)
    record_path = osp.join(root, RECORD)
    missing = [
        sequence for sequence in wanted
        if not is_written(root, sequence, fingerprint)
    ]
    if not missing and osp.exists(record_path):
        with open(record_path) as file:
            record = json.load(file)
        if record['settings'] == _plain(config):
            return record
    if osp.exists(record_path):
        os.remove(record_path)
    remove_leftovers(root)
    _write_missing(config, root, missing, workers, len(wanted), progress)

    generators = {s: config.generator(s) for s, _ in wanted.values()}
    subjects = {
        sequence: generators[stream].subject_number(index)
        for sequence, (stream, index) in wanted.items()
    }
    # The same number is another person in another stream.
    if len(generators) > 1:
        offset = 1 + max(n for s, n in subjects.items()
                         if s < FIRST_TEST_SEQUENCE)
        subjects = {
            s: n + offset * (s >= FIRST_TEST_SEQUENCE)
            for s, n in subjects.items()
        }
    frames = dict.fromkeys(wanted, config.frames)
    write_text(osp.join(root, 'meta.json'), json.dumps(meta(frames, subjects)))
    record = dict(
        generator=f'hamuco_mm {__version__}',
        settings=_plain(config),
        fingerprint=fingerprint,
        statistics={
            split: label_statistics(root, sequences,
                                    config.scene.image_size)
            for split, sequences in _splits(wanted).items()
        })
    write_text(record_path, json.dumps(record, indent=2))
    remove_leftovers(root)
    return record


def _plain(config: DatasetConfig) -> Dict:
    """The configuration as JSON gives it back."""
    return json.loads(json.dumps(asdict(config)))


def _splits(wanted) -> Dict[str, List[int]]:
    splits = dict(train=[], test=[])
    for sequence in wanted:
        split = 'test' if sequence >= FIRST_TEST_SEQUENCE else 'train'
        splits[split].append(sequence)
    return {name: numbers for name, numbers in splits.items() if numbers}


def _make_room(config: DatasetConfig, root: str, overwrite: bool) -> None:
    if osp.isdir(osp.join(root, 'rgb')) and not is_generated(root):
        raise SettingsConflict(
            f'{root} holds images that were not generated by this command, '
            'and they are not overwritten: choose another folder')
    start_folder(root)
    wanted, fingerprint = config.sequences(), config.fingerprint
    others = [
        sequence for sequence in written_sequences(root)
        if sequence not in wanted
        or not is_written(root, sequence, fingerprint)
    ]
    if others and not overwrite:
        raise SettingsConflict(
            f'{root} holds {len(others)} sequences of other settings '
            f'(the first is {others[0]:04d}): choose another folder, or '
            'replace them with --overwrite')
    for sequence in others:
        remove_sequence(root, sequence)


def _write_missing(config, root, missing, workers, total, progress) -> None:
    done = total - len(missing)
    if progress:
        progress(done, total)
    if workers <= 1:
        for sequence in missing:
            _write_one(config, root, sequence)
            done += 1
            if progress:
                progress(done, total)
        return
    # Forking would copy the threads' locks of torch and OpenCV.
    with ProcessPoolExecutor(
            workers, get_context('spawn'), initializer=_one_thread) as pool:
        futures = [
            pool.submit(_write_one, config, root, sequence)
            for sequence in missing
        ]
        try:
            for future in as_completed(futures):
                future.result()
                done += 1
                if progress:
                    progress(done, total)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _one_thread() -> None:
    """Each worker has a core; threads of its own would fight for it."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)


@lru_cache(maxsize=4)
def _generator(config: DatasetConfig, stream: str) -> SceneGenerator:
    return config.generator(stream)


def _write_one(config: DatasetConfig, root: str, sequence: int) -> None:
    stream, index = config.sequences()[sequence]
    write_sequence(
        _generator(config, stream), index, config.frames, root, sequence,
        config.fingerprint)
