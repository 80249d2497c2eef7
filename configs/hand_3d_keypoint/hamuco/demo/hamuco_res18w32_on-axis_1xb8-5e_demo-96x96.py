# The demo as if every hand stood on its camera's optical axis, as in the
# paper, see "Off-axis hands" in docs/method.md.
_base_ = ['./hamuco_res18w32_1xb8-5e_demo-96x96.py']

train_pipeline = [
    step for step in _base_.train_pipeline if step['type'] != 'ViewingRayRotation'
]
val_pipeline = [
    step for step in _base_.val_pipeline if step['type'] != 'ViewingRayRotation'
]

train_dataloader = dict(dataset=dict(dataset=dict(pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(dataset=dict(pipeline=val_pipeline)))
test_dataloader = val_dataloader
