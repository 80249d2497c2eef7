# OpenHandMV, each image by itself; as many in a batch as in 16 time steps of 8 views.
_base_ = [
    '../dataloaders/images.py',
    '../evaluators/hand_mesh.py',
    './openhandmv_sets.py',
]

train_dataloader = dict(batch_size=128, dataset=_base_.train_set)
val_dataloader = dict(batch_size=128, dataset=_base_.val_set)
test_dataloader = dict(batch_size=128, dataset=_base_.test_set)
