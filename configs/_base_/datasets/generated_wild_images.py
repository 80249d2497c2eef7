# Generated photographs, each by itself.
_base_ = [
    '../dataloaders/images.py',
    '../evaluators/hand_mesh.py',
    './generated_wild_sets.py',
]

train_dataloader = dict(num_workers=1, drop_last=True, dataset=_base_.train_set)
val_dataloader = dict(batch_size=128, num_workers=1, dataset=_base_.val_set)
test_dataloader = val_dataloader
