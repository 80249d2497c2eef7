# With neck and heads as wide and shaped as in the authors' release.
_base_ = [
    './hamuco_res18_1xb16-10e_openhandmv-128x128.py',
    '../../../_base_/models/release-neck_res18.py',
]

model = _base_.release_neck
