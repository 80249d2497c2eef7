"""The smallest model that a Runner trains."""

import torch
from mmengine.model import BaseModel


class OneWeight(BaseModel):
    """Its loss is the mean of the inputs times its one weight."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))

    def forward(self, inputs, mode='tensor'):
        return dict(loss=(self.weight * inputs).mean())
