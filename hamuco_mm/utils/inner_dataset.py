"""The data set that a config tests on in the end."""

from collections.abc import Mapping
from typing import Any


def inner_dataset(cfg: Mapping[str, Any]) -> tuple[list[str], Any]:
    """The test data set that reads files, which others may wrap.

    Args:
        cfg (Mapping): A config, or its plain content.

    Returns:
        tuple: The keys that lead to it, such as ``test_dataloader``, ``dataset`` and
        ``dataset``; and its settings, empty where the config tests on nothing.
    """
    path = ['test_dataloader', 'dataset']
    dataset = cfg.get('test_dataloader', {}).get('dataset', {})
    while 'dataset' in dataset:
        path, dataset = [*path, 'dataset'], dataset['dataset']
    return path, dataset
