# Without camera extrinsics, in training and in prediction (table 1).
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(use_extrinsics=False)
