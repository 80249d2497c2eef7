# The paper's method with a ResNet-50 (table 4).
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(backbone=dict(depth=50))
