# The generated demo set, all views of a time step together. Such small images load faster
# than they pass from a worker process to the training, which needs the few cores of
# a small machine anyway.
_base_ = [
    '../dataloaders/time_steps.py',
    '../evaluators/hand_mesh.py',
    './generated_hands_sets.py',
]

here = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(here, dataset=dict(dataset=_base_.train_set))
val_dataloader = dict(here, dataset=dict(dataset=_base_.val_set))
test_dataloader = dict(here, dataset=dict(dataset=_base_.test_set))
