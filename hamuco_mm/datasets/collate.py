from typing import Dict, List, Sequence

from mmengine.registry import FUNCTIONS


@FUNCTIONS.register_module()
def multiview_collate(data_batch: Sequence[dict]) -> Dict[str, List]:
    """Lay the views of several time steps one after another.

    Items of :class:`MultiViewDataset` have a list of views, items of other
    data sets one image; both may be in a batch, and the number of views may
    differ. The result is what MMPose's data preprocessors take. Which views
    belong together is in the samples' metainfo (``view_index``,
    ``num_views``), from which
    :class:`~hamuco_mm.structures.ViewGroups` recovers it.

    Args:
        data_batch (Sequence[dict]): Items with ``inputs`` (a tensor or a list
            of them) and ``data_samples`` (a sample or a list). Other keys are
            ignored: ``CombinedDataset`` adds some.

    Returns:
        dict: ``inputs`` and ``data_samples``, lists of the N views.
    """
    inputs, data_samples = [], []
    for item in data_batch:
        if isinstance(item['inputs'], list):
            inputs += item['inputs']
            data_samples += item['data_samples']
        else:
            inputs.append(item['inputs'])
            data_samples.append(item['data_samples'])
    return dict(inputs=inputs, data_samples=data_samples)
