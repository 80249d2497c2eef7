# The single-view estimator of hamuco_res18_openhandmv.py alone: a plain top-down
# estimator of MMPose.
_base_ = ['./hamuco_res18_openhandmv.py']

model = dict(
    _delete_=True,
    type='TopdownPoseEstimator',
    data_preprocessor=_base_.model.data_preprocessor,
    backbone=_base_.model.backbone,
    head=dict(_base_.model.head, in_channels=512),
)
