# Baseline in the style of learnable triangulation (volumetric), in the demo: maps of all
# views meet in a volume of the world, trained with the 2D labels alone.
_base_ = ['./td-triangulation_res18w32_1xb8-5e_demo-96x96.py']

model = dict(head=dict(type='VolumetricTriangulationHead'))
