# Time steps of HanCo and labelled photos of FreiHAND.
_base_ = [
    '../dataloaders/time_steps_and_photos.py',
    '../evaluators/hand_mesh.py',
    './hanco_sets.py',
]

# HanCo's pipeline drops 3D labels, which are only for evaluation there
photos = dict(
    type='FreiHAND3DDataset',
    data_root='{{$FREIHAND_ROOT:data/freihand/}}',
    split='training',
    hand_model=dict(path='head'),
    pipeline=[s for s in _base_.train_pipeline if s['type'] != 'RemoveLabels'],
)
time_steps = dict(
    type='MultiViewDataset', view_order='random', dataset=_base_.train_set
)
train_dataloader = dict(
    dataset=dict(
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/freihand2d.py'),
        datasets=[time_steps, photos],
    )
)
val_dataloader = dict(dataset=dict(dataset=_base_.test_set))
test_dataloader = val_dataloader
