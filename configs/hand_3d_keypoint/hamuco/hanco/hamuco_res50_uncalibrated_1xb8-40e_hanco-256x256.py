# The paper's setting without camera extrinsics (table 1): views are aligned by
# Procrustes analysis, in training and in prediction.
_base_ = ['./hamuco_res50_1xb8-40e_hanco-256x256.py']

model = dict(use_extrinsics=False)
