# The demo as if nobody knew where its cameras stand: views are aligned by
# Procrustes analysis, in training and in prediction.
_base_ = ['./hamuco_res18w32_1xb8-5e_demo-96x96.py']

# without cameras there is no place in the world to predict
model = dict(use_extrinsics=False, absolute=None)
