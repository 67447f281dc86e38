"""Times training steps and evaluation of MobileNetV2 in PyTorch, eager. Usage: pytorch.py <threads> <steps> <cases>

Prints one JSON object: milliseconds (the shortest) by case.
"""

import json
import sys
import time

import torch
from torch import nn

STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]


def divisible_by_eight(channels):
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def convolution(inputs, outputs, kernel, stride=1, groups=1, rectified=True):
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return layers + [nn.ReLU6(inplace=True)] if rectified else layers


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        layers = convolution(inputs, hidden, 1) if expansion > 1 else []
        layers += convolution(hidden, hidden, 3, stride, hidden)
        layers += convolution(hidden, outputs, 1, rectified=False)
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.layers(x) if self.residual else self.layers(x)


def mobilenet_v2(width, output_stride, classes=10):
    kept = {32: 0, 16: 1, 8: 2}[output_stride]

    def stride_of(published):
        nonlocal kept
        if published == 2 and kept > 0:
            kept -= 1
            return 1
        return published

    channels = divisible_by_eight(32 * width)
    layers = convolution(3, channels, 3, stride_of(2))
    for expansion, published, repeats, first in STAGES:
        outputs = divisible_by_eight(published * width)
        for repeat in range(repeats):
            layers.append(Block(channels, outputs, stride_of(first) if repeat == 0 else 1, expansion))
            channels = outputs
    last = max(1280, divisible_by_eight(1280 * width))
    layers += convolution(channels, last, 1)
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(last, classes)]
    return nn.Sequential(*layers)


def shortest(run, steps):
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return min(times)


def measure(case, steps):
    width, size, batch, output_stride = case
    network = mobilenet_v2(width, output_stride)
    optimizer = torch.optim.SGD(network.parameters(), 0.05, momentum=0.9, weight_decay=1e-4)
    images = torch.randn(batch, 3, size, size)
    labels = torch.randint(0, 10, (batch,))
    loss = nn.CrossEntropyLoss()

    def train():
        optimizer.zero_grad()
        loss(network(images), labels).backward()
        optimizer.step()

    def evaluate():
        with torch.no_grad():
            network(images)

    training = shortest(train, steps)
    network.eval()
    return {"training": training, "evaluation": shortest(evaluate, steps)}


torch.manual_seed(1)
torch.set_num_threads(int(sys.argv[1]))
cases = json.loads(sys.argv[3])
print(json.dumps([measure(case, int(sys.argv[2])) for case in cases]))
