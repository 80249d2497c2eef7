# The paper's setting on HanCo:
#   mim train hamuco_mm configs/hamuco_hanco.py
_base_ = ['./hand_3d_keypoint/hamuco/hanco/hamuco_res50_1xb8-40e_hanco-256x256.py']
