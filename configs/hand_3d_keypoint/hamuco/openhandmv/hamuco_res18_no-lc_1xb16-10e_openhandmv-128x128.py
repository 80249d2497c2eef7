# Without consistency losses (table 4, "- L_c").
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(loss_consistency_2d=None, loss_consistency_fusion=None)
