# Data loaders of synchronised views; a config that goes on from here names the
# data set. `batch_size` counts time steps.
train_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(type='MultiViewDataset'),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(type='MultiViewDataset', dataset=dict(test_mode=True)),
)
test_dataloader = val_dataloader
