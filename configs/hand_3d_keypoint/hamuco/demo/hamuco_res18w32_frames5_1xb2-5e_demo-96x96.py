# Five neighbouring time steps see each other in the interaction. A batch has as many
# images as two such windows: 80 in place of 64. What that changes is measured in
# docs/results.md.
_base_ = ['./hamuco_res18w32_1xb8-5e_demo-96x96.py']

model = dict(view_neck=dict(temporal_layer=dict(type='FrameAttention')))
windows = dict(_delete_=True, type='FrameWindowDataset', seq_len=5)
train_dataloader = dict(
    batch_size=2, dataset=dict(windows, dataset=_base_.train_dataloader.dataset)
)
val_dataloader = dict(
    batch_size=2, dataset=dict(windows, dataset=_base_.val_dataloader.dataset)
)
test_dataloader = dict(
    batch_size=2, dataset=dict(windows, dataset=_base_.test_dataloader.dataset)
)
