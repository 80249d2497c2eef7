# The same for cameras that are not calibrated: views are aligned by Procrustes
# analysis, also where the data set has cameras.
_base_ = ['./hamuco_res18w32_1xb8-10e_rig-96x96.py']

# without cameras there is no place in the world to predict
model = dict(use_extrinsics=False, absolute=None)
