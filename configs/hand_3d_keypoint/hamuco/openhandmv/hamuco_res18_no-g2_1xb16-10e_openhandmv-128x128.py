# Without the last feature map in the graph (table 4, "- G2").
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(view_neck=dict(global_channels=0))
