"""Times episodes of HAQ's linear environment as its reference makes them, in PyTorch, one after the other.

One episode: calibrate every layer on one batch, fine-tune for one epoch, validate, one network update per transition.
MobileNetV2 0.25 at 32x32 with the published strides. Prints one JSON object of seconds.

Usage: python pytorch.py <threads> <episodes>
"""

import json
import random
import sys
import time

import numpy as np
import torch
from torch import nn

SAMPLES, BATCH, CLASSES, WIDTH = 2048, 64, 10, 0.25
STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
STATE, HIDDEN, UPDATES = 10, 300, 106


class RoundStraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        return torch.round(x / scale) * scale

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


def least_divergent_cut(cumulative, points):
    """Compares cumulative histograms, as the reference does."""
    bins, best, least = len(cumulative), len(cumulative), np.inf
    for cut in range(points + 1, bins + 1):
        kept = cumulative.copy()
        kept[cut - 1 :] = 1
        places = np.linspace(0, 1, cut)
        knots = np.linspace(0, 1, points)
        coarse = kept.copy()
        coarse[:cut] = np.interp(places, knots, np.interp(knots, places, kept[:cut]))
        with np.errstate(divide="ignore", invalid="ignore"):
            divergence = np.nansum((cumulative - coarse) * np.log2(cumulative / coarse))
        if divergence < least:
            best, least = cut, divergence
    return best


def threshold(values, bits, largest=np.inf):
    magnitudes = np.abs(values.detach().numpy().ravel())
    top = min(float(magnitudes.max()), largest)
    if bits >= 5 or top == 0:
        return max(top, 1e-6)
    histogram, edges = np.histogram(magnitudes, bins="sqrt", range=(0, top))
    cumulative = np.cumsum(histogram) / max(1, histogram.sum())
    return float(edges[least_divergent_cut(cumulative, 2 ** (bits - 1))])


class Quantized:
    """Fake quantization of weights (symmetric) and inputs (half wave, learnable range) in front of a layer."""

    def prepare(self):
        self.weight_bits = self.input_bits = 8
        self.calibrating, self.first = False, False
        self.weight_range = 1.0
        self.input_range = nn.Parameter(torch.tensor(6.0))

    def quantized(self, x):
        if self.calibrating:
            self.weight_range = threshold(self.weight, self.weight_bits)
            self.input_range.data.fill_(threshold(x, self.input_bits, 6.0))
        if not self.first:
            c = self.input_range
            x = 0.5 * (x.abs() - (x - c).abs() + c)
            x = RoundStraightThrough.apply(x, c.detach() / (2**self.input_bits - 1))
        limit = self.weight_range
        scale = limit / max(1, 2 ** (self.weight_bits - 1) - 1)
        return x, RoundStraightThrough.apply(self.weight.clamp(-limit, limit), scale)


class QuantizedConvolution(Quantized, nn.Conv2d):
    def forward(self, x):
        x, weight = self.quantized(x)
        return nn.functional.conv2d(x, weight, None, self.stride, self.padding, 1, self.groups)


class QuantizedLinear(Quantized, nn.Linear):
    def forward(self, x):
        x, weight = self.quantized(x)
        return nn.functional.linear(x, weight, self.bias)


def divisible_by_eight(channels):
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def convolution(inputs, outputs, kernel, stride=1, groups=1, rectified=True):
    layer = QuantizedConvolution(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    layers = [layer, nn.BatchNorm2d(outputs)]
    return layers + [nn.ReLU6(inplace=True)] if rectified else layers


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        layers = convolution(inputs, hidden, 1) if expansion > 1 else []
        layers += convolution(hidden, hidden, 3, stride, hidden)
        self.layers = nn.Sequential(*layers, *convolution(hidden, outputs, 1, rectified=False))
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.layers(x) if self.residual else self.layers(x)


def mobilenet_v2():
    channels = divisible_by_eight(32 * WIDTH)
    layers = convolution(1, channels, 3, 2)
    for expansion, published, repeats, first in STAGES:
        outputs = divisible_by_eight(published * WIDTH)
        for repeat in range(repeats):
            layers.append(Block(channels, outputs, first if repeat == 0 else 1, expansion))
            channels = outputs
    layers += convolution(channels, 1280, 1)
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), QuantizedLinear(1280, CLASSES)]
    network = nn.Sequential(*layers)
    quantized = [module for module in network.modules() if isinstance(module, Quantized)]
    for module in quantized:
        module.prepare()
    quantized[0].first = True
    return network, quantized


class Actor(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2, self.l3 = nn.Linear(STATE, HIDDEN), nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(self, s):
        return torch.sigmoid(self.l3(torch.relu(self.l2(torch.relu(self.l1(s))))))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.s, self.a = nn.Linear(STATE, HIDDEN), nn.Linear(1, HIDDEN)
        self.l2, self.l3 = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(self, s, a):
        return self.l3(torch.relu(self.l2(torch.relu(self.s(s) + self.a(a)))))


class Agent:
    def __init__(self):
        self.actor, self.critic, self.slow_actor, self.slow_critic = Actor(), Critic(), Actor(), Critic()
        self.actor_adam = torch.optim.Adam(self.actor.parameters(), 1e-4)
        self.critic_adam = torch.optim.Adam(self.critic.parameters(), 1e-3)

    def update(self):
        s, s2, a, r = (torch.rand(BATCH, width) for width in (STATE, STATE, 1, 1))
        with torch.no_grad():
            y = r + self.slow_critic(s2, self.slow_actor(s2))
        self.critic.zero_grad()
        nn.functional.mse_loss(self.critic(s, a), y).backward()
        self.critic_adam.step()
        self.actor.zero_grad()
        (-self.critic(s, self.actor(s)).mean()).backward()
        self.actor_adam.step()
        for slow, fast in ((self.slow_actor, self.actor), (self.slow_critic, self.critic)):
            for target, source in zip(slow.parameters(), fast.parameters()):
                target.data.copy_(target.data * 0.99 + source.data * 0.01)


def calibrate(network, quantized, images):
    for module in quantized:
        module.weight_bits, module.input_bits = random.randint(2, 8), random.randint(2, 8)
        module.calibrating = True
    network.eval()
    with torch.no_grad():
        network(images[:BATCH])
    for module in quantized:
        module.calibrating = False


def finetune(network, images, labels):
    network.train()
    optimizer = torch.optim.SGD(network.parameters(), 1e-3, momentum=0.9, weight_decay=4e-5)
    for start in range(0, SAMPLES, BATCH):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images[start : start + BATCH]), labels[start : start + BATCH]).backward()
        optimizer.step()


def validate(network, images, labels):
    network.eval()
    with torch.no_grad():
        right = [
            (network(images[start : start + BATCH]).argmax(1) == labels[start : start + BATCH]).sum().item()
            for start in range(0, SAMPLES, BATCH)
        ]
    return sum(right) / SAMPLES


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    random.seed(1)
    network, quantized = mobilenet_v2()
    agent = Agent()
    images, labels = torch.randn(SAMPLES, 1, 32, 32), torch.randint(0, CLASSES, (SAMPLES,))
    initial = {name: value.clone() for name, value in network.state_dict().items()}
    steps = {
        "calibrate": lambda: calibrate(network, quantized, images),
        "finetune": lambda: finetune(network, images, labels),
        "validate": lambda: validate(network, images, labels),
        "update": lambda: [agent.update() for _ in range(UPDATES)],
    }
    parts = {name: [] for name in steps}
    for _ in range(int(sys.argv[2])):
        network.load_state_dict(initial)
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            parts[name].append(time.perf_counter() - start)
    print(json.dumps({"layers": len(quantized), "parts": parts}))


main()
