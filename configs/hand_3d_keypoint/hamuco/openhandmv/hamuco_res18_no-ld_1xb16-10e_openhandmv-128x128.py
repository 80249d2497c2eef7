# Without the distillation (table 4, "- L_d").
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(loss_distill=None)
