"""Weights between a start and what was learned from it: they keep more of what the start knew.

Paper: Wortsman et al. 2022, Robust fine-tuning of zero-shot models, arXiv:2109.01903
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def trained(module: nn.Module) -> dict[str, Tensor]:
    """A copy of the parameters that are being trained, brought up to date."""
    module.state_dict()  # rows of a word embedding that wait for their updates get them
    return {
        name: parameter.detach().clone() for name, parameter in module.named_parameters() if parameter.requires_grad
    }


@contextmanager
def between(module: nn.Module, start: dict[str, Tensor], share: float) -> Iterator[None]:
    """Inside, every trained parameter stands at start + share * (learned - start); afterwards the learned ones are
    back, to the bit.
    """
    learned = trained(module)
    parameters = dict(module.named_parameters())
    with torch.no_grad():
        for name, first in start.items():
            parameters[name].copy_(torch.lerp(first, learned[name], share))
    try:
        yield
    finally:
        with torch.no_grad():
            for name, last in learned.items():
                parameters[name].copy_(last)
