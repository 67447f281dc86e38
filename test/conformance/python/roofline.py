"""The roofline model: a layer takes as long as its arithmetic or its traffic, whichever is longer, and a start."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeMs:
    compute: float
    memory: float
    overhead: float

    @property
    def total(self):
        return max(self.compute, self.memory) + self.overhead


@dataclass(frozen=True)
class Roofline:
    """An imaginary vector processor whose 8-bit multipliers do more products where operands have 4 bits."""

    name: str = "roofline-board"
    description: str = "a vector processor of 64 multipliers as a roofline: an example, no real device"
    version: str = "1"
    bits: tuple = (2, 4, 8)
    default_batch: int = 1
    maximum_batch: int = 64
    macs_per_ms: float = 64 * 500e3  # 64 multipliers of 8 x 8 bits at 500 MHz
    bytes_per_ms: float = 1e6  # 1 GB/s
    start_ms: float = 0.005  # of each layer

    def executed_bits(self, bits):
        """2-bit operands run on the 4-bit path."""
        return max(4, bits)

    def time_ms(self, layer, weight_bits, activation_bits, batch):
        share = self.executed_bits(weight_bits) * self.executed_bits(activation_bits) / 64
        compute = layer.macs * batch * share / self.macs_per_ms
        memory = self.traffic_bytes(layer, weight_bits, activation_bits, batch) / self.bytes_per_ms
        return TimeMs(compute, memory, self.start_ms)

    def traffic_bytes(self, layer, weight_bits, activation_bits, batch):
        """Weights once a batch, inputs once an image, at their bits; outputs at 8 bits."""
        image_bits = layer.input_elements * activation_bits + layer.output_elements * 8
        return (layer.weights * weight_bits + batch * image_bits) / 8
