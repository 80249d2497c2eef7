# The demo's single-view estimator for MMPose's own Hand3DInferencer and
# MMPoseInferencer(pose3d=...), which choose by the name 'hand3d'.
_base_ = ['./td-mano_res18w32_demo-96x96.py']

model = dict(head=dict(type='Hand3DMANOHead'))
