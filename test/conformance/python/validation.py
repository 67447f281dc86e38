"""What a request may say: each refusal has the status that the contract asks for and names the field."""

import grpc
from bitwright.common.v1 import network_pb2
from bitwright.hardware.v1 import hardware_pb2

MAXIMUM_LAYERS = 2000
SIZES = ("in_channels", "out_channels", "kernel_height", "kernel_width", "stride", "groups")
SIZES += ("input_height", "input_width", "output_height", "output_width")


class Refusal(Exception):
    """Ends a call with a status and a message."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def invalid(field, problem):
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, f"{field}: {problem}")


def check_name(name, model):
    if name != model.name:
        raise Refusal(grpc.StatusCode.NOT_FOUND, f'there is no hardware "{name}"; there is {model.name}')


def read_setup(setup, model):
    """The batch, and one flag per layer: whether it counts in the totals."""
    check_name(setup.hardware, model)
    if not 1 <= len(setup.layers) <= MAXIMUM_LAYERS:
        raise invalid("layers", f"has {len(setup.layers)} layers; use 1 to {MAXIMUM_LAYERS}")
    for index, layer in enumerate(setup.layers):
        check_layer(layer, index)
    batch = setup.batch or model.default_batch
    if batch > model.maximum_batch:
        raise invalid("batch", f"is {batch}; use 1 to {model.maximum_batch} images")
    return batch, read_counted(setup)


def check_layer(layer, index):
    field = f"layers[{index}]"
    if layer.index != index:
        raise invalid(f"{field}.index", f"is {layer.index}; layers are numbered from 0 in order")
    if layer.kind == network_pb2.LAYER_KIND_UNSPECIFIED:
        raise invalid(f"{field}.kind", "is required")
    for size in SIZES:
        if getattr(layer, size) < 1:
            raise invalid(f"{field}.{size}", "must be at least 1")
    if layer.in_channels % layer.groups or layer.out_channels % layer.groups:
        raise invalid(f"{field}.groups", f"is {layer.groups}, which does not divide the channels")


def read_counted(setup):
    without_ends = setup.counted == hardware_pb2.COUNTED_LAYERS_WITHOUT_FIRST_AND_LAST
    last = len(setup.layers) - 1
    counted = [not without_ends or 0 < index < last for index in range(last + 1)]
    if not any(counted):
        raise invalid("counted", "leaves no layer to count; count all")
    return counted


def check_policy(policy, layers, model):
    if len(policy.layers) != len(layers):
        raise invalid("policy.layers", f"has {len(policy.layers)} entries for {len(layers)} layers")
    for index, pair in enumerate(policy.layers):
        check_bits(pair.weight_bits, f"policy.layers[{index}].weight_bits", model)
        check_bits(pair.activation_bits, f"policy.layers[{index}].activation_bits", model)


def check_bits(bits, field, model):
    """What no policy may say is invalid; what only this target cannot run is not implemented."""
    if not (1 <= bits <= 8 or bits == 32):
        raise invalid(field, f"is {bits}; use 1 to 8, or 32 for float")
    if bits not in model.bits:
        message = f"{field}: {model.name} cannot run {bits} bits; it has {', '.join(map(str, model.bits))}"
        raise Refusal(grpc.StatusCode.UNIMPLEMENTED, message)
