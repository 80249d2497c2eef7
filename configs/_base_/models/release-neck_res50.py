# As release-neck_res18.py, for the wider maps of a ResNet-50.
_base_ = ['./release-neck_res18.py']

release_neck = dict(
    head=dict(hidden_channels=2048),
    view_neck=dict(local_channels=1792),
)
