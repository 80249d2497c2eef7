# HanCo, all views of a time step together.
_base_ = [
    '../dataloaders/time_steps_gpu.py',
    '../evaluators/hand_mesh.py',
    './hanco_sets.py',
]

train_dataloader = dict(dataset=dict(dataset=_base_.train_set))
val_dataloader = dict(dataset=dict(dataset=_base_.test_set))
test_dataloader = val_dataloader
