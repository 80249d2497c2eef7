# For data sets with 3D truth.
val_evaluator = dict(type='HandMeshMetric')
test_evaluator = val_evaluator
