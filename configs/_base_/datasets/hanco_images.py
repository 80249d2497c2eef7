# HanCo, each image by itself.
_base_ = [
    '../dataloaders/images.py',
    '../evaluators/hand_mesh.py',
    './hanco_sets.py',
]

train_dataloader = dict(dataset=_base_.train_set)
val_dataloader = dict(dataset=_base_.test_set)
test_dataloader = val_dataloader
