# Without the 2D consistency loss (table 4, "- L_c2D").
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(loss_consistency_2d=None)
