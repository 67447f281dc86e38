"""A runner for `bitwright hardware build-table`: times one layer on this machine and prints milliseconds.

It reads one request from standard input and needs nothing but Python. Replace `run_layer` by what starts the layer on
your board; everything else can stay.
"""

import json
import platform
import sys
import time

request = json.load(sys.stdin)

if "layers" in request:  # a whole network, asked for by check-table
    layers = request["layers"]
else:
    layers = [request]

for layer in layers:
    if layer["weightBits"] not in (4, 8) or layer["activationBits"] != 8:
        print(json.dumps({"unsupported": f"no kernel for {layer['weightBits']}/{layer['activationBits']} bits"}))
        sys.exit(0)


def run_layer(layer):
    """Stands for the board: takes time in proportion to the multiply-accumulates and to the bits of the weights."""
    total = 0
    for step in range(int(layer["macs"] * request["batch"] * layer["weightBits"] // 4096) + 1):
        total += step * 3
    return total


samples = []
for _ in range(request["samples"]):
    start = time.perf_counter()
    for layer in layers:
        run_layer(layer)
    samples.append(1000 * (time.perf_counter() - start))

print(json.dumps({"ms": samples, "device": {"python": platform.python_version()}}))
