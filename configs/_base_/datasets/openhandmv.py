# OpenHandMV, all views of a time step together. `batch_size` counts time steps.
_base_ = [
    '../dataloaders/time_steps_gpu.py',
    '../evaluators/hand_mesh.py',
    './openhandmv_sets.py',
]

train_dataloader = dict(batch_size=16, dataset=dict(dataset=_base_.train_set))
val_dataloader = dict(batch_size=16, dataset=dict(dataset=_base_.val_set))
test_dataloader = dict(batch_size=16, dataset=dict(dataset=_base_.test_set))
