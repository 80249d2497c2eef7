# Data loaders that train on time steps and single photos together: each batch has
# 8 time steps and 32 photos. A photo is a time step with one view.
_base_ = ['./time_steps_gpu.py']

train_dataloader = dict(
    _delete_=True,
    batch_size=40,
    num_workers=8,
    persistent_workers=True,
    prefetch_factor=4,
    sampler=dict(type='MultiSourceSampler', batch_size=40, source_ratio=[8, 32]),
    collate_fn=dict(type='multiview_collate'),
)
