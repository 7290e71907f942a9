"""Between start and learned weights, and back to the bit."""

import torch

from interlingua.encoders.encoder import Encoder
from interlingua.training.interpolation import between, trained


def test_inside_between_and_afterwards_as_learned(encoder: Encoder) -> None:
    next(encoder.parameters()).requires_grad_(False)
    start = trained(encoder)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter += torch.randn_like(parameter)
    learned = {name: parameter.clone() for name, parameter in encoder.named_parameters()}
    with between(encoder, start, 0.25):
        for name, parameter in encoder.named_parameters():
            expected = 0.75 * start[name] + 0.25 * learned[name] if name in start else learned[name]
            assert torch.allclose(parameter, expected, atol=1e-6)
    assert len(start) == len(learned) - 1
    assert all(torch.equal(parameter, learned[name]) for name, parameter in encoder.named_parameters())
