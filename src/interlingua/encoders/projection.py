"""A linear map between two spaces, started where the least-squares solution is, and spaces made of two."""

import numpy as np
import torch
from jaxtyping import Float32
from torch import nn


def least_squares(
    source: Float32[np.ndarray, "N H"], target: Float32[np.ndarray, "N D"], ridge: float = 1e-2
) -> nn.Linear:
    """The linear layer that carries `source` (N, H) to `target` (N, D) with the smallest squared error.

    `ridge` is the penalty on the map in units of the source's mean variance; it keeps directions that the texts hardly
    use quiet. A pretrained student then starts near its teacher's space, instead of unlearning its own to get there.
    """
    x, y = source.astype(np.float64), target.astype(np.float64)
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    x, y = x - x_mean, y - y_mean
    penalty = ridge * max(float((x**2).sum()), 1e-12) / x.shape[1]
    weight = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y)
    layer = nn.Linear(x.shape[1], y.shape[1])
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight.T))
        layer.bias.copy_(torch.from_numpy(y_mean - x_mean @ weight))
    return layer


def beside(
    teacher: Float32[np.ndarray, "N D"], own: Float32[np.ndarray, "N H"], share: float
) -> Float32[np.ndarray, "N D"]:
    """Both embeddings of N texts side by side, turned so that D coordinates hold as much of them as D can.

    `share` is the variance of `own` in units of the teacher's. Cosines are then about the mean of both encoders', so
    weighted.
    """
    scale = np.sqrt(share * teacher.var(axis=0).sum() / max(float(own.var(axis=0).sum()), 1e-12))
    both = np.concatenate([teacher, own * scale], axis=1).astype(np.float64)
    _, directions = np.linalg.eigh(both.T @ both)
    return (both @ directions[:, ::-1][:, : teacher.shape[1]]).astype(np.float32)
