# The demo's checkpoint, tested in the camera frame and in the world.
_base_ = ['./hamuco_res18w32_1xb8-5e_demo-96x96.py']

test_evaluator = [dict(type='HandMeshMetric'), dict(type='AbsoluteHandMetric')]
