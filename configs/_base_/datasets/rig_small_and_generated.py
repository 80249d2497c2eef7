# Time steps of a rig, and generated hands with exact labels in 3D, which keep the
# network from forgetting other hands than the rig's. A config that goes on from here
# imports hamuco_mm.synthesis.
_base_ = ['./rig_small.py']

generated = dict(
    type='MultiViewDataset',
    # as many as small rigs have: rendering takes time
    num_views=3,
    dataset=dict(
        type='GeneratedHandDataset',
        look='wild',
        scene=dict(labels=None),
        num_time_steps=400,
        pipeline=_base_.train_pipeline,
    ),
)
# 3D labels of a rig are for evaluation alone
recorded = dict(
    type='MultiViewDataset',
    view_order='random',
    dataset=dict(
        _base_.hands, pipeline=[dict(type='RemoveLabels'), *_base_.train_pipeline]
    ),
)
train_dataloader = dict(
    sampler=dict(
        _delete_=True, type='MultiSourceSampler', batch_size=8, source_ratio=[1, 1]
    ),
    dataset=dict(
        _delete_=True,
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/freihand2d.py'),
        datasets=[recorded, generated],
    ),
)
