"""Arrays as tensors of double precision."""

import numpy as np
import torch
from numpy.typing import ArrayLike


def tensor(array: ArrayLike) -> torch.Tensor:
    return torch.tensor(np.asarray(array, np.float64))
