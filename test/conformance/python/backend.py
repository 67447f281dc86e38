"""A hardware backend for Bitwright, complete: a roofline model served as bitwright.hardware.v1.

It knows nothing of Bitwright but the .proto files; docs/hardware/plug-in.md walks through it.
"""

import argparse
import contextlib
import itertools
import signal
from concurrent import futures

import grpc
from announce import Announcer
from bitwright.common.v1 import cost_pb2
from bitwright.hardware.v1 import announcement_pb2, hardware_pb2, hardware_pb2_grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from roofline import Roofline
from validation import Refusal, check_name, check_policy, invalid, read_setup

SERVICE = "bitwright.hardware.v1.HardwareService"
COLUMNS = ("latency_ms", "traffic_bytes", "bound", "compute_ms", "memory_ms", "overhead_ms")
COLUMNS += ("executed_weight_bits", "executed_activation_bits")


class Backend(hardware_pb2_grpc.HardwareServiceServicer):
    """The three rpcs. Every amount is of the whole batch, in milliseconds and bytes."""

    def __init__(self, model):
        self.model = model

    def GetCapabilities(self, request, context):
        with refusals(context):
            if request.hardware:
                check_name(request.hardware, self.model)
            return hardware_pb2.GetCapabilitiesResponse(capabilities=[self.capabilities()])

    def Tabulate(self, request, context):
        """Columns, not rows: the cells stand in the order of layers, weight bits, activation bits."""
        with refusals(context):
            batch, counted = read_setup(request, self.model)
            bits = self.model.bits
            table = cost_pb2.CostTable(
                hardware=self.model.name,
                batch=batch,
                weight_bits=bits,
                activation_bits=bits,
                counted=counted,
                provenance=cost_pb2.PROVENANCE_SIMULATED,
            )
            for layer, weight_bits, activation_bits in itertools.product(request.layers, bits, bits):
                cost = self.layer_cost(layer, weight_bits, activation_bits, batch)
                for column in COLUMNS:
                    getattr(table, column).append(getattr(cost, column))
            return hardware_pb2.TabulateResponse(table=table)

    def Evaluate(self, requests, context):
        """Answers each policy at once: a search decides by the answer what to ask next."""
        with refusals(context):
            first = next(requests, None)
            if first is None or first.WhichOneof("request") != "setup":
                raise invalid("setup", "must come first: the target and the layers")
            batch, counted = read_setup(first.setup, self.model)
            for message in requests:
                if message.WhichOneof("request") != "policy":
                    raise invalid("policy", "is required after the setup")
                check_policy(message.policy, first.setup.layers, self.model)
                yield self.feedback(first.setup.layers, message.policy, batch, counted)

    def capabilities(self):
        return hardware_pb2.HardwareCapabilities(
            name=self.model.name,
            description=self.model.description,
            version=self.model.version,
            provenance=cost_pb2.PROVENANCE_SIMULATED,
            # It does not know energy: not among the metrics, and absent in every answer, never zero.
            metrics=[hardware_pb2.HARDWARE_METRIC_LATENCY],
            weight_bits=self.model.bits,
            activation_bits=self.model.bits,
            default_batch=self.model.default_batch,
            maximum_batch=self.model.maximum_batch,
            default_counted=hardware_pb2.COUNTED_LAYERS_ALL,
            additive=True,
        )

    def layer_cost(self, layer, weight_bits, activation_bits, batch):
        time = self.model.time_ms(layer, weight_bits, activation_bits, batch)
        return cost_pb2.LayerCost(
            latency_ms=time.total,
            traffic_bytes=self.model.traffic_bytes(layer, weight_bits, activation_bits, batch),
            bound=cost_pb2.BOUND_MEMORY if time.memory > time.compute else cost_pb2.BOUND_COMPUTE,
            compute_ms=time.compute,
            memory_ms=time.memory,
            overhead_ms=time.overhead,
            executed_weight_bits=self.model.executed_bits(weight_bits),
            executed_activation_bits=self.model.executed_bits(activation_bits),
        )

    def feedback(self, layers, policy, batch, counted):
        pairs = zip(layers, policy.layers)
        costs = [self.layer_cost(layer, pair.weight_bits, pair.activation_bits, batch) for layer, pair in pairs]
        included = [cost for cost, counts in zip(costs, counted) if counts]
        latency_ms = sum(cost.latency_ms for cost in included)
        return hardware_pb2.EvaluateResponse(
            hardware=self.model.name,
            batch=batch,
            counted=counted,
            latency_ms=latency_ms,
            latency_per_image_ms=latency_ms / batch,
            traffic_bytes=sum(cost.traffic_bytes for cost in included),
            layers=costs,
        )


@contextlib.contextmanager
def refusals(context):
    """Ends the call with the status of a Refusal."""
    try:
        yield
    except Refusal as refusal:
        context.abort(refusal.code, str(refusal))


def serve(model, address, announcer=None):
    # A stream holds a thread until it ends: as many as searches and tools may open at once.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=64))
    hardware_pb2_grpc.add_HardwareServiceServicer_to_server(Backend(model), server)
    state = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(state, server)
    for service in ("", SERVICE):
        state.set(service, health_pb2.HealthCheckResponse.SERVING)
    server.add_insecure_port(address)
    server.start()

    def leave(*_):
        if announcer:
            announcer.leave()
        server.stop(grace=5)

    signal.signal(signal.SIGTERM, leave)
    if announcer:
        announcer.start()
    print(f"{model.name} serves at {address}", flush=True)
    server.wait_for_termination()


def announcer_of(model, nats_url, address):
    target = announcement_pb2.AnnouncedTarget(
        name=model.name, version=model.version, provenance=cost_pb2.PROVENANCE_SIMULATED
    )
    return Announcer(nats_url, address, model.version, [target])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A roofline model as a hardware backend for Bitwright.")
    parser.add_argument("--listen", default="127.0.0.1:7013", help="host:port")
    parser.add_argument("--nats", help="nats://host:port of a server where the backend announces itself")
    parser.add_argument("--advertise", help="host:port at which agents reach it, if not where it listens")
    arguments = parser.parse_args()
    model = Roofline()
    reached_at = arguments.advertise or arguments.listen
    serve(model, arguments.listen, announcer_of(model, arguments.nats, reached_at) if arguments.nats else None)
