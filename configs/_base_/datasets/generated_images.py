# The generated demo set, each image by itself. Such small images load faster
# than they pass from a worker process to the training, which needs the few cores of
# a small machine anyway.
_base_ = [
    '../dataloaders/images.py',
    '../evaluators/hand_mesh.py',
    './generated_hands_sets.py',
]

here = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(here, dataset=_base_.train_set)
val_dataloader = dict(here, dataset=_base_.test_set)
test_dataloader = val_dataloader
