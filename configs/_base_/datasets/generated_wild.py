# Generated photographs, all views of a time step together.
_base_ = [
    '../dataloaders/time_steps.py',
    '../evaluators/hand_mesh.py',
    './generated_wild_sets.py',
]

train_dataloader = dict(
    num_workers=1, drop_last=True, dataset=dict(dataset=_base_.train_set)
)
val_dataloader = dict(num_workers=1, dataset=dict(dataset=_base_.val_set))
test_dataloader = val_dataloader
