# Without the earlier feature maps in the graph (table 4, "- G3").
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(view_neck=dict(local_channels=0))
