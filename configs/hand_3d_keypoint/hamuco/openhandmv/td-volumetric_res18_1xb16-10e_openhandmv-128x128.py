# Baseline in the style of learnable triangulation (volumetric): maps of all views meet
# in a volume of the world, trained with the 2D labels alone.
_base_ = ['./td-triangulation_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(head=dict(type='VolumetricTriangulationHead', volume_size=32))
