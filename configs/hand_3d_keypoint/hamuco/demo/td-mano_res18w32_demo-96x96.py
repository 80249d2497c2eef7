# The demo's single-view estimator alone, with no multi-view code: loads the
# demo's checkpoint and predicts single images.
_base_ = ['./hamuco_res18w32_1xb8-20e_demo-96x96.py']

model = dict(
    _delete_=True,
    type='TopdownPoseEstimator',
    data_preprocessor=_base_.model.data_preprocessor,
    backbone=_base_.model.backbone,
    head=_base_.model.head)

# one item an image; MultiViewDataset's own dataset, without its grouping
train_dataloader = dict(
    batch_size=64,
    dataset=dict(_delete_=True, **_base_.train_dataloader.dataset.dataset))
val_dataloader = dict(
    batch_size=64,
    dataset=dict(_delete_=True, **_base_.val_dataloader.dataset.dataset))
test_dataloader = val_dataloader

custom_hooks = _base_.custom_hooks[:2]
